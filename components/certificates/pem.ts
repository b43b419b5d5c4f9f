import { X509Certificate } from "node:crypto";

import { printableName } from "../settings/printable";

/** The texts of the certificates of a PEM text, in its order. */
export function splitChain(pem: string): string[] {
    return pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g)?.map((each) => `${each}\n`) ?? [];
}

/**
 * The certificates of a PEM text, in its order.
 *
 * @throws Error when one of them cannot be read.
 */
export function certificatesIn(pem: string): X509Certificate[] {
    return splitChain(pem).map((each) => new X509Certificate(each));
}

/** `'CN=diskstation.local, O=home'`, on one line. */
export function subjectOf({ subject, serialNumber }: X509Certificate): string {
    // As its type does not say, a certificate may have no subject.
    const name = subject as string | undefined;
    return `'${name ? printableName(name) : `serial number ${serialNumber}`}'`;
}
