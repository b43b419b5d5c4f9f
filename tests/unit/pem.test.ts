import { generateKeyPairSync, type KeyExportOptions } from "node:crypto";

import { describe, expect, test } from "vitest";

import { certificateProblems } from "../../components/certificates/givenCertificate";
import * as is from "../../components/settings/is";
import { Problems } from "../../components/settings/shape";
import { issue } from "../certificates";
import { caCertificate, otherCaCertificate } from "../publicAuthorities";

const both = caCertificate + otherCaCertificate;
const lines = (text: string, end: string) => text.replaceAll("\n", end);
const label = (text: string, name: string) => text.replaceAll("CERTIFICATE-", `${name}-`);
const { privateKey: ec } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const { privateKey: rsa } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pem = (key: typeof ec, type: "pkcs1" | "pkcs8" | "sec1", options: Partial<KeyExportOptions<"pem">> = {}) =>
    key.export({ format: "pem", type, ...options } as KeyExportOptions<"pem">).toString();
const pkcs8 = pem(ec, "pkcs8");

describe("certificates in every form that people paste", () => {
    test.each([
        ["as OpenSSL writes them", both],
        ["Windows' line ends", lines(both, "\r\n")],
        ["line ends of old Macs", lines(both, "\r")],
        ["a byte order mark", `\uFEFF${both}`],
        ["no newline at the end", both.trim()],
        ["empty lines", lines(both, "\n\n")],
        ["blanks at the ends of lines", lines(both, " \t\n")],
        ["blanks before lines", `  ${lines(both, "\n  ")}`],
        ["one line", lines(both, "")],
        ["one line with blanks", lines(both, " ")],
        ["\\n for line ends", lines(both, "\\n")],
        ["\\r\\n for line ends", lines(both, "\\r\\n")],
        ["text of openssl x509 -text", `Certificate:\n    Data:\n        Version: 3 (0x2)\n${both}`],
        [
            "attributes of openssl pkcs12",
            lines(both, "\n").replaceAll(
                "-----BEGIN",
                "Bag Attributes\n    friendlyName: x\nsubject=CN = y\n-----BEGIN",
            ),
        ],
        ["the name of Netscape's time", label(both, "X509 CERTIFICATE")],
        ["trusted ones of OpenSSL", label(both, "TRUSTED CERTIFICATE")],
        ["a key beside them", `${pkcs8}${caCertificate}${pkcs8}${otherCaCertificate}`],
        ["a list of revoked ones beside them", `${both}-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n`],
    ])("%s", (_, text) => {
        expect(is.certificates.spelling?.(text)).toBe(both);
    });
});

describe("private keys in every form that people paste", () => {
    const sec1 = pem(ec, "sec1");
    const pkcs1 = pem(rsa, "pkcs1");
    test.each([
        ["PKCS #8", pkcs8, pkcs8],
        ["PKCS #8 of RSA", pem(rsa, "pkcs8"), pem(rsa, "pkcs8")],
        ["PKCS #1", pkcs1, pkcs1],
        ["SEC 1", sec1, sec1],
        [
            "SEC 1 with its parameters",
            `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${sec1}`,
            sec1,
        ],
        ["Windows' line ends and a byte order mark", `\uFEFF${lines(pkcs1, "\r\n")}`, pkcs1],
        ["one line", lines(pkcs8, ""), pkcs8],
        ["\\n for line ends", lines(sec1, "\\n"), sec1],
        [
            "attributes of openssl pkcs12",
            `Bag Attributes\n    localKeyID: 01\nKey Attributes: <No Attributes>\n${pkcs8}`,
            pkcs8,
        ],
        ["a certificate before it", caCertificate + pkcs8, pkcs8],
    ])("%s", (_, text, key) => {
        expect(is.privateKey.spelling?.(text)).toBe(key);
        expect(is.privateKey.isRight(key)).toBe(true);
    });

    test.each([
        [
            "encrypted PKCS #8",
            pem(ec, "pkcs8", { cipher: "aes-256-cbc", passphrase: "x" }),
            "it is encrypted with a passphrase; 'openssl pkey -in FILE' asks for it and prints the key without.",
        ],
        [
            "encrypted PKCS #1",
            pem(rsa, "pkcs1", { cipher: "aes-256-cbc", passphrase: "x" }),
            "it is encrypted with a passphrase; 'openssl pkey -in FILE' asks for it and prints the key without.",
        ],
        [
            "OpenSSH",
            "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==\n-----END OPENSSH PRIVATE KEY-----\n",
            "it is in OpenSSH's own form; 'ssh-keygen -p -m PEM -f FILE' turns the file into PEM.",
        ],
        [
            "damaged",
            pkcs8.replace("MIG", "AAA"),
            "it cannot be read; it must be PEM, and not encrypted with a passphrase.",
        ],
    ])("%s is explained", async (_, text, sentence) => {
        const meant = is.privateKey.spelling?.(text) ?? "";
        expect(is.privateKey.isRight(meant)).toBe(true);
        const { certificate } = await issue("nas", { names: ["nas"] });
        expect(certificateProblems({ certificate, privateKey: meant }, ["nas"], new Date()).errors).toEqual([
            `privateKey: ${sentence}`,
        ]);
    });
});

test.each([
    [
        "a request",
        label(caCertificate, "CERTIFICATE REQUEST"),
        "a request for a certificate; give what the authority made of it",
    ],
    [
        "Microsoft's request",
        label(caCertificate, "NEW CERTIFICATE REQUEST"),
        "a request for a certificate; give what the authority made of it",
    ],
    [
        "PKCS #7",
        label(caCertificate, "PKCS7"),
        "a PKCS #7 bundle, of which 'openssl pkcs7 -print_certs -in FILE' makes PEM",
    ],
    ["a public key", "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n", "a public key"],
    ["a private key", pkcs8, "a private key"],
    ["cut off", caCertificate.slice(0, 400), "cut off: the line that begins with -----END is missing"],
    ["base64 of PEM", Buffer.from(caCertificate).toString("base64"), "base64 of PEM, which 'base64 -d' turns into PEM"],
    [
        "base64 alone",
        caCertificate.replace(/-----.*-----\n/g, ""),
        "base64 without the lines that begin with -----BEGIN and -----END",
    ],
    [
        "DER or PKCS #12",
        Buffer.from(caCertificate.replace(/-----.*-----\n/g, ""), "base64").toString(),
        "a binary file, PKCS #12 (.pfx, .p12) or DER (.der, .cer), of which 'openssl pkcs12 -nodes -in FILE' or 'openssl x509 -inform der -in FILE' makes PEM",
    ],
    ["the name of a file", "/etc/ssl/certs/home lan.pem", "the name of a file; give what is in it"],
    ["nothing", "", "not allowed"],
])("%s in a certificate's place is told by what it is", (_, text, what) => {
    const problems = new Problems();
    problems.check("certificate.certificate", text, { ...is.certificates, hides: () => true });
    expect(problems.sentences).toEqual([
        `certificate.certificate: the value given is ${what}; it must be PEM of certificates.`,
    ]);
});
