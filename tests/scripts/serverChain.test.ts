import { X509Certificate } from "node:crypto";
import * as net from "node:net";
import * as path from "node:path";
import * as tls from "node:tls";

import { afterEach, beforeAll, expect, test } from "vitest";

import { fetchChain } from "../../components/certificates/serverChain";
import * as x509 from "../../lab/providers/tls/x509";
import { capture } from "../../toolchain/process";
import { issue } from "../certificates";
import { unprintable } from "../evilText";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const day = 24 * 60 * 60 * 1000;
const notBefore = new Date(Date.now() - day);
const notAfter = new Date(Date.now() + day);

let authority: string;
let server: string;
let key: string;
let listening: net.Server | undefined;

beforeAll(async () => {
    const caKeys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const ca = await x509.X509CertificateGenerator.createSelfSigned({
        ...{ name: "O=nas-registry, CN=registry CA", keys: caKeys, signingAlgorithm: algorithm, notBefore, notAfter },
        extensions: [new x509.BasicConstraintsExtension(true)],
    });
    const leaf = await x509.X509CertificateGenerator.create({
        ...{ subject: "CN=nas", issuer: ca.subject, publicKey: keys.publicKey, signingKey: caKeys.privateKey },
        ...{ signingAlgorithm: algorithm, notBefore, notAfter },
        extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: "diskstation.local" }])],
    });
    authority = ca.toString("pem");
    server = leaf.toString("pem");
    key = x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
});
afterEach(() => new Promise<void>((resolve) => (listening?.listening ? listening.close(() => resolve()) : resolve())));

const listen = (made: net.Server): Promise<number> => {
    listening = made;
    return new Promise((resolve) => {
        made.listen(0, "127.0.0.1", () => resolve((made.address() as net.AddressInfo).port));
    });
};
const serve = (cert: string, ofKey = key) => listen(tls.createServer({ key: ofKey, cert }));
const command = (...args: string[]) =>
    capture(process.execPath, [
        "--import",
        "tsx",
        path.join(__dirname, "../../components/cli/main.ts"),
        "chain",
        ...args,
    ]);
const pems = (text: string) => text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];

test("shows every certificate of the chain with its particulars, and that the last one is the authority", async () => {
    const port = await serve(`${server}\n${authority}`);
    const { code, stdout, stderr } = await command(`127.0.0.1:${port}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(pems(stdout).map((pem) => new X509Certificate(pem).fingerprint256)).toEqual([
        new X509Certificate(server).fingerprint256,
        new X509Certificate(authority).fingerprint256,
    ]);
    for (const line of [
        "  Subject:  CN=nas\n  Issuer:   O=nas-registry, CN=registry CA\n",
        `  Valid:    ${new X509Certificate(server).validFrom} to ${new X509Certificate(server).validTo}\n`,
        "  Names:    DNS:diskstation.local\n",
        `  SHA-256:  ${new X509Certificate(authority).fingerprint256}\n`,
        "\nCertificate 2 is the authority: ",
    ]) {
        expect(stdout).toContain(line);
    }
});

test("names in a certificate reach no terminal but as text", async () => {
    const name = "nas\u009b2J\u202elrow";
    const evil = await issue(name, { issuer: await issue(`CA ${name}`, { authority: true }) });
    const port = await serve(evil.certificate, evil.privateKey);
    const { stdout } = await command(`127.0.0.1:${port}`);
    expect(stdout).toContain("  Subject:  CN=nas");
    expect(stdout).toContain("does not show the authority 'CN=CA nas");
    expect(stdout).not.toMatch(unprintable);
});

test("says when the server does not show its authority", async () => {
    const port = await serve(server);
    const { stdout } = await command(`127.0.0.1:${port}`);
    expect(pems(stdout)).toHaveLength(1);
    expect(stdout).toContain("does not show the authority 'O=nas-registry, CN=registry CA' itself");
});

test("asks by the name it was given, so that the right one of several certificates comes", async () => {
    const asked: string[] = [];
    const port = await listen(
        tls.createServer({
            ...{ key, cert: server },
            SNICallback: (name, done) => {
                asked.push(name);
                done(null);
            },
        }),
    );
    await fetchChain("localhost", port).catch(() => fetchChain("127.0.0.1", port));
    expect(asked).toEqual(["localhost"]);
});

test("a server without TLS is called one", async () => {
    const port = await listen(net.createServer((socket) => socket.resume().end("HTTP/1.1 400 Bad Request\r\n\r\n")));
    expect(await command(`127.0.0.1:${port}`)).toEqual({
        code: 2,
        stdout: "",
        stderr: `nas-registry: 127.0.0.1:${port} answers, but not with TLS: the registry there has none.\n`,
    });
});

test("a port where nothing listens is said in one sentence", async () => {
    const port = await listen(net.createServer());
    await new Promise<void>((resolve) => listening?.close(() => resolve()));
    const { code, stderr } = await command(`127.0.0.1:${port}`);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^nas-registry: 127\.0\.0\.1:\d+ cannot be reached: .*ECONNREFUSED.*\.\n$/);
});

test.each([[[]], [["https://nas:9160"]], [["nas:9160", "more"]], [["nas:99999"]]])("%j is no address", async (args) => {
    const { code, stderr } = await command(...args);
    expect(code).toBe(2);
    expect(stderr).toContain("is not allowed; give one host:port");
});
