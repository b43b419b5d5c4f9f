import type { X509Certificate } from "node:crypto";

import { renderScript } from "../nas/script";
import { authoritiesIn, isRoot } from "../certificates/pem";
import { renderPowerShell } from "./powerShell";

/** Why a client may trust a registry; without any of these its certificate is of an authority that every machine knows. */
export interface ClientTrust {
    /** PEM of a private authority, which the client gets; intermediate ones may belong to it. */
    caCertificate?: string;
    /** It has no TLS at all: the client is told to speak HTTP with it. */
    insecure?: boolean;
}

/** Each kind of client: the scripts below `clients/kinds/` that are its own. */
const ownScripts = {
    /** Docker Engine on Linux. */
    linux: ["daemon-json.sh", "linux.sh"],
    /** Podman, Buildah, Skopeo. */
    podman: ["podman.sh"],
    /** containerd, nerdctl. */
    containerd: ["containerd.sh"],
    k3s: ["blocks.sh", "k3s.sh"],
    /** BuildKit outside of the Docker Engine. */
    buildkit: ["blocks.sh", "buildkit.sh"],
    /** Docker Desktop on a Mac. */
    macos: ["daemon-json.sh", "macos.sh"],
    /** Docker Desktop on Windows. */
    windows: ["windows.ps1"],
} as const;

export type ClientKind = keyof typeof ownScripts;
export const clientKinds = Object.keys(ownScripts) as ClientKind[];

/**
 * A script for each kind of client, which makes a machine trust the registry; with the argument `undo` it takes back what
 * it has set up, and nothing else.
 *
 * @param registry `host:port`, as in an image's name.
 */
export function renderClientSetup(registry: string, trust: ClientTrust): Record<ClientKind, string> {
    const values = trustValues(registry, trust);
    const scripts = clientKinds.map((kind) => [kind, renderClient(kind, values)]);
    return Object.fromEntries(scripts) as Record<ClientKind, string>;
}

/** A script that takes back what the setup for this kind of client has done, of whatever stack, and nothing else. */
export function renderClientUndo(registry: string, kind: ClientKind): string {
    return renderClient(kind, { registry, trust: "", ca_certificate: "", authorities: "", shown: "" });
}

type TrustValues = Record<keyof ReturnType<typeof trustValues>, string>;

function renderClient(client: ClientKind, values: TrustValues): string {
    const path = (file: string) => `clients/kinds/${file}`;
    if (client === "windows") {
        const { registry, trust, ca_certificate: caCertificate, shown } = values;
        return renderPowerShell({ registry, trust, caCertificate, shown }, ...ownScripts[client].map(path));
    }
    return renderScript({ client, ...values }, ...["lib.sh", ...ownScripts[client], "main.sh"].map(path));
}

/** What the shell scripts below `clients/kinds/` read. */
export function trustValues(registry: string, { caCertificate = "", insecure = false }: ClientTrust) {
    const authorities = insecure ? [] : authoritiesIn(caCertificate);
    return {
        registry,
        trust: insecure ? "insecure" : caCertificate ? "authority" : "public",
        ca_certificate: authorities.join(""),
        authorities: authorities
            .map((each) => `${isRoot(each) ? "root" : "intermediate"} ${each.fingerprint256}`)
            .join("\n"),
        shown: shownOf(authorities),
    };
}

/** What a person compares: of every certificate that is trusted. */
function shownOf(authorities: X509Certificate[]): string {
    const fingerprints = authorities.map(({ fingerprint256 }) => fingerprint256).join(", ");
    return authorities.length === 1
        ? `certificate authority has the SHA-256 fingerprint ${fingerprints}`
        : `certificate authorities have the SHA-256 fingerprints ${fingerprints}`;
}
