import { X509Certificate } from "node:crypto";

import { printableName } from "../settings/printable";

const DAY = 24 * 60 * 60 * 1000;
/** A warning begins this many days before the end: `up` renews an own certificate from then on, and a person needs time. */
export const WARNING_DAYS = 30;

/** The texts of the certificates of a PEM text, in its order. */
export function splitChain(pem: string): string[] {
    return pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g)?.map((each) => `${each}\n`) ?? [];
}

/** The certificates of a PEM text, in its order. @throws Error when one of them cannot be read. */
export function certificatesIn(pem: string): X509Certificate[] {
    return splitChain(pem).map((each) => new X509Certificate(each));
}

/** The same, and none when one of them cannot be read. */
export function readableIn(pem: string): X509Certificate[] {
    try {
        return certificatesIn(pem);
    } catch {
        return [];
    }
}

/**
 * The certificates that clients are to trust, each once, and nothing else of the PEM text, so that what clients get is what
 * its fingerprints say. @throws Error when one of them cannot be read.
 */
export function authoritiesIn(pem: string): X509Certificate[] {
    return [...new Map(certificatesIn(pem).map((each) => [each.fingerprint256, each])).values()];
}

/** Kind of the key of the first certificate, as OpenSSL calls it: rsa, ec, ed25519. */
export function keyKindOf(pem: string): string | undefined {
    return readableIn(pem)[0]?.publicKey.asymmetricKeyType;
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

/** Nobody else's certificate vouches for it: it is no intermediate one. */
export function isRoot(certificate: X509Certificate): boolean {
    return certificate.checkIssued(certificate);
}
