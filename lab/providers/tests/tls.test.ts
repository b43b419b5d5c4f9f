import { execFileSync } from "node:child_process";
import { createPrivateKey, createPublicKey, KeyObject, sign, verify, X509Certificate } from "node:crypto";
import type { ParsedKey } from "ssh2";
import { utils } from "ssh2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { plainProps, Props, shown } from "../core/values";
import { compileSubstitutes } from "../install";
import { describePublicKey } from "../tls/private-key";
import { tlsProvider } from "../tls/provider";
import { Plugin, startPlugin } from "./support/plugin";
import { recorded, theCall, title } from "./support/recordings";
import { shape } from "./support/shape";

let plugin: Plugin;
beforeAll(async () => {
    plugin = await startPlugin(tlsProvider);
});
afterAll(() => plugin.stop());

const urn = (type: string) => `urn:pulumi:dev::p::tls:index/${type.charAt(0).toLowerCase()}${type.slice(1)}:${type}::x`;

async function create(type: string, properties: Props): Promise<Props> {
    const created = await plugin.call("Create", { urn: urn(type), properties });
    return plainProps(created.properties as Props);
}

const AUTHORITY = {
    allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
    isCaCertificate: true,
    setSubjectKeyId: true,
    subject: { commonName: "NAS registry CA", organization: "nas-registry" },
    validityPeriodHours: 87600,
};
const SERVER = {
    allowedUses: ["server_auth", "digital_signature", "key_encipherment"],
    earlyRenewalHours: 720,
    validityPeriodHours: 9528,
};

/** A CA, a request and a certificate, as the product makes them. */
async function chain(algorithm: Props, server: Props = SERVER) {
    const caKey = await create("PrivateKey", algorithm);
    const key = await create("PrivateKey", algorithm);
    const ca = await create("SelfSignedCert", { ...AUTHORITY, privateKeyPem: caKey.privateKeyPem ?? null });
    const request = await create("CertRequest", {
        privateKeyPem: key.privateKeyPem ?? null,
        subject: { commonName: "nas.local" },
        dnsNames: ["nas.local", "*.nas.local"],
        ipAddresses: ["127.0.0.21", "fd00::1"],
        uris: ["https://nas.local/"],
    });
    const leaf = await create("LocallySignedCert", {
        ...server,
        caCertPem: ca.certPem ?? null,
        caPrivateKeyPem: caKey.privateKeyPem ?? null,
        certRequestPem: request.certRequestPem ?? null,
    });
    return { key, ca, request, leaf };
}

const ECDSA = { algorithm: "ECDSA", ecdsaCurve: "P256" };
const ED25519 = { algorithm: "ED25519" };
const RSA = { algorithm: "RSA" };

describe("keys", () => {
    const keys = recorded("tls", "Create").filter((call) =>
        /::(ca|leaf|docker-transport)$/.test(shown(call.request.urn)),
    );
    const created = keys.filter((call) => shown(call.request.urn).includes("PrivateKey::") && !call.request.preview);

    test.each(created.map((call) => [title(call), call] as const))(
        "%s has the recorded shape",
        async (_title, call) => {
            expect(shape(await plugin.call("Create", call.request))).toEqual(shape(call.response));
        },
    );

    test.each(created.map((call) => [title(call), call] as const))(
        "what the real plugin says of the public key of %s",
        (_title, call) => {
            const real = plainProps(call.response?.properties as Props);
            expect(real).toMatchObject(describePublicKey(createPublicKey(shown(real.publicKeyPem))));
        },
    );

    test.each([
        ["ECDSA", ECDSA],
        ["ED25519", ED25519],
        ["RSA", RSA],
    ])("%s: every form of the private key is the one of the public key", async (_name, algorithm) => {
        const key = await create("PrivateKey", algorithm);
        const publicKey = createPublicKey(shown(key.publicKeyPem));
        for (const pem of [key.privateKeyPem, key.privateKeyPemPkcs8]) {
            expect(matching(createPrivateKey(shown(pem)), publicKey)).toBe(true);
        }
        const openssh = utils.parseKey(shown(key.privateKeyOpenssh));
        expect(openssh).not.toBeInstanceOf(Error);
        const blob = (openssh as ParsedKey).getPublicSSH().toString("base64");
        expect(shown(key.publicKeyOpenssh)).toContain(blob);
    });

    test("a curve that SSH and WebCrypto do not know is refused", async () => {
        const { failures } = await plugin.call("Check", {
            urn: urn("PrivateKey"),
            olds: {},
            news: { algorithm: "ECDSA" },
        });
        expect(failures).toMatchObject([
            { reason: expect.stringContaining("P224 (the default) is not implemented") as string },
        ]);
    });
});

describe("certificates", () => {
    test.each([
        ["SelfSignedCert", "ca"],
        ["LocallySignedCert", "leaf"],
        ["CertRequest", "leaf"],
    ])("%s has the recorded shape", async (type, name) => {
        const { ca, request, leaf } = await chain(ECDSA);
        const real = theCall("tls", "Create", type, name, "02").response?.properties as Props;
        const made = { SelfSignedCert: ca, LocallySignedCert: leaf, CertRequest: request }[type];
        expect(shapeWithoutNames(made)).toEqual(shapeWithoutNames(plainProps(real)));
    });

    test.each([
        ["ECDSA", ECDSA],
        ["ED25519", ED25519],
        ["RSA", RSA],
    ])(
        "%s: the server certificate is signed by the CA, for the key and the names of the request",
        async (_name, algorithm) => {
            const { key, ca, leaf } = await chain(algorithm);
            const authority = new X509Certificate(shown(ca.certPem));
            const certificate = new X509Certificate(shown(leaf.certPem));
            expect(authority.verify(authority.publicKey)).toBe(true);
            expect(certificate.verify(authority.publicKey)).toBe(true);
            expect(certificate.checkIssued(authority)).toBe(true);
            expect(certificate.checkPrivateKey(createPrivateKey(shown(key.privateKeyPem)))).toBe(true);
            expect(certificate.subject).toBe("CN=nas.local");
            expect(certificate.subjectAltName).toBe(
                "DNS:nas.local, DNS:*.nas.local, IP Address:127.0.0.21, IP Address:FD00:0:0:0:0:0:0:1, URI:https://nas.local/",
            );
            expect(authority.ca).toBe(true);
            expect(certificate.ca).toBe(false);
            expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
        },
    );

    test("the extensions are those of the real plugin's certificates, but for keys and names", async () => {
        const { ca, leaf } = await chain(ECDSA);
        expect(extensionIds(shown(ca.certPem))).toEqual(extensionIds(realPem("SelfSignedCert", "ca")));
        expect(extensionIds(shown(leaf.certPem))).toEqual(extensionIds(realPem("LocallySignedCert", "leaf")));
        expect(new X509Certificate(shown(ca.certPem)).subject).toBe(
            new X509Certificate(realPem("SelfSignedCert", "ca")).subject,
        );
    });

    test("validity is as long as asked for, and the id is the serial number", async () => {
        const { leaf } = await chain(ECDSA);
        const certificate = new X509Certificate(shown(leaf.certPem));
        const hours = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / 3_600_000;
        expect(hours).toBe(9528);
        expect(BigInt(`0x${certificate.serialNumber}`).toString()).toBe(leaf.id);
    });

    test("a certificate in its renewal period is replaced, and says so when read", async () => {
        const news = { ...SERVER, earlyRenewalHours: 9527, caCertPem: "a", caPrivateKeyPem: "b", certRequestPem: "c" };
        const olds = {
            ...news,
            isCaCertificate: false,
            setSubjectKeyId: false,
            readyForRenewal: false,
            validityEndTime: new Date(Date.now() + 9526 * 3_600_000).toISOString(),
        };
        const request = { urn: urn("LocallySignedCert"), id: "1" };
        expect(await plugin.call("Diff", { ...request, olds, news })).toEqual({
            changes: "DIFF_SOME",
            diffs: ["readyForRenewal"],
            replaces: ["readyForRenewal"],
        });
        const read = await plugin.call("Read", { ...request, properties: olds, inputs: news });
        expect(read.properties).toMatchObject({ readyForRenewal: true });
    });

    test("a longer renewal period that is already due replaces; one that is not updates", async () => {
        const news = { ...SERVER, caCertPem: "a", caPrivateKeyPem: "b", certRequestPem: "c" };
        const olds = {
            ...news,
            validityEndTime: new Date(Date.now() + 1000 * 3_600_000).toISOString(),
            readyForRenewal: false,
        };
        const diff = (earlyRenewalHours: number) =>
            plugin.call("Diff", {
                urn: urn("LocallySignedCert"),
                id: "1",
                olds: { ...olds, isCaCertificate: false, setSubjectKeyId: false },
                news: { ...news, earlyRenewalHours },
            });
        expect(await diff(999)).toEqual({ changes: "DIFF_SOME", diffs: ["earlyRenewalHours"] });
        expect(await diff(1000)).toMatchObject({ replaces: ["readyForRenewal"] });
    });

    test.each([
        ["dnsNames", { dnsNames: ["other"] }],
        ["subject", { subject: { commonName: "other" } }],
    ])("another %s replaces a request", async (name, change) => {
        const news = { privateKeyPem: "k", subject: { commonName: "nas" }, dnsNames: ["nas"] };
        const answer = await plugin.call("Diff", {
            urn: urn("CertRequest"),
            id: "1",
            olds: news,
            news: { ...news, ...change },
        });
        expect(answer).toEqual({ changes: "DIFF_SOME", diffs: [name], replaces: [name] });
    });

    test.each([
        [
            { ...AUTHORITY, privateKeyPem: "k", allowedUses: ["flying"] },
            /allowed_uses\[0\] value must be one of: .* got: "flying"/,
        ],
        [
            { ...AUTHORITY, privateKeyPem: "k", validityPeriodHours: -1 },
            /validity_period_hours value must be at least 0, got: -1/,
        ],
        [AUTHORITY, /Missing required property 'privateKeyPem'/],
    ])("inputs that make no sense are refused (%#)", async (news: Props, reason) => {
        const { failures } = await plugin.call("Check", { urn: urn("SelfSignedCert"), olds: {}, news });
        expect(failures).toMatchObject([{ reason: expect.stringMatching(reason) as string }]);
    });

    test("an address that is none gives an error, not a certificate", async () => {
        const { key } = await chain(ED25519);
        const properties = { privateKeyPem: key.privateKeyPem ?? null, ipAddresses: ["nas"] };
        await expect(create("CertRequest", properties)).rejects.toThrow('Invalid IP address: Failed to parse "nas"');
    });

    test("a key that is none gives an error, not a certificate", async () => {
        await expect(create("SelfSignedCert", { ...AUTHORITY, privateKeyPem: "none" })).rejects.toThrow(
            "Failed to parse private key PEM",
        );
    });
});

function matching(key: KeyObject, publicKey: KeyObject): boolean {
    const message = Buffer.from("message");
    const algorithm = key.asymmetricKeyType === "ec" ? "sha256" : null;
    return verify(algorithm, message, publicKey, sign(algorithm, message, key));
}

function shapeWithoutNames(properties: Props | undefined): unknown {
    const { dnsNames: _dns, ipAddresses: _ip, uris: _uris, ...rest } = properties ?? {};
    return shape(rest);
}

function realPem(type: string, name: string): string {
    const real = theCall("tls", "Create", type, name, "02").response?.properties as Props;
    return shown(real.certPem);
}

/** The object identifiers of the extensions with their criticality, in order of appearance (2.5.29.x is 55 1D x). */
function extensionIds(pem: string): string[] {
    const hex = new X509Certificate(pem).raw.toString("hex");
    return [...hex.matchAll(/0603551d(..)(0101ff)?/g)].map(([, id, critical]) => `${id}${critical ? " critical" : ""}`);
}

test("a key is described while what has generated keys is collected", async () => {
    const compiled = `${await compileSubstitutes()}/tls/private-key.js`;
    const program = `const { generate, describeKey } = require(${JSON.stringify(compiled)});
        for (let count = 0; count < 3000; count++) describeKey(generate({ algorithm: "ECDSA", ecdsaCurve: "P256" }));`;
    execFileSync(process.execPath, ["--max-semi-space-size=1", "--eval", program], { timeout: 240_000 });
}, 300_000);
