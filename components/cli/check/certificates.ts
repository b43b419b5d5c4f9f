import { X509Certificate } from "node:crypto";

import { authority } from "../../nas/connection";
import { readValues } from "../../nas/script";
import { printableName } from "../../settings/printable";
import { splitChain } from "../../certificates/givenCertificate";
import type { Remedies } from "./remedies";
import type { Finding } from "./report";
import type { AppliedScript } from "./scripts";
import type { StateResource } from "./state";

/** A server of the stack that clients reach by TLS. */
export interface TlsServer {
    /** As clients name it. */
    authority: string;
    /** Where it is asked. */
    host: string;
    port: number;
    /** What it is asked for. */
    serverName: string;
    /** What it shall show, its own certificate first. */
    chain: X509Certificate[];
    /** What clients trust, unless that is public authorities. */
    authorities: X509Certificate[];
    /** Whether the NAS's own web server shows the certificate. */
    isProxied: boolean;
    /** Engine's id of the registry's container. */
    container: string;
}

const DAY = 24 * 60 * 60 * 1000;
/** `up` renews certificates of an own authority from then on; for others it is time to order a new one. */
const WARNING_DAYS = 30;

/** The servers whose smoke tests are among the scripts of one machine. */
export function tlsServers(scripts: readonly AppliedScript[]): TlsServer[] {
    return scripts.flatMap(({ component, machine, input }) => {
        const test = readValues(input);
        if (test.scheme !== "https" || test.authority === undefined) {
            return [];
        }
        const siblings = scripts.filter((each) => each.component === component).map((each) => readValues(each.input));
        const proxied = siblings.find(({ certificate }) => certificate)?.certificate;
        const own = siblings.find(({ file_registry_certificate_pem: pem }) => pem)?.file_registry_certificate_pem;
        const isLocal = !test.address || test.address.startsWith("127.") || test.address === "::1";
        return [
            {
                authority: test.authority,
                host: isLocal ? machine.host : (test.address ?? ""),
                port: Number(test.port),
                serverName: new URL(`https://${test.authority}`).hostname.replace(/^\[|\]$/g, ""),
                chain: certificatesIn(proxied ?? own),
                authorities: certificatesIn(test.ca_certificate),
                isProxied: proxied !== undefined,
                container: test.registry_container_id ?? "",
            },
        ];
    });
}

/**
 * What is wrong with a server's certificates now, or will be soon.
 *
 * @param shown The certificate that the server shows; nothing when it could not be asked from here.
 */
export function certificateFindings(
    server: TlsServer,
    shown: X509Certificate | undefined,
    resources: readonly StateResource[],
    remedies: Remedies,
    now: Date,
): Finding[] {
    const findings: Finding[] = [];
    const [own] = server.chain;
    if (shown && own && shown.fingerprint256 !== own.fingerprint256) {
        const container = resources.find(({ id }) => id !== "" && id === server.container);
        findings.push({
            text: `${authority(server.host, server.port)} shows another certificate than the stack's: ${nameOf(shown)}, which ends on ${dateOf(shown)}`,
            remedy: server.isProxied ? remedies.reapply : remedies.container(container?.urn),
        });
    }
    for (const certificate of [...server.chain, ...server.authorities]) {
        const text = endOf(certificate, now);
        if (text) {
            findings.push({ text, remedy: renewal(certificate) });
        }
    }
    return findings;

    function renewal(certificate: X509Certificate): string {
        const made = resources.find(
            ({ outputs }) =>
                typeof outputs.certPem === "string" &&
                certificatesIn(outputs.certPem)[0]?.fingerprint256 === certificate.fingerprint256,
        );
        switch (made?.type) {
            case "tls:index/locallySignedCert:LocallySignedCert":
                return remedies.up;
            case "tls:index/selfSignedCert:SelfSignedCert":
                return `${remedies.replace(made.urn)}, and let the clients trust the new authority`;
            default:
                return `give the registry a new certificate, and ${remedies.up}`;
        }
    }
}

/** What is said of certificates without findings. */
export function certificateNote({ chain: [own] }: TlsServer): string {
    return own ? `until ${dateOf(own)}` : "";
}

function endOf(certificate: X509Certificate, now: Date): string | undefined {
    const days = Math.floor((new Date(certificate.validTo).getTime() - now.getTime()) / DAY);
    if (days < 0) {
        return `the certificate ${nameOf(certificate)} has ended on ${dateOf(certificate)}`;
    }
    return days < WARNING_DAYS
        ? `the certificate ${nameOf(certificate)} ends in ${days} days, on ${dateOf(certificate)}`
        : undefined;
}

function nameOf({ subject, serialNumber }: X509Certificate): string {
    // As its type does not say, a certificate may have no subject.
    const name = subject as string | undefined;
    return `'${name ? printableName(name) : `serial number ${serialNumber}`}'`;
}

function dateOf({ validTo }: X509Certificate): string {
    return new Date(validTo).toISOString().slice(0, 10);
}

function certificatesIn(pem = ""): X509Certificate[] {
    return splitChain(pem).map((each) => new X509Certificate(each));
}
