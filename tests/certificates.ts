import { createPrivateKey, webcrypto } from "node:crypto";
import { isIP } from "node:net";

import * as x509 from "../lab/providers/tls/x509";

const ALGORITHMS = {
    ecdsa: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
    rsa: {
        name: "RSASSA-PKCS1-v1_5",
        modulusLength: 2048,
        publicExponent: Uint8Array.of(1, 0, 1),
        hash: "SHA-256",
    },
    rsa1024: {
        name: "RSASSA-PKCS1-v1_5",
        modulusLength: 1024,
        publicExponent: Uint8Array.of(1, 0, 1),
        hash: "SHA-256",
    },
    ed25519: { name: "Ed25519" },
    p384: { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" },
    p521: { name: "ECDSA", namedCurve: "P-521", hash: "SHA-512" },
};
const DAY = 24 * 60 * 60 * 1000;

/** A certificate with its key, which can sign others when it is an authority's. */
export interface Issued {
    /** PEM, with a newline at its end. */
    certificate: string;
    /** PEM, PKCS #8. */
    privateKey: string;
    keys: webcrypto.CryptoKeyPair;
    algorithm: (typeof ALGORITHMS)[keyof typeof ALGORITHMS];
    subject: string;
}

export interface IssueOptions {
    /** @default itself */
    issuer?: Issued;
    /** DNS names and addresses. */
    names?: (string | { type: "dns"; value: string })[];
    authority?: boolean;
    /** @default "ecdsa" */
    key?: keyof typeof ALGORITHMS;
    /** Another certificate of the same name and key takes its keys from here. */
    again?: Issued;
    /** Of the signature. @default as strong as the key */
    hash?: "SHA-1";
    /** Extended key usage: identifiers of purposes. @default none */
    purposes?: string[];
    /** @default a day ago */
    notBefore?: Date;
    /** @default in a year */
    notAfter?: Date;
}

/** Makes a certificate for the common name. */
export async function issue(commonName: string, options: IssueOptions = {}): Promise<Issued> {
    const { issuer, names = [], authority = false } = options;
    const algorithm = options.again?.algorithm ?? ALGORITHMS[options.key ?? "ecdsa"];
    const keys =
        options.again?.keys ??
        ((await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair);
    const subject = `CN=${commonName}`;
    const alternatives = names.map((value) =>
        typeof value === "string" ? { type: isIP(value) === 0 ? ("dns" as const) : ("ip" as const), value } : value,
    );
    const made = await x509.X509CertificateGenerator.create({
        subject,
        issuer: issuer?.subject ?? subject,
        notBefore: options.notBefore ?? new Date(Date.now() - DAY),
        notAfter: options.notAfter ?? new Date(Date.now() + 365 * DAY),
        signingAlgorithm: { ...(issuer?.algorithm ?? algorithm), ...(options.hash && { hash: options.hash }) },
        // The types are a browser's; Node.js' WebCrypto is the same thing under another type.
        publicKey: keys.publicKey as never,
        signingKey: (issuer?.keys ?? keys).privateKey as never,
        extensions: [
            new x509.BasicConstraintsExtension(authority, undefined, true),
            ...(options.purposes ? [new x509.ExtendedKeyUsageExtension(options.purposes)] : []),
            ...(alternatives.length > 0 ? [new x509.SubjectAlternativeNameExtension(alternatives)] : []),
        ],
    });
    const exported = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
    const privateKey = createPrivateKey({ key: exported, format: "der", type: "pkcs8" });
    return {
        certificate: `${made.toString("pem")}\n`,
        privateKey: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
        keys,
        algorithm,
        subject,
    };
}
