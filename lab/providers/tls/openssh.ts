import { createHash, KeyObject, randomBytes } from "node:crypto";
import { curveOf, publicKeyOf, rawPublicKey } from "./keys";

/** What ssh programs want to know about a public key (RFC 4253, RFC 5656, RFC 8709). */
export function sshPublicKey(key: KeyObject): {
    type: string;
    blob: Buffer;
    line: string;
    md5: string;
    sha256: string;
} {
    const publicKey = publicKeyOf(key);
    const type = sshType(publicKey);
    const blob = Buffer.concat([field(type), ...publicFields(publicKey).map(field)]);
    return {
        type,
        blob,
        line: `${type} ${blob.toString("base64")}\n`,
        md5: (digest("md5", blob).toString("hex").match(/../g) ?? []).join(":"),
        sha256: `SHA256:${digest("sha256", blob).toString("base64").replace(/=+$/, "")}`,
    };
}

/** The private key in OpenSSH's own format (PROTOCOL.key), without passphrase. */
export function sshPrivateKey(key: KeyObject): string {
    const publicKey = publicKeyOf(key);
    const check = randomBytes(4);
    const secret = Buffer.concat([
        check,
        check,
        field(sshType(publicKey)),
        // Of RSA, PROTOCOL.key has the modulus first here.
        ...(publicKey.asymmetricKeyType === "rsa" ? numbers(publicKey, "n", "e") : publicFields(publicKey)).map(field),
        ...privateFields(key).map(field),
        field(""),
    ]);
    const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, index) => index + 1));
    const body = Buffer.concat([
        Buffer.from("openssh-key-v1\0"),
        field("none"),
        field("none"),
        field(""),
        Buffer.of(0, 0, 0, 1),
        field(sshPublicKey(publicKey).blob),
        field(Buffer.concat([secret, padding])),
    ]);
    const lines = body.toString("base64").match(/.{1,64}/g) ?? [];
    return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join("\n");
}

function sshType(publicKey: KeyObject): string {
    switch (publicKey.asymmetricKeyType) {
        case "ed25519":
            return "ssh-ed25519";
        case "rsa":
            return "ssh-rsa";
        default:
            return `ecdsa-sha2-${curveOf(publicKey).ssh}`;
    }
}

function publicFields(publicKey: KeyObject): (string | Buffer)[] {
    if (publicKey.asymmetricKeyType === "rsa") {
        return numbers(publicKey, "e", "n");
    }
    const raw = rawPublicKey(publicKey);
    return publicKey.asymmetricKeyType === "ed25519" ? [raw] : [curveOf(publicKey).ssh, raw];
}

/** Parts of an RSA key. */
function numbers(key: KeyObject, ...names: ("d" | "e" | "n" | "p" | "q" | "qi")[]): Buffer[] {
    const jwk = key.export({ format: "jwk" });
    return names.map((name) => positive(Buffer.from(jwk[name] ?? "", "base64url")));
}

function privateFields(key: KeyObject): Buffer[] {
    if (key.asymmetricKeyType === "rsa") {
        return numbers(key, "d", "qi", "p", "q");
    }
    const d = Buffer.from(key.export({ format: "jwk" }).d ?? "", "base64url");
    if (key.asymmetricKeyType === "ed25519") {
        return [Buffer.concat([d, rawPublicKey(publicKeyOf(key))])];
    }
    return [positive(d)];
}

/** An mpint: no needless zeros in front, one if the first bit would read as a sign. */
function positive(bytes: Buffer): Buffer {
    const start = bytes.findIndex((byte) => byte !== 0);
    const short = bytes.subarray(Math.max(start, 0));
    return (short[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), short]) : short;
}

function field(value: string | Buffer): Buffer {
    const bytes = typeof value === "string" ? Buffer.from(value) : value;
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
}

function digest(algorithm: string, bytes: Buffer): Buffer {
    return createHash(algorithm).update(bytes).digest();
}
