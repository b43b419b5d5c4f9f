import { createHash, createPrivateKey, type ED25519KeyPairOptions, generateKeyPairSync, KeyObject } from "node:crypto";
import { frameworkResource } from "../core/framework";
import { oneOf } from "../core/framework-rules";
import { number, Schema, string } from "../core/schema";
import { number as numberOf, Props, text } from "../core/values";
import { CURVES, publicKeyOf } from "./keys";
import { sshPrivateKey, sshPublicKey } from "./openssh";

export const OWNER = "the lab's substitute of the tls provider";

const schema: Schema = {
    algorithm: string({ required: true, replaces: true, validate: oneOf("ECDSA", "ED25519", "RSA") }),
    ecdsaCurve: string({ default: "P224", replaces: true, validate: oneOf("P224", ...Object.keys(CURVES)) }),
    rsaBits: number({ default: 2048, replaces: true }),
    privateKeyPem: string({ output: true, secret: true }),
    privateKeyPemPkcs8: string({ output: true, secret: true }),
    privateKeyOpenssh: string({ output: true, secret: true }),
    publicKeyPem: string({ output: true }),
    publicKeyOpenssh: string({ output: true }),
    publicKeyFingerprintMd5: string({ output: true }),
    publicKeyFingerprintSha256: string({ output: true }),
    id: string({ output: true }),
};

export const privateKey = frameworkResource(OWNER, {
    schema,
    check(inputs) {
        // P224 is the provider's default, and neither WebCrypto nor SSH knows it.
        return inputs.algorithm === "ECDSA" && (inputs.ecdsaCurve ?? "P224") === "P224"
            ? [{ path: "ecdsaCurve", message: `P224 (the default) is not implemented by ${OWNER}; use P256` }]
            : [];
    },
    create(planned) {
        const outputs = describeKey(generate(planned));
        return { id: text(outputs, "id") ?? "", outputs };
    },
});

const PEM: Pick<ED25519KeyPairOptions<"pem", "pem">, "publicKeyEncoding" | "privateKeyEncoding"> = {
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
};

/**
 * The key is read anew from PEM: Node.js 20 shares a lock between what has generated a pair and the pair, and hangs for good when the one
 * is collected while the other is exported as a JWK.
 */
export function generate(planned: Props): KeyObject {
    return createPrivateKey(generatePem(planned));
}

function generatePem(planned: Props): string {
    if (planned.algorithm === "ED25519") {
        return generateKeyPairSync("ed25519", PEM).privateKey;
    }
    if (planned.algorithm === "RSA") {
        return generateKeyPairSync("rsa", { modulusLength: numberOf(planned, "rsaBits") ?? 2048, ...PEM }).privateKey;
    }
    const { openssl } = CURVES[planned.ecdsaCurve as keyof typeof CURVES];
    return generateKeyPairSync("ec", { namedCurve: openssl, ...PEM }).privateKey;
}

/** Every output of a PrivateKey resource, from the key itself. */
export function describeKey(key: KeyObject): Props {
    const pkcs8 = key.export({ type: "pkcs8", format: "pem" }).toString();
    const forms: Partial<Record<string, "sec1" | "pkcs1">> = { ec: "sec1", rsa: "pkcs1" };
    const pem = key.export({ type: forms[key.asymmetricKeyType ?? ""] ?? "pkcs8", format: "pem" }).toString();
    return {
        privateKeyPem: pem,
        privateKeyPemPkcs8: pkcs8,
        privateKeyOpenssh: sshPrivateKey(key),
        ...describePublicKey(publicKeyOf(key)),
    };
}

export function describePublicKey(publicKey: KeyObject): Props {
    const ssh = sshPublicKey(publicKey);
    return {
        publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
        publicKeyOpenssh: ssh.line,
        publicKeyFingerprintMd5: ssh.md5,
        publicKeyFingerprintSha256: ssh.sha256,
        id: createHash("sha1")
            .update(publicKey.export({ type: "spki", format: "der" }))
            .digest("hex"),
    };
}
