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

/** What is wrong with a certificate: with an error it cannot be used, with a warning not for long. */
export interface CertificateFindings {
    errors: string[];
    warnings: string[];
}

/**
 * Checks a certificate before it goes anywhere. A sentence names a certificate by its subject, and never holds anything of a
 * key.
 *
 * @param names Names and addresses by which clients reach the server; each must be in the certificate.
 * @param warningDays An end nearer than this many days is a warning.
 */
export function certificateProblems(
    { certificate, privateKey, caCertificate }: GivenCertificate,
    names: string[],
    now: Date,
    warningDays = WARNING_DAYS,
): CertificateFindings {
    const chain = readable(certificate);
    const authorities = readable(caCertificate ?? "");
    const [server] = chain;
    const unreadable = [
        ...(server
            ? []
            : ["certificate: there is no certificate in it that can be read; it must be PEM, the server's first."]),
        ...(caCertificate === undefined || authorities.length > 0
            ? []
            : ["caCertificate: there is no certificate in it that can be read; it must be PEM."]),
    ];
    if (!server || unreadable.length > 0) {
        return { errors: unreadable, warnings: [] };
    }
    const others = [...chain.slice(1).map(of("certificate")), ...authorities.map(of("caCertificate"))];
    const all = [of("certificate")(server), ...others];
    return {
        errors: [
            ...keyProblems(privateKey, server),
            ...nameProblems(server, names),
            ...chainProblems(chain, authorities),
            ...others.filter(({ each }) => !each.ca).map(({ name }) => `${name} is no authority.`),
            ...all.flatMap(({ each, name }) => timeProblems(each, name, now)),
        ],
        warnings: all
            .map(({ each, name }) => ({ days: daysLeft(each, now), name, end: timeOf(each.validTo) }))
            .filter(({ days }) => days >= 0 && days < warningDays)
            .map(({ days, name, end }) => `${name} ends in ${days} days, on ${end}; renew it.`),
    };
}

/** Empty when a part of it cannot be read. */
function readable(pem: string): X509Certificate[] {
    try {
        return certificatesIn(pem);
    } catch {
        return [];
    }
}

/** A certificate with what it is called in a sentence. */
function of(property: string) {
    return (each: X509Certificate) => ({ each, name: `${property}: ${subjectOf(each)}` });
}

function timeOf(date: string): string {
    return new Date(date).toISOString();
}

function keyProblems(privateKey: string, server: X509Certificate): string[] {
    try {
        if (server.checkPrivateKey(createPrivateKey(privateKey))) {
            return [];
        }
    } catch {
        // The error of the parser may quote what it was given.
        return ["privateKey: it cannot be read; it must be PEM, and not encrypted with a passphrase."];
    }
    return [
        `privateKey: it is not the key of the first certificate, ${subjectOf(server)}; give that certificate's key, or put the server's certificate first.`,
    ];
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
    const last = chain.at(-1);
    return broken.length > 0 || !last ? broken : endProblems(last, chain.length, authorities);
}

/** @param last The end of a chain of so many certificates. */
function endProblems(last: X509Certificate, length: number, authorities: X509Certificate[]): string[] {
    const hasPublic = authorities.length === 0;
    if (isIssuedBy(last, last)) {
        return hasPublic || authorities.some(({ fingerprint256 }) => fingerprint256 === last.fingerprint256)
            ? []
            : [`certificate: its chain ends with ${subjectOf(last)}, which is not in caCertificate.`];
    }
    // Public authorities sign servers through an intermediate, and clients have only the authority itself.
    if (hasPublic ? length > 1 : authorities.some((authority) => isIssuedBy(last, authority))) {
        return [];
    }
    return [
        hasPublic
            ? `certificate: it ends with ${subjectOf(last)}, whose issuer '${printableName(last.issuer)}' is missing; give the full chain (fullchain.pem), or caCertificate when the issuer is an authority of your own.`
            : `certificate: ${subjectOf(last)} is not signed by ${authorities.map(subjectOf).join(" or ")} of caCertificate; add the intermediate certificates, or give the authority's own.`,
    ];
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
