import { createPublicKey, KeyObject, randomBytes, webcrypto } from "node:crypto";
import { flag, number, Props, texts } from "../core/values";
import { curveOf, parsePrivateKey, subjectKeyId } from "./keys";
import { EXTENDED_KEY_USAGES, KEY_USAGES } from "./usages";
import { alternativeNames, subjectName } from "./subject";
import * as x509 from "./x509";

const SUBJECT_KEY_ID = "2.5.29.14";
const ALTERNATIVE_NAME = "2.5.29.17";

type SigningKey = Awaited<ReturnType<typeof signingKey>>;

/** The outputs that SelfSignedCert and LocallySignedCert share. */
export interface Certificate {
    id: string;
    certPem: string;
    validityStartTime: string;
    validityEndTime: string;
}

export async function requestCertificate(planned: Props, pem: string): Promise<{ pem: string; der: Buffer }> {
    const { key } = parsePrivateKey(pem);
    const names = alternativeNames(planned);
    const request = await x509.Pkcs10CertificateRequestGenerator.create({
        name: new x509.Name(subjectName(planned)),
        keys: { privateKey: await signingKey(key), publicKey: await verifyingKey(createPublicKey(key)) } as never,
        signingAlgorithm: signatureOf(key),
        extensions: names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : [],
    });
    return { pem: terminated(request.toString("pem")), der: Buffer.from(request.rawData) };
}

export async function selfSign(planned: Props, pem: string): Promise<Certificate> {
    const { key } = parsePrivateKey(pem);
    const publicKey = createPublicKey(key);
    const ownId = keyIdWanted(planned) ? subjectKeyId(publicKey) : undefined;
    if (flag(planned, "setAuthorityKeyId") && !ownId) {
        throw new Error("Invalid Certificate Authority: Could not determine Authority Key Identifier");
    }
    const name = new x509.Name(subjectName(planned));
    if (flag(planned, "isCaCertificate") && subjectName(planned).length === 0) {
        throw new Error(
            "Invalid Certificate Subject: Must contain at least one Distinguished Name when creating Certificate Authority (CA)",
        );
    }
    return issue(planned, {
        subject: name,
        issuer: name,
        publicKey,
        key,
        signer: await signingKey(key),
        subjectKeyId: ownId,
        authorityKeyId: flag(planned, "setAuthorityKeyId") ? ownId : undefined,
        names: alternativeNames(planned),
    });
}

export async function signRequest(
    planned: Props,
    requestPem: string,
    caPem: string,
    caKeyPem: string,
): Promise<Certificate> {
    const request = parsed("certificate request", () => new x509.Pkcs10CertificateRequest(requestPem));
    const authority = parsed("CA certificate", () => new x509.X509Certificate(caPem));
    const { key } = parsePrivateKey(caKeyPem);
    const publicKey = createPublicKey({ key: Buffer.from(request.publicKey.rawData), type: "spki", format: "der" });
    return issue(planned, {
        subject: request.subjectName,
        issuer: authority.subjectName,
        publicKey,
        key,
        signer: await signingKey(key),
        subjectKeyId: keyIdWanted(planned) ? subjectKeyId(publicKey) : undefined,
        authorityKeyId: authority.getExtension<x509.SubjectKeyIdentifierExtension>(SUBJECT_KEY_ID)?.keyId,
        names: requestedNames(request),
    });
}

function requestedNames(request: x509.Pkcs10CertificateRequest): x509.JsonGeneralName[] {
    const found = request.getExtension(ALTERNATIVE_NAME);
    return found ? new x509.SubjectAlternativeNameExtension(found.rawData).names.toJSON() : [];
}

interface Issue {
    subject: x509.Name;
    issuer: x509.Name;
    publicKey: KeyObject;
    key: KeyObject;
    signer: SigningKey;
    subjectKeyId: string | undefined;
    authorityKeyId: string | undefined;
    names: x509.JsonGeneralName[];
}

async function issue(planned: Props, what: Issue): Promise<Certificate> {
    const notBefore = new Date();
    const notAfter = new Date(notBefore.getTime() + (number(planned, "validityPeriodHours") ?? 0) * 3_600_000);
    const serial = randomBytes(16);
    const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: serial.toString("hex"),
        subject: what.subject,
        issuer: what.issuer,
        notBefore,
        notAfter,
        publicKey: (await verifyingKey(what.publicKey)) as never,
        signingKey: what.signer as never,
        signingAlgorithm: signatureOf(what.key),
        extensions: extensions(planned, what),
    });
    return {
        id: BigInt(`0x${serial.toString("hex")}`).toString(),
        certPem: terminated(certificate.toString("pem")),
        validityStartTime: notBefore.toISOString(),
        validityEndTime: notAfter.toISOString(),
    };
}

/** The extensions of Go's crypto/x509, in its order. */
function extensions(planned: Props, what: Issue): x509.Extension[] {
    const uses = texts(planned, "allowedUses");
    const bits = uses.reduce((sum, use) => sum | (KEY_USAGES[use] ?? 0), 0);
    const extended = uses.flatMap((use) => EXTENDED_KEY_USAGES[use] ?? []);
    const pathLength = number(planned, "maxPathLength") ?? 0;
    return [
        // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- flags that are added up are a number
        ...(bits ? [new x509.KeyUsagesExtension(bits, true)] : []),
        ...(extended.length > 0 ? [new x509.ExtendedKeyUsageExtension(extended, false)] : []),
        new x509.BasicConstraintsExtension(
            flag(planned, "isCaCertificate"),
            pathLength > 0 ? pathLength : undefined,
            true,
        ),
        ...(what.subjectKeyId ? [new x509.SubjectKeyIdentifierExtension(what.subjectKeyId)] : []),
        ...(what.authorityKeyId ? [new x509.AuthorityKeyIdentifierExtension(what.authorityKeyId)] : []),
        ...(what.names.length > 0 ? [new x509.SubjectAlternativeNameExtension(what.names)] : []),
    ];
}

function keyIdWanted(planned: Props): boolean {
    return flag(planned, "setSubjectKeyId") || flag(planned, "isCaCertificate");
}

function keyAlgorithm(key: KeyObject) {
    switch (key.asymmetricKeyType) {
        case "ec":
            return { name: "ECDSA", namedCurve: curveOf(key).web };
        case "ed25519":
            return { name: "Ed25519" };
        default:
            return { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
    }
}

function signatureOf(key: KeyObject) {
    return key.asymmetricKeyType === "ec" ? { name: "ECDSA", hash: curveOf(key).hash } : keyAlgorithm(key);
}

function signingKey(key: KeyObject) {
    const der = key.export({ type: "pkcs8", format: "der" });
    return webcrypto.subtle.importKey("pkcs8", der, keyAlgorithm(key), true, ["sign"]);
}

function verifyingKey(key: KeyObject) {
    const der = key.export({ type: "spki", format: "der" });
    return webcrypto.subtle.importKey("spki", der, keyAlgorithm(key), true, ["verify"]);
}

function parsed<T>(what: string, parse: () => T): T {
    try {
        return parse();
    } catch (error) {
        throw new Error(`Failed to parse ${what} PEM: ${error instanceof Error ? error.message : String(error)}`);
    }
}

/** Go ends every PEM block with a newline. */
function terminated(pem: string): string {
    return pem.endsWith("\n") ? pem : `${pem}\n`;
}
