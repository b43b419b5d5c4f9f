import { createHash, createPrivateKey, createPublicKey, KeyObject } from "node:crypto";

export type Algorithm = "ECDSA" | "ED25519" | "RSA";

/** Curves by the provider's name, OpenSSL's name (what Node.js calls it) and WebCrypto's name. */
export const CURVES = {
    P256: { openssl: "prime256v1", ssh: "nistp256", web: "P-256", hash: "SHA-256" },
    P384: { openssl: "secp384r1", ssh: "nistp384", web: "P-384", hash: "SHA-384" },
    P521: { openssl: "secp521r1", ssh: "nistp521", web: "P-521", hash: "SHA-512" },
} as const;

export type Curve = (typeof CURVES)[keyof typeof CURVES];

export function parsePrivateKey(pem: string): { key: KeyObject; algorithm: Algorithm } {
    if (!pem.includes("-----BEGIN ")) {
        const bytes = Buffer.byteLength(pem);
        throw new Error(
            `Failed to parse private key PEM: failed to decode PEM block: decoded bytes 0, undecoded ${bytes}`,
        );
    }
    let key: KeyObject;
    try {
        key = createPrivateKey(pem);
    } catch {
        throw new Error("Failed to parse private key PEM: it is not a private key without a passphrase");
    }
    switch (key.asymmetricKeyType) {
        case "ec":
            return { key, algorithm: "ECDSA" };
        case "ed25519":
            return { key, algorithm: "ED25519" };
        case "rsa":
            return { key, algorithm: "RSA" };
        default:
            throw new Error(`unsupported private key type: ${key.asymmetricKeyType ?? "unknown"}`);
    }
}

export function curveOf(key: KeyObject): Curve {
    const name = key.asymmetricKeyDetails?.namedCurve;
    const curve = Object.values(CURVES).find((one) => one.openssl === name);
    if (!curve) {
        throw new Error(
            `the elliptic curve ${name ?? "of this key"} is not supported by the lab's substitute of the tls provider`,
        );
    }
    return curve;
}

/** The uncompressed point of an EC key, or the 32 bytes of an Ed25519 key. */
export function rawPublicKey(publicKey: KeyObject): Buffer {
    const jwk = publicKey.export({ format: "jwk" });
    const x = Buffer.from(jwk.x ?? "", "base64url");
    return publicKey.asymmetricKeyType === "ec"
        ? Buffer.concat([Buffer.of(4), x, Buffer.from(jwk.y ?? "", "base64url")])
        : x;
}

export function publicKeyOf(key: KeyObject): KeyObject {
    return key.type === "public" ? key : createPublicKey(key);
}

/** SHA-1 over the key's bytes, as Go's crypto/x509 and the tls provider make subject key identifiers. */
export function subjectKeyId(publicKey: KeyObject): string {
    return createHash("sha1").update(keyIdInput(publicKey)).digest("hex");
}

function keyIdInput(publicKey: KeyObject): Buffer {
    switch (publicKey.asymmetricKeyType) {
        case "ec":
            return rawPublicKey(publicKey);
        case "ed25519":
            // An ASN.1 OCTET STRING of 32 bytes, because Go marshals the byte slice.
            return Buffer.concat([Buffer.of(4, 32), rawPublicKey(publicKey)]);
        default:
            return publicKey.export({ type: "pkcs1", format: "der" });
    }
}
