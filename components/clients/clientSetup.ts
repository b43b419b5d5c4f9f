import type { X509Certificate } from "node:crypto";

import { renderScript } from "../nas/script";
import { authoritiesIn, isRoot } from "../certificates/pem";
import { renderPowerShell } from "./powerShell";

/** Why a client may trust the registry. */
export type ClientTrust =
    /** Its certificate is of a private authority, whose certificates (PEM) the client gets: one, or intermediate ones, too. */
    | { kind: "authority"; caCertificate: string }
    /** Its certificate is from an authority that every machine knows. */
    | { kind: "public" }
    /** It has no TLS at all: the client is told to speak HTTP with it. */
    | { kind: "insecure" };

/** Each kind of client: the scripts below `clients/kinds/` that its own one needs. */
const clientScripts = {
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
} as const;

type ShellKind = keyof typeof clientScripts;
export type ClientKind = ShellKind | "windows";
export const clientKinds = [...Object.keys(clientScripts), "windows"] as ClientKind[];

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
    if (client === "windows") {
        const { registry, trust, ca_certificate: caCertificate, shown } = values;
        return renderPowerShell({ registry, trust, caCertificate, shown }, "clients/kinds/windows.ps1");
    }
    const files = ["lib.sh", ...clientScripts[client], "main.sh"];
    return renderScript({ client, ...values }, ...files.map((file) => `clients/kinds/${file}`));
}

/** What the shell scripts below `clients/kinds/` read. */
export function trustValues(registry: string, trust: ClientTrust) {
    const authorities = trust.kind === "authority" ? authoritiesIn(trust.caCertificate) : [];
    return {
        registry,
        trust: trust.kind,
        ca_certificate: authorities.join(""),
        authorities: authorities
            .map((each) => `${isRoot(each) ? "root" : "intermediate"} ${each.fingerprint256}`)
            .join("\n"),
        shown: shownOf(authorities),
    };
}

/** What a person compares: of every certificate that is trusted. */
function shownOf(authorities: X509Certificate[]): string {
    const fingerprints = authorities.map((each) => each.fingerprint256);
    return fingerprints.length === 1
        ? `certificate authority has the SHA-256 fingerprint ${fingerprints[0]}`
        : `certificate authorities have the SHA-256 fingerprints ${fingerprints.join(", ")}`;
}

/** Why clients may trust a registry; an empty certificate means that its authority is a public one. */
export function trustOf({ insecure, caCertificate }: { insecure: boolean; caCertificate: string }): ClientTrust {
    if (insecure) {
        return { kind: "insecure" };
    }
    return caCertificate ? { kind: "authority", caCertificate } : { kind: "public" };
}
