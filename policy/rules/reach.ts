import { ofExposures } from "../exposure";
import { type Inputs, listOf, rule } from "../rule";

interface Port {
    internal?: number;
    ip?: string | null;
}

/** Networks in which nobody outside reaches a container but through a published port. */
const BRIDGED = ["", "default", "bridge"];

/** Whether other machines reach what listens on an address in a container. */
function isReached(address: string, container: Inputs): boolean {
    const [, host = "", port] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
    if (isLoopback(host) || container.networkMode === "none") {
        return false;
    }
    if (!BRIDGED.includes((container.networkMode ?? "") as string)) {
        return true;
    }
    const isPublished = ({ internal, ip }: Port) =>
        (port === undefined || internal === Number(port)) && !isLoopback(ip);
    return container.publishAllPorts === true || listOf<Port>(container.ports).some(isPublished);
}

function isLoopback(host: string | null | undefined): boolean {
    return typeof host === "string" && /^(127(\.\d+){3}|::1|localhost)$/.test(host);
}

const WEAK_TLS = ["tls1.0", "tls1.1"];

export const tlsOn = rule(
    "registry-tls",
    "Other machines reach a registry through TLS 1.2 or newer only, its own or that of the NAS's web server.",
    ofExposures(({ tls, listens }, container) => {
        if (tls === "none" && isReached(listens, container)) {
            return [
                `Other machines reach the registry on ${listens}, and its configuration has no http.tls, so that passwords would be sent in the clear; set tls, or let nothing but the NAS reach the registry, on 127.0.0.1.`,
            ];
        }
        return WEAK_TLS.includes(tls)
            ? [`The registry's configuration has http.tls.minimumtls ${tls}; set tls1.2 or tls1.3.`]
            : [];
    }),
);

export const debugKept = rule(
    "registry-reach",
    "Other machines reach a registry's debug port only for metrics.",
    ofExposures(({ debug, metrics }, container) =>
        debug !== undefined && metrics !== "true" && isReached(debug, container)
            ? [
                  `Other machines reach the registry's debug port on ${debug}, which shows how it works inside, and no metrics were asked for; remove http.debug.`,
              ]
            : [],
    ),
);
