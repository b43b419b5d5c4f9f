import type { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import * as path from "node:path";

import { authoritiesIn, isRoot } from "../certificates/pem";
import { renderReadableScript } from "../nas/script";

/** Why a client may trust a registry; without any of these its certificate is of an authority that every machine knows. */
export interface ClientTrust {
    /** PEM of a private authority, which the client gets; intermediate ones may belong to it. */
    caCertificate?: string;
    /** It has no TLS at all: the client is told to speak HTTP with it. */
    insecure?: boolean;
    /** It is a mirror of Docker Hub. */
    ofDockerHub?: boolean;
}

/** The scripts of each kind of client, below `clients/kinds/`; they begin with what the kind is. */
const ownScripts = {
    linux: ["daemon-json.sh", "linux.sh"],
    podman: ["podman.sh"],
    containerd: ["containerd.sh"],
    k3s: ["blocks.sh", "k3s.sh"],
    buildkit: ["blocks.sh", "buildkit.sh"],
    macos: ["daemon-json.sh", "macos.sh"],
    windows: ["windows.ps1"],
};

export type ClientKind = keyof typeof ownScripts;
export const clientKinds = Object.keys(ownScripts) as ClientKind[];

/** @throws Error with one sentence, for a word that is none of them. */
export function asClientKind(given: string): ClientKind {
    const kind = clientKinds.find((each) => each === given);
    if (!kind) {
        throw new Error(`'${given}' is not allowed as the kind of client; give one of ${clientKinds.join(", ")}.`);
    }
    return kind;
}

/** For each kind of client a script that makes it trust the registry, `host:port`; with `undo` it takes back just that. */
export function renderClientSetup(registry: string, trust: ClientTrust): Record<ClientKind, string> {
    const values = trustValues(registry, trust);
    const scripts = clientKinds.map((kind) => [kind, renderClient(kind, values)]);
    return Object.fromEntries(scripts) as Record<ClientKind, string>;
}

/** A script that takes back what the setup for this kind of client has done, of whatever stack, and nothing else. */
export function renderClientUndo(registry: string, kind: ClientKind): string {
    const said = `no longer trusts ${registry}.`;
    return renderClient(kind, { registry, trust: "", ca_certificate: "", hub_certificate: "", authorities: "", said });
}

function renderClient(client: ClientKind, values: Record<keyof ReturnType<typeof trustValues>, string>): string {
    if (client === "windows") {
        const { registry, trust, ca_certificate: caCertificate, said } = values;
        const assignments = Object.entries({ registry, trust, caCertificate, said });
        const script = readFileSync(path.join(__dirname, "kinds", "windows.ps1"), "utf8");
        return [...assignments.map(([name, value]) => `$${name} = ${powerShellQuote(value)}\n`), script].join("");
    }
    const files = ["lib.sh", ...ownScripts[client], "main.sh"];
    return renderReadableScript({ client, ...values }, ...files.map((file) => `clients/kinds/${file}`));
}

/** A PowerShell string that is exactly `text`: a doubled quote is one of its own; typographic ones are quotes, too. */
export function powerShellQuote(text: string): string {
    return `'${text.replace(/['\u2018-\u201b]/g, "$&$&")}'`;
}

/** Of what an engine pulls by the mirror's own name; as a mirror it needs no setup without TLS. */
const NO_MIRROR =
    " Take this back before you put it among an engine's registry-mirrors: Docker Engine 28 and newer would not check Docker Hub's certificate either.";

/** What the scripts below `clients/kinds/` read. */
export function trustValues(
    registry: string,
    { caCertificate = "", insecure = false, ofDockerHub = false }: ClientTrust,
) {
    const trust = insecure ? "insecure" : caCertificate ? "authority" : "public";
    const authorities = insecure ? [] : authoritiesIn(caCertificate);
    // What a person compares: of every certificate that is trusted.
    const fingerprints = authorities.map(({ fingerprint256 }) => fingerprint256).join(", ");
    const ofOne = `authority has the SHA-256 fingerprint ${fingerprints}`;
    const ofSeveral = `authorities have the SHA-256 fingerprints ${fingerprints}`;
    const said = {
        authority: `now trusts ${registry}, whose certificate ${authorities.length === 1 ? ofOne : ofSeveral}.`,
        insecure: `now uses ${registry} WITHOUT TLS: whoever is on the way can read and change what is pulled and pushed.${ofDockerHub ? NO_MIRROR : ""}`,
        public: `needs nothing: the certificate of ${registry} is from an authority that every machine knows.`,
    };
    const kindOf = (each: X509Certificate) => (isRoot(each) ? "root" : "intermediate");
    return {
        ...{ registry, trust, said: said[trust] },
        ca_certificate: authorities.join(""),
        hub_certificate: ofDockerHub ? authorities.join("") : "",
        authorities: authorities.map((each) => `${kindOf(each)} ${each.fingerprint256}`).join("\n"),
    };
}
