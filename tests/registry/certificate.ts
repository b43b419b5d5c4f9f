import { generateKeyPairSync } from "node:crypto";

import { selfSign } from "../../lab/providers/tls/certificates";

/** A certificate for 127.0.0.1 that is its own authority, and its key; both PEM. */
export async function selfSigned(): Promise<{ certificate: string; privateKey: string }> {
    const { privateKey } = generateKeyPairSync("ec", {
        namedCurve: "P-256",
        publicKeyEncoding: { type: "spki", format: "pem" },
        privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    const wanted = {
        subject: { commonName: "registry of a test" },
        ipAddresses: ["127.0.0.1"],
        isCaCertificate: true,
        validityPeriodHours: 1,
        allowedUses: ["cert_signing", "digital_signature", "server_auth"],
    };
    return { certificate: (await selfSign(wanted, privateKey)).certPem, privateKey };
}
