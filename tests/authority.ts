import { webcrypto } from "node:crypto";
import { isIP } from "node:net";

import type { ServerCertificate } from "../lab";
import * as x509 from "../lab/providers/tls/x509";

type KeyPair = Awaited<ReturnType<typeof keyPair>>;

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const subject = "CN=An authority of the house";

/** A certificate authority that is not the product's, such as a company has for its own servers. */
export class Authority {
    private constructor(
        private readonly keys: KeyPair,
        /** PEM. */
        readonly certificate: string,
    ) {}

    static async create(): Promise<Authority> {
        const keys = await keyPair();
        const certificate = await x509.X509CertificateGenerator.createSelfSigned({
            ...validity(),
            name: subject,
            keys: keys as never,
            signingAlgorithm: algorithm,
            extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
        });
        return new Authority(keys, certificate.toString("pem"));
    }

    /** A certificate for one name or address. */
    readonly certify = async (name: string): Promise<ServerCertificate> => {
        const keys = await keyPair();
        const certificate = await x509.X509CertificateGenerator.create({
            ...validity(),
            subject: "CN=server",
            issuer: subject,
            publicKey: keys.publicKey as never,
            signingKey: this.keys.privateKey as never,
            signingAlgorithm: algorithm,
            extensions: [new x509.SubjectAlternativeNameExtension([{ type: isIP(name) ? "ip" : "dns", value: name }])],
        });
        const privateKey = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
        return {
            certificate: certificate.toString("pem"),
            privateKey: x509.PemConverter.encode(privateKey, "PRIVATE KEY"),
        };
    };
}

function keyPair() {
    return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

function validity(): { notBefore: Date; notAfter: Date } {
    const now = Date.now();
    return { notBefore: new Date(now - 60_000), notAfter: new Date(now + 24 * 3_600_000) };
}
