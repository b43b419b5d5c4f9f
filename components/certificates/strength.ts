import type { X509Certificate } from "node:crypto";

import { daysLeft, isRoot } from "./pem";

/** DER of the algorithms' identifiers in a certificate, which Node.js 20 does not tell. */
const WEAK_SIGNATURES = {
    MD5: ["2a864886f70d010104"],
    "SHA-1": ["2a864886f70d010105", "2a8648ce3d0401", "2a8648ce380403"],
};
const CURVES = ["prime256v1", "secp384r1", "secp521r1"];
const SERVER_PURPOSES = ["1.3.6.1.5.5.7.3.1", "2.5.29.37.0"];
/** Of certificates since July 2019 (support.apple.com/103769). */
const APPLE_DAYS = 825;

/** Why Go, and with it the registry and every Docker, refuses a certificate; in words that follow its name. */
export function whyRefused(certificate: X509Certificate): string | undefined {
    const { publicKey } = certificate;
    // As its type does not say, there may be none.
    const purposes = certificate.keyUsage as string[] | undefined;
    const { modulusLength: bits = 2048, namedCurve = "" } = publicKey.asymmetricKeyDetails ?? {};
    const kind = publicKey.asymmetricKeyType ?? "unknown";
    const weak = Object.entries(WEAK_SIGNATURES).find(([, ids]) =>
        ids.some((id) => certificate.raw.includes(id, 0, "hex")),
    );
    if (!["rsa", "ec", "ed25519"].includes(kind)) {
        return `has a key of the kind ${kind}, which Docker does not know; take RSA or ECDSA.`;
    }
    if (kind === "ec" && !CURVES.includes(namedCurve)) {
        return `has a key of the curve ${namedCurve}, which Docker does not know; take P-256 or P-384.`;
    }
    if (bits < 1024 || bits > 8192) {
        return `has an RSA key of ${bits} bits, which Docker refuses; take 2048 to 4096.`;
    }
    // What clients trust itself they do not verify.
    if (weak && !isRoot(certificate)) {
        return `is signed with ${weak[0]}, which Docker and browsers refuse; have it issued anew.`;
    }
    return purposes && !purposes.some((each) => SERVER_PURPOSES.includes(each))
        ? "is for other purposes than servers (extended key usage), so clients refuse it."
        : undefined;
}

/** What only some clients refuse, one sentence each; in words that follow the certificate's name. */
export function whyRefusedBySome(certificate: X509Certificate, isServer: boolean): string[] {
    const { asymmetricKeyType: kind, asymmetricKeyDetails: { modulusLength: bits = 2048, namedCurve = "" } = {} } =
        certificate.publicKey;
    const days = daysLeft(certificate, new Date(certificate.validFrom));
    return [
        bits < 2048 && `has an RSA key of ${bits} bits, which macOS, browsers and curl refuse; take 2048 or more.`,
        kind === "ed25519" &&
            "has an Ed25519 key, which browsers, macOS and Windows refuse; RSA and ECDSA suit all clients.",
        namedCurve === "secp521r1" && "has a key of the curve P-521, which browsers refuse; P-256 suits all clients.",
        isServer && days > APPLE_DAYS && `is valid for ${days} days, and macOS refuses more than ${APPLE_DAYS}.`,
    ].filter((each) => typeof each === "string");
}
