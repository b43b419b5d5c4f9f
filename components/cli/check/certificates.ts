import type { X509Certificate } from "node:crypto";

import { certificatesIn, daysLeft, subjectOf, WARNING_DAYS } from "../../certificates/pem";
import { authority } from "../../nas/connection";
import type { Finding } from "./report";
import type { Stack } from "./stack";

/** The server of a component (a URN) as clients reach it, on the NAS of that host; undefined without TLS. */
export function tlsServer(stack: Stack, component: string, nas: string) {
    const { url = "", registry = "", certificate = "", caCertificate = "" } = stack.outputs(component);
    if (!url.startsWith("https:")) {
        return undefined;
    }
    const { hostname, port } = new URL(url);
    const bindAddress = stack.bindAddress(component);
    const chain = certificatesIn(certificate);
    return {
        component,
        authority: registry,
        // Where it is asked, and for whom.
        host: /^(127\..*|0\.0\.0\.0|::1?)?$/.test(bindAddress) ? nas : bindAddress,
        port: Number(port || 443),
        serverName: hostname.replace(/^\[|\]$/g, ""),
        // What it shall show, its own certificate first; and what clients trust, unless that is public authorities.
        chain,
        authorities: certificatesIn(caCertificate),
        note: chain[0] ? `until ${endOf(chain[0])}` : "",
        // A registry itself always has its port in its name.
        isProxied: !/:\d+$/.test(registry),
    };
}

type TlsServer = NonNullable<ReturnType<typeof tlsServer>>;

/** What is wrong with a server's certificates now, or will be soon; `shown` is missing where it could not be asked. */
export function certificateFindings(server: TlsServer, shown: X509Certificate | undefined, stack: Stack): Finding[] {
    const { component, chain, authorities } = server;
    const { remedies } = stack;
    const isOther = shown && chain[0] && shown.fingerprint256 !== chain[0].fingerprint256;
    const other = isOther && {
        text: `${authority(server.host, server.port)} shows another certificate than the stack's: ${subjectOf(shown)}, which ends on ${endOf(shown)}`,
        remedy: server.isProxied ? remedies.reapply(component) : remedies.container(component),
    };
    const ends = [...chain, ...authorities].flatMap((each) => {
        const days = daysLeft(each, remedies.now);
        const when = days < 0 ? "has ended on" : `ends in ${days} days, on`;
        const text = `the certificate ${subjectOf(each)} ${when} ${endOf(each)}`;
        return days < WARNING_DAYS ? { text, remedy: renewal(each, stack) } : [];
    });
    return [...(other ? [other] : []), ...ends];
}

/** Of a certificate that a resource of the stack has made, or that was given. */
function renewal({ fingerprint256 }: X509Certificate, { resources, remedies }: Stack): string {
    const made = resources.find(({ outputs: { certPem } }) =>
        certificatesIn(String(certPem)).some((each) => each.fingerprint256 === fingerprint256),
    );
    if (made?.type === "tls:index/selfSignedCert:SelfSignedCert") {
        return `${remedies.replace(made.urn)}, and let the clients trust the new authority`;
    }
    return made ? remedies.up : `give the registry a new certificate, and ${remedies.up}`;
}

function endOf({ validTo }: X509Certificate): string {
    return new Date(validTo).toISOString().slice(0, 10);
}
