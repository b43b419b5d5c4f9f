import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import * as tls from "node:tls";

import { printable, printableName } from "../settings/printable";
import { isRoot } from "./pem";

const TIMEOUT_SECONDS = 10;
const NOT_TLS = ["ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG"];

/**
 * The certificates that a TLS server shows, its own first; for the eye or a file, so none of them is verified. It is asked for
 * `serverName`, when it is reached by another one. @throws Error with one sentence when it does not answer, or not with TLS.
 */
export function fetchChain(host: string, port: number, serverName = host): Promise<X509Certificate[]> {
    return new Promise((resolve, reject) => {
        const fail = (reason: string) => {
            socket.destroy();
            reject(new Error(`${host}:${port} ${reason}`));
        };
        const socket = tls.connect(
            // Nothing is sent but the greeting, and what comes back is only shown: that is what the chain is asked for.
            { host, port, rejectUnauthorized: false, ...(isIP(serverName) === 0 && { servername: serverName }) },
            () => {
                resolve(chainFrom(socket.getPeerX509Certificate()));
                socket.destroy();
            },
        );
        socket.setTimeout(TIMEOUT_SECONDS * 1000, () => fail(`did not answer within ${TIMEOUT_SECONDS} s.`));
        socket.on("error", ({ code = "", message }: NodeJS.ErrnoException) =>
            fail(
                NOT_TLS.includes(code)
                    ? "answers, but not with TLS: the registry there has none."
                    : `cannot be reached: ${printable(message)}.`,
            ),
        );
    });
}

function chainFrom(first: X509Certificate | undefined): X509Certificate[] {
    return first ? [first, ...chainFrom(first.issuerCertificate)] : [];
}

/** For people: each certificate's particulars and PEM, and which of them clients must trust. */
export function describeChain(chain: readonly X509Certificate[]): string {
    const certificates = chain.flatMap((each, index) => [
        `Certificate ${index + 1} of ${chain.length}`,
        `  Subject:  ${printableName(each.subject)}`,
        `  Issuer:   ${printableName(each.issuer)}`,
        `  Valid:    ${each.validFrom} to ${each.validTo}`,
        ...(each.subjectAltName ? [`  Names:    ${printable(each.subjectAltName)}`] : []),
        `  SHA-256:  ${each.fingerprint256}`,
        each.toString(),
    ]);
    return `${[...certificates, advice(chain.at(-1), chain.length)].join("\n")}\n`;
}

function advice(last: X509Certificate | undefined, length: number): string {
    if (!last) {
        return "The server showed no certificate.";
    }
    return isRoot(last)
        ? `Certificate ${length} is the authority: compare its SHA-256 fingerprint with what its owner says before any client trusts it.`
        : `The server does not show the authority '${printableName(last.issuer)}' itself: get its certificate from its owner.`;
}
