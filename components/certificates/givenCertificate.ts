import { createPrivateKey, type X509Certificate } from "node:crypto";
import { isIP } from "node:net";

import * as pulumi from "@pulumi/pulumi";

import { printable, printableName } from "../settings/printable";
import { authoritiesIn, daysLeft, readableIn, subjectOf, WARNING_DAYS } from "./pem";

/** A server certificate that the user brings, PEM. */
export interface GivenCertificate {
    /** The server certificate first, then its intermediates in the order in which each signs the one before. */
    certificate: string;
    /** Private key of the first certificate. */
    privateKey: string;
    /** Certificate of a private authority that clients trust; without it they trust public authorities. */
    caCertificate?: string;
}

/** A certificate of the user's, "" where there is none; only its key is a secret. */
export function givenCertificates(given: pulumi.Output<GivenCertificate | undefined>) {
    return {
        caCertificate: pulumi.unsecret(given.apply((each) => authoritiesIn(each?.caCertificate ?? "").join(""))),
        certificate: pulumi.unsecret(given.apply((each) => each?.certificate ?? "")),
        privateKey: given.apply((each) => each?.privateKey ?? ""),
    };
}

/**
 * Checks a certificate, which must have every name and address by which clients reach the server, before it goes anywhere.
 * With an error it cannot be used, with a warning not for long. A sentence names a certificate by its subject, and never holds
 * anything of a key.
 */
export function certificateProblems(given: GivenCertificate, names: string[], now: Date) {
    const chain = readableIn(given.certificate);
    const authorities = readableIn(given.caCertificate ?? "");
    const [server] = chain;
    const errors: (string | false | undefined)[] = [
        !server && "certificate: there is no certificate in it that can be read; it must be PEM, the server's first.",
        given.caCertificate !== undefined &&
            authorities.length === 0 &&
            "caCertificate: there is no certificate in it that can be read; it must be PEM.",
    ];
    const warnings: string[] = [];
    if (server && !errors.some(Boolean)) {
        const named = (property: string) => (each: X509Certificate) => ({
            each,
            name: `${property}: ${subjectOf(each)}`,
            days: daysLeft(each, now),
        });
        const all = [...chain.map(named("certificate")), ...authorities.map(named("caCertificate"))];
        errors.push(
            keyProblem(given.privateKey, server),
            ...nameProblems(server, names),
            ...chainProblems(chain, authorities),
            ...all.map(({ each, name }) => each !== server && !each.ca && `${name} is no authority.`),
            ...all.map(({ each, name }) => timeProblem(each, name, now)),
        );
        const ending = all.filter(({ days }) => days >= 0 && days < WARNING_DAYS);
        warnings.push(
            ...ending.map(
                ({ each, name, days }) => `${name} ends in ${days} days, on ${timeOf(each.validTo)}; renew it.`,
            ),
        );
    }
    return { errors: errors.filter((each) => typeof each === "string"), warnings };
}

function keyProblem(privateKey: string, server: X509Certificate): string | undefined {
    try {
        return server.checkPrivateKey(createPrivateKey(privateKey))
            ? undefined
            : `privateKey: it is not the key of the first certificate, ${subjectOf(server)}; give that certificate's key, or put the server's certificate first.`;
    } catch {
        // The error of the parser may quote what it was given.
        return "privateKey: it cannot be read; it must be PEM, and not encrypted with a passphrase.";
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

function chainProblems(chain: X509Certificate[], authorities: X509Certificate[]) {
    const broken = chain.flatMap((signed, index) => {
        const issuer = chain[index + 1];
        return !issuer || isIssuedBy(signed, issuer)
            ? []
            : `certificate: ${subjectOf(signed)} is not signed by ${subjectOf(issuer)}, which follows it; each certificate must be signed by the next, the server's first.`;
    });
    return broken.length > 0 ? broken : chain.slice(-1).map((last) => endProblem(last, chain.length, authorities));
}

/** @param last The end of a chain of so many certificates. */
function endProblem(last: X509Certificate, length: number, authorities: X509Certificate[]): string | undefined {
    // One that signs itself is among the authorities, or another one with its name and key is.
    if (authorities.some((authority) => isIssuedBy(last, authority))) {
        return undefined;
    }
    const isSelfSigned = isIssuedBy(last, last);
    if (authorities.length === 0) {
        // Public authorities sign servers through an intermediate, and clients have only the authority itself.
        return length > 1 || isSelfSigned
            ? undefined
            : `certificate: it ends with ${subjectOf(last)}, whose issuer '${printableName(last.issuer)}' is missing; give the full chain (fullchain.pem), or caCertificate when the issuer is an authority of your own.`;
    }
    return isSelfSigned
        ? `certificate: its chain ends with ${subjectOf(last)}, which is not in caCertificate.`
        : `certificate: ${subjectOf(last)} is not signed by ${authorities.map(subjectOf).join(" or ")} of caCertificate; add the intermediate certificates, or give the authority's own.`;
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function timeProblem({ validFrom, validTo }: X509Certificate, name: string, now: Date): string | false {
    if (now < new Date(validFrom)) {
        return `${name} is not valid before ${timeOf(validFrom)}.`;
    }
    return now > new Date(validTo) && `${name} has expired on ${timeOf(validTo)}; renew it.`;
}

function timeOf(date: string): string {
    return new Date(date).toISOString();
}
