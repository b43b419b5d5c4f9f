import { X509Certificate } from "node:crypto";

import { certificatesSpelling } from "../settings/pem";
import { printableName } from "../settings/printable";

const DAY = 24 * 60 * 60 * 1000;
/** A warning begins this many days before the end: `up` renews an own certificate from then on, and a person needs time. */
export const WARNING_DAYS = 30;

/** The texts of the certificates of a PEM text, in its order. */
export function splitChain(pem: string): string[] {
    const certificates = certificatesSpelling(pem).match(
        /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\n/g,
    );
    return [...(certificates ?? [])];
}

/** The certificates of a PEM text, in its order. @throws Error when one of them cannot be read. */
export function certificatesIn(pem: string): X509Certificate[] {
    return splitChain(pem).map((each) => new X509Certificate(each));
}

/**
 * The certificates of a PEM text, each once, and nothing else of it, so that what clients get is what its fingerprints say.
 * @throws Error when one of them cannot be read.
 */
export function authoritiesIn(pem: string): X509Certificate[] {
    return [...new Map(certificatesIn(pem).map((each) => [each.fingerprint256, each])).values()];
}

/** The same, and none when one of them cannot be read. */
export function readableIn(pem: string): X509Certificate[] {
    try {
        return authoritiesIn(pem);
    } catch {
        return [];
    }
}

/** `'CN=diskstation.local, O=home'`, on one line. */
export function subjectOf({ subject, serialNumber }: X509Certificate): string {
    // As its type does not say, a certificate may have no subject.
    const name = subject as string | undefined;
    return `'${name ? printableName(name) : `serial number ${serialNumber}`}'`;
}

/** Whole days until it ends; below zero when it has ended. */
export function daysLeft({ validTo }: X509Certificate, now: Date): number {
    return Math.floor((new Date(validTo).getTime() - now.getTime()) / DAY);
}

export function isSame(a: X509Certificate, b: X509Certificate): boolean {
    return a.fingerprint256 === b.fingerprint256;
}

/** Whether one is signed by another, or by itself. */
export function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** Nobody else's certificate vouches for it: it is no intermediate one. */
export function isRoot(certificate: X509Certificate): boolean {
    return isIssuedBy(certificate, certificate);
}
