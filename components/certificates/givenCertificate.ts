import { createPrivateKey, type X509Certificate } from "node:crypto";
import { isIP } from "node:net";

import { printable, printableName } from "../settings/printable";
import { certificatesIn, subjectOf } from "./pem";

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

const DAY = 24 * 60 * 60 * 1000;
/** A warning begins this many days before the end: time for a person to order a new one. */
const WARNING_DAYS = 30;

/**
 * Checks a certificate before it goes anywhere. A sentence names a certificate by its subject, and never holds anything of a
 * key.
 *
 * @param names Names and addresses by which clients reach the server; each must be in the certificate.
 * @param warningDays An end nearer than this many days is a warning.
 */
export function certificateProblems(
    given: GivenCertificate,
    names: string[],
    now: Date,
    warningDays = WARNING_DAYS,
): CertificateFindings {
    const chain = parse(given.certificate);
    const authorities = given.caCertificate === undefined ? [] : parse(given.caCertificate);
    const [server] = chain ?? [];
    const errors: string[] = [];
    if (!chain || !server) {
        errors.push("certificate: there is no certificate in it that can be read; it must be PEM, the server's first.");
    }
    if (!authorities || (given.caCertificate !== undefined && authorities.length === 0)) {
        errors.push("caCertificate: there is no certificate in it that can be read; it must be PEM.");
    }
    if (!chain || !server || !authorities || errors.length > 0) {
        return { errors, warnings: [] };
    }
    errors.push(
        ...keyProblems(given.privateKey, server),
        ...nameProblems(server, names),
        ...chainProblems(chain, authorities),
        ...authorityProblems("certificate", chain.slice(1)),
        ...authorityProblems("caCertificate", authorities),
    );
    const validity = [
        ...chain.map((each) => validityOf("certificate", each, now, warningDays)),
        ...authorities.map((each) => validityOf("caCertificate", each, now, warningDays)),
    ];
    return {
        errors: [...errors, ...validity.flatMap(({ errors }) => errors)],
        warnings: validity.flatMap(({ warnings }) => warnings),
    };
}

/** Nothing when a part of it cannot be read. */
function parse(pem: string): X509Certificate[] | undefined {
    try {
        return certificatesIn(pem);
    } catch {
        return undefined;
    }
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
    const missing = names.filter((name) =>
        isIP(name) === 0
            ? // A common name counts for nothing with today's clients.
              server.checkHost(name, { subject: "never" }) === undefined
            : server.checkIP(name) === undefined,
    );
    const has = printable(server.subjectAltName ?? "none");
    return missing.map((name) => `certificate: it is not for '${name}'; the names in it are ${has}.`);
}

function authorityProblems(property: string, certificates: X509Certificate[]): string[] {
    return certificates.filter(({ ca }) => !ca).map((each) => `${property}: ${subjectOf(each)} is no authority.`);
}

function chainProblems(chain: X509Certificate[], authorities: X509Certificate[]): string[] {
    const broken = chain.slice(1).flatMap((issuer, index) => {
        const signed = chain[index];
        return !signed || isIssuedBy(signed, issuer)
            ? []
            : [
                  `certificate: ${subjectOf(signed)} is not signed by ${subjectOf(issuer)}, which follows it; each certificate must be signed by the next, the server's first.`,
              ];
    });
    const last = chain.at(-1);
    if (broken.length > 0 || !last || isIssuedBy(last, last)) {
        return broken.length > 0 || !last ? broken : endsInAuthority(last, authorities);
    }
    if (authorities.length > 0) {
        return authorities.some((authority) => isIssuedBy(last, authority))
            ? []
            : [
                  `certificate: ${subjectOf(last)} is not signed by ${authorities.map(subjectOf).join(" or ")} of caCertificate; add the intermediate certificates, or give the authority's own.`,
              ];
    }
    // Public authorities sign servers through an intermediate, and clients have only the authority itself.
    return chain.length > 1
        ? []
        : [
              `certificate: it ends with ${subjectOf(last)}, whose issuer '${printableName(last.issuer)}' is missing; give the full chain (fullchain.pem), or caCertificate when the issuer is an authority of your own.`,
          ];
}

/** A chain that goes up to a certificate which signs itself. */
function endsInAuthority(root: X509Certificate, authorities: X509Certificate[]): string[] {
    return authorities.length === 0 || authorities.some(({ fingerprint256 }) => fingerprint256 === root.fingerprint256)
        ? []
        : [`certificate: its chain ends with ${subjectOf(root)}, which is not in caCertificate.`];
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function validityOf(
    property: string,
    certificate: X509Certificate,
    now: Date,
    warningDays: number,
): CertificateFindings {
    const [from, to] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
    if (now < from) {
        return {
            errors: [`${property}: ${subjectOf(certificate)} is not valid before ${from.toISOString()}.`],
            warnings: [],
        };
    }
    if (now > to) {
        return {
            errors: [`${property}: ${subjectOf(certificate)} has expired on ${to.toISOString()}; renew it.`],
            warnings: [],
        };
    }
    const days = Math.floor((to.getTime() - now.getTime()) / DAY);
    return {
        errors: [],
        warnings:
            days < warningDays
                ? [`${property}: ${subjectOf(certificate)} ends in ${days} days, on ${to.toISOString()}; renew it.`]
                : [],
    };
}
