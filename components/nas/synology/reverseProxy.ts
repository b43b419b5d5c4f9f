import { isIP } from "node:net";

import { splitChain } from "../../certificates/pem";
import { shortHash, type ScriptValues } from "../script";
import { SYNOWEBAPI } from "./synology";

/** Port of DSM's web server, which nothing else on the NAS can have. */
export const FRONT_PORT = 443;
/** Seconds; the last request of a push can be silent for long while the NAS moves gigabytes, and DSM gives up after 60. */
const PROXY_TIMEOUT = 3600;
/** Seconds that DSM's web server has to show a new certificate. */
const ATTEMPTS = 90;

/** Below `components/`. */
export const REVERSE_PROXY_SCRIPTS = ["nas/synology/dsm.sh", "nas/synology/reverseProxy.sh"];

/** DSM's web server in front of a registry: `https://hostName` on port 443, with a certificate that is imported for it. */
export interface ReverseProxy {
    /** Says whose rule and certificate these are; no other stack on the NAS has it. */
    label: string;
    /** DNS name by which clients reach the registry. */
    hostName: string;
    /** TCP port on 127.0.0.1 of the NAS. */
    port: number;
    /** PEM, the server certificate first; intermediates may follow. */
    certificate: string;
    /** PEM. */
    privateKey: string;
    /** PEM of a private authority; DSM gets it as the chain of a certificate that has none. */
    caCertificate?: string | undefined;
}

/** Says why DSM's reverse proxy cannot serve under a name; undefined when it can. */
export function reverseProxyProblem(hostName: string): string | undefined {
    // Clients send no server name for an address, so that DSM would answer with its own page and certificate.
    return isIP(hostName) === 0
        ? undefined
        : `hostName: "${hostName}" is not allowed behind DSM's reverse proxy; it must be a DNS name that leads to the NAS and is not DSM's own.`;
}

/** Says why no registry can have this port behind DSM's reverse proxy; undefined when it can. */
export function behindProxyProblem(port: number | undefined): string | undefined {
    return port === FRONT_PORT
        ? `port: ${FRONT_PORT} is not allowed with tls reverse-proxy, since DSM's web server has it; give another one.`
        : undefined;
}

/** Says why no DSM imports a certificate with a key of this kind; undefined when one does. The probe knows which one it has. */
export function importProblem(keyKind: string | undefined): string | undefined {
    return keyKind === undefined || ["rsa", "ec"].includes(keyKind)
        ? undefined
        : `certificate.privateKey: a key of the kind ${keyKind} is not allowed with tls reverse-proxy; DSM imports certificates with RSA keys, and from DSM 7 on with ECDSA keys.`;
}

/** A rule as DSM's API takes it, without the UUID that DSM gives it; times are in seconds. */
export function reverseProxyRule(description: string, hostName: string, port: number) {
    return {
        description,
        proxy_connect_timeout: 60,
        proxy_read_timeout: PROXY_TIMEOUT,
        proxy_send_timeout: PROXY_TIMEOUT,
        proxy_http_version: 1,
        // Or clients would get DSM's pages in place of the registry's errors.
        proxy_intercept_errors: false,
        // protocol: 0 is http, 1 is https.
        frontend: { fqdn: hostName, port: FRONT_PORT, protocol: 1, acl: null, https: { hsts: false } },
        backend: { fqdn: "127.0.0.1", port, protocol: 0 },
        customize_headers: [],
    };
}

/** What the script is told: the rule, the certificate, and what to do by hand when DSM's API does not do it. */
export function reverseProxyValues(args: ReverseProxy, firmware: string): ScriptValues {
    const { hostName, port, privateKey } = args;
    const description = `nas-registry ${args.label}`;
    const [certificate = args.certificate, ...intermediates] = splitChain(args.certificate);
    const chain = intermediates.join("") || (args.caCertificate ?? "");
    const fingerprint = shortHash(certificate + chain);
    const imported = `${description} ${fingerprint}`;
    const directory = `/root/nas-registry-${shortHash(description)}`;
    const rule = reverseProxyRule(description, hostName, port);
    const menu = firmware.startsWith("DSM 6.")
        ? "Control Panel > Application Portal > Reverse Proxy"
        : "Control Panel > Login Portal > Advanced > Reverse Proxy";
    return {
        synowebapi: SYNOWEBAPI,
        description,
        fingerprint,
        host_name: hostName,
        rule: JSON.stringify(rule),
        certificate,
        chain,
        private_key: privateKey,
        front: `127.0.0.1:${FRONT_PORT}`,
        attempts: ATTEMPTS,
        steps_directory: directory,
        apply_steps: numbered(
            `As root, copy private-key.pem, certificate.pem${chain && " and chain.pem"} from ${directory} on the NAS to your machine; 'up' removes them there.`,
            `Control Panel > Security > Certificate > Add > Add a new certificate, description '${imported}' > Import certificate: these files${chain && ", chain.pem as the intermediate certificate"}.`,
            `${menu} > Create: description '${description}'; source HTTPS, hostname ${hostName}, port ${FRONT_PORT}; destination HTTP, hostname ${rule.backend.fqdn}, port ${port}.`,
            `In the same window, Advanced Settings: proxy connection timeout ${rule.proxy_connect_timeout}, proxy send timeout ${rule.proxy_send_timeout}, proxy read timeout ${rule.proxy_read_timeout}.`,
            `Control Panel > Security > Certificate > Settings (Configure before DSM 7): for ${hostName} choose the certificate '${imported}'.`,
        ),
        revert_steps: numbered(
            `${menu}: delete the rule '${description}'.`,
            `Control Panel > Security > Certificate: delete the certificate '${imported}'.`,
        ),
    };
}

function numbered(...steps: string[]): string {
    return steps.map((step, index) => `  ${index + 1}. ${step}`).join("\n");
}
