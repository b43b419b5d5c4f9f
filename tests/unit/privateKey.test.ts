import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import * as pulumi from "@pulumi/pulumi";
import { afterAll, describe, expect, test } from "vitest";

import { NasProbe } from "../../components";
import { privateKeyProblem, privateKeySpelling } from "../../components/nas/privateKey";
import { certificatePem, hostKey } from "./arguments";
import { registered } from "./mocks";

const directory = fs.mkdtempSync(path.join(os.tmpdir(), "nas-registry-keys-"));
afterAll(() => fs.rmSync(directory, { recursive: true }));

let made = 0;
/** What ssh-keygen writes, and the public half. */
function keygen(...args: string[]): { key: string; publicKey: string } {
    const file = path.join(directory, String((made += 1)));
    execFileSync("ssh-keygen", ["-q", "-N", "", "-f", file, ...args], { stdio: "ignore" });
    return { key: fs.readFileSync(file, "utf8"), publicKey: fs.readFileSync(`${file}.pub`, "utf8") };
}
const { key, publicKey } = keygen("-t", "ed25519");
const ecPem = keygen("-t", "ecdsa", "-m", "PEM").key;
const pkcs8 = keygen("-t", "rsa", "-m", "PKCS8").key;
const phrase = ["-N", "passphrase"];

/** An OpenSSH key, not encrypted, with a public key of this type. */
function opensshOf(type: string): string {
    const text = (value: string | Buffer) => {
        const bytes = Buffer.from(value as string);
        return Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
    };
    const fields = [text("none"), text("none"), text(""), Buffer.from([0, 0, 0, 1]), text(text(type)), text("private")];
    const body = Buffer.concat([Buffer.from("openssh-key-v1\0"), ...fields]).toString("base64");
    return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

describe("a private key is taken as ssh-keygen wrote it", () => {
    test.each([
        ["as it is", key, key],
        ["PEM", ecPem, ecPem],
        ["PKCS#8", pkcs8, pkcs8],
        ["without its last newline", key.trimEnd(), key],
        ["with Windows' line ends", key.replaceAll("\n", "\r\n"), key],
        ["with a byte order mark", `\ufeff${key}`, key],
        ["with blanks for line breaks", key.replaceAll("\n", " "), key],
        ["with \\n for line breaks", key.replaceAll("\n", "\\n"), key],
        ["indented", key.replaceAll(/^/gm, "    "), key],
        [
            "with openssl's parameters before it",
            `-----BEGIN EC PARAMETERS-----\nBggq\n-----END EC PARAMETERS-----\n${ecPem}`,
            ecPem,
        ],
        ["with its public half behind it", key + publicKey, key],
    ])("%s", (_, given, wanted) => {
        expect(privateKeyProblem(given)).toBeUndefined();
        const spelled = privateKeySpelling(given);
        expect(spelled).toBe(wanted);
        expect(privateKeySpelling(spelled)).toBe(spelled);
        // ssh itself reads it.
        const file = path.join(directory, "spelled");
        fs.writeFileSync(file, spelled, { mode: 0o600 });
        execFileSync("ssh-keygen", ["-y", "-P", "", "-f", file], { stdio: "ignore" });
    });
});

const passphrase = /^the key has a passphrase; add it to your ssh-agent/;
describe("what cannot be used is refused with what to do:", () => {
    test.each([
        ["an OpenSSH key with passphrase", keygen("-t", "ed25519", ...phrase).key, passphrase],
        ["one with another cipher", keygen("-t", "ed25519", "-Z", "aes256-gcm@openssh.com", ...phrase).key, passphrase],
        ["a PEM key with passphrase", keygen("-t", "rsa", "-m", "PEM", ...phrase).key, passphrase],
        ["a PKCS#8 key with passphrase", keygen("-t", "rsa", "-m", "PKCS8", ...phrase).key, passphrase],
        ["ssh.com's with passphrase", "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nAAAA", passphrase],
        ["a public key", publicKey, /^it is a public key; .* without \.pub/],
        ["a public key in PEM", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", /^it is a public key/],
        ["a public key in RFC 4716", "---- BEGIN SSH2 PUBLIC KEY ----\nAAAA", /^it is a public key/],
        [
            "PuTTY's",
            "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n",
            /^it is in PuTTY's format; .*Export OpenSSH key/,
        ],
        ["a certificate", certificatePem, /^it is a certificate/],
        ["a path at home", "~/.ssh/id_ed25519", /^it is the path of a file/],
        ["a path", "/home/anna/.ssh/nas", /^it is the path of a file/],
        ["a path of Windows", "C:\\Users\\anna\\.ssh\\id_ed25519", /^it is the path of a file/],
        ["a file's name", "id_ed25519", /^it is the path of a file/],
        ["DSA", "-----BEGIN DSA PRIVATE KEY-----\nMIIB\n-----END DSA PRIVATE KEY-----\n", /^it is a DSA key/],
        ["DSA in OpenSSH's format", opensshOf("ssh-dss"), /^it is a DSA key/],
        [
            "a security key's stub",
            opensshOf("sk-ssh-ed25519@openssh.com"),
            /^it is the stub of a key on a security key/,
        ],
        ["a key without its end", key.slice(0, 200), /^it is not a private key/],
        ["a key with a line missing", key.replace(/\n.{70}\n(?=.{70}\n)/, "\n"), /^it is cut short/],
        ["a password", "s3cret", /^it is not a private key/],
        ["base64 of a key", Buffer.from(key).toString("base64"), /^it is not a private key/],
    ])("%s", (_, given, sentence) => {
        const problem = privateKeyProblem(given) ?? "";
        expect(problem).toMatch(sentence);
        expect(problem).not.toContain("s3cret");
    });
});

describe("before anything is made", () => {
    const probe = (privateKey: pulumi.Input<string>) =>
        new NasProbe("probe", { vendor: "synology", connection: { host: "nas", hostKey, privateKey } });

    test("a key that is none is refused", async () => {
        const all = await registered(() => {
            expect(() => probe(publicKey)).toThrow("connection.privateKey: it is a public key");
        });
        expect(all.map(({ type }) => type)).toEqual(["nas-registry:index:NasProbe"]);
    });

    test.each([
        ["at once", key.replaceAll("\n", "\r\n"), key],
        ["as a secret", pulumi.secret(key.trim()), key],
        ["empty", "", undefined],
    ])("a key given %s is in the one spelling", async (_, given, wanted) => {
        const all = await registered(() => probe(given));
        const command = all.find(({ name }) => name === "probe-probe");
        expect((command?.inputs.connection as { privateKey?: string }).privateKey).toBe(wanted);
        expect(command?.secretInputs).toContain("connection");
    });
});
