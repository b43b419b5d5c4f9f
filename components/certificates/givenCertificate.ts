import { createPrivateKey, type X509Certificate } from "node:crypto";
import { isIP } from "node:net";

import { printable, printableName } from "../settings/printable";
import { certificatesIn, daysLeft, subjectOf, WARNING_DAYS } from "./pem";

/** A server certificate that the user brings, PEM. */
export interface GivenCertificate {
    /** The server certificate first, then its intermediates in the order in which each signs the one before. */
    certificate: string;
    /** Private key of the first certificate. */
    privateKey: string;
    /** Certificate of a private authority that clients trust; without it they trust public authorities. */
    caCertificate?: string;
}

/**
 * Checks a certificate before it goes anywhere. A sentence names a certificate by its subject, and never holds anything of a
 * key.
 *
 * @param names Names and addresses by which clients reach the server; each must be in the certificate.
 * @returns With an error it cannot be used, with a warning not for long.
 */
export function certificateProblems(given: GivenCertificate, names: string[], now: Date) {
    const chain = readable(given.certificate);
    const authorities = readable(given.caCertificate ?? "");
    const [server] = chain;
    const errors: string[] = [];
    if (!server) {
        errors.push("certificate: there is no certificate in it that can be read; it must be PEM, the server's first.");
    }
    if (given.caCertificate !== undefined && authorities.length === 0) {
        errors.push("caCertificate: there is no certificate in it that can be read; it must be PEM.");
    }
    if (!server || errors.length > 0) {
        return { errors, warnings: [] };
    }
    const named = (property: string) => (each: X509Certificate) => ({ each, name: `${property}: ${subjectOf(each)}` });
    const all = [...chain.map(named("certificate")), ...authorities.map(named("caCertificate"))];
    errors.push(
        ...keyProblems(given.privateKey, server),
        ...nameProblems(server, names),
        ...chainProblems(chain, authorities),
        ...all.filter(({ each }) => each !== server && !each.ca).map(({ name }) => `${name} is no authority.`),
        ...all.flatMap(({ each, name }) => timeProblems(each, name, now)),
    );
    const ending = all.filter(({ each }) => daysLeft(each, now) >= 0 && daysLeft(each, now) < WARNING_DAYS);
    const warnings = ending.map(
        ({ each, name }) => `${name} ends in ${daysLeft(each, now)} days, on ${timeOf(each.validTo)}; renew it.`,
    );
    return { errors, warnings };
}

/** Empty when a part of it cannot be read. */
function readable(pem: string): X509Certificate[] {
    try {
        return certificatesIn(pem);
    } catch {
        return [];
    }
}

function keyProblems(privateKey: string, server: X509Certificate): string[] {
    try {
        return server.checkPrivateKey(createPrivateKey(privateKey))
            ? []
            : [
                  `privateKey: it is not the key of the first certificate, ${subjectOf(server)}; give that certificate's key, or put the server's certificate first.`,
              ];
    } catch {
        // The error of the parser may quote what it was given.
        return ["privateKey: it cannot be read; it must be PEM, and not encrypted with a passphrase."];
    }
}

function nameProblems(server: X509Certificate, names: string[]): string[] {
    // A common name counts for nothing with today's clients.
    const isIn = (name: string) => (isIP(name) ? server.checkIP(name) : server.checkHost(name, { subject: "never" }));
    const has = printable(server.subjectAltName ?? "none");
    return names
        .filter((name) => isIn(name) === undefined)
        .map((name) => `certificate: it is not for '${name}'; the names in it are ${has}.`);
}

function chainProblems(chain: X509Certificate[], authorities: X509Certificate[]): string[] {
    const broken = chain.flatMap((signed, index) => {
        const issuer = chain[index + 1];
        return !issuer || isIssuedBy(signed, issuer)
            ? []
            : [
                  `certificate: ${subjectOf(signed)} is not signed by ${subjectOf(issuer)}, which follows it; each certificate must be signed by the next, the server's first.`,
              ];
    });
    const end = chain.slice(-1).flatMap((last) => endProblem(last, chain.length, authorities) ?? []);
    return broken.length > 0 ? broken : end;
}

/** @param last The end of a chain of so many certificates. */
function endProblem(last: X509Certificate, length: number, authorities: X509Certificate[]): string | undefined {
    if (authorities.length === 0) {
        // Public authorities sign servers through an intermediate, and clients have only the authority itself.
        return length > 1 || isIssuedBy(last, last)
            ? undefined
            : `certificate: it ends with ${subjectOf(last)}, whose issuer '${printableName(last.issuer)}' is missing; give the full chain (fullchain.pem), or caCertificate when the issuer is an authority of your own.`;
    }
    // One that signs itself is among them, or another one with its name and key is.
    if (authorities.some((authority) => isIssuedBy(last, authority))) {
        return undefined;
    }
    return isIssuedBy(last, last)
        ? `certificate: its chain ends with ${subjectOf(last)}, which is not in caCertificate.`
        : `certificate: ${subjectOf(last)} is not signed by ${authorities.map(subjectOf).join(" or ")} of caCertificate; add the intermediate certificates, or give the authority's own.`;
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function timeProblems({ validFrom, validTo }: X509Certificate, name: string, now: Date): string[] {
    if (now < new Date(validFrom)) {
        return [`${name} is not valid before ${timeOf(validFrom)}.`];
    }
    return now > new Date(validTo) ? [`${name} has expired on ${timeOf(validTo)}; renew it.`] : [];
}

function timeOf(date: string): string {
    return new Date(date).toISOString();
}
