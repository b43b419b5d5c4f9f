/** Certificates as authorities have delivered them over the years. */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { beforeAll, describe, expect, test } from "vitest";

import { arranged } from "../../components/certificates/chain";
import { certificateProblems } from "../../components/certificates/givenCertificate";
import { run } from "../../toolchain/process";
import { certificatesIn } from "../../components/certificates/pem";
import { issue, type IssueOptions } from "../certificates";

const host = "registry.home.lan";
const now = new Date("2026-06-15T12:00:00Z");
const year = { notBefore: new Date("2026-01-01T00:00:00Z"), notAfter: new Date("2027-01-01T00:00:00Z") };
const expired = { notBefore: new Date("2020-01-01T00:00:00Z"), notAfter: new Date("2024-09-30T00:00:00Z") };
const right = { errors: [], warnings: [] };

const made = async () => {
    const authority = { ...year, authority: true };
    const root = await issue("Root", authority);
    const oldRoot = await issue("Old Root", { ...expired, authority: true });
    const youngRoot = await issue("Young Root", authority);
    const issuing = await issue("Issuing", { ...authority, issuer: root });
    const intermediate = await issue("Intermediate", { ...authority, issuer: issuing });
    const names = { ...year, names: [host] };
    const server = await issue(host, { ...names, issuer: intermediate });
    return {
        root,
        oldRoot,
        issuing,
        intermediate,
        server,
        // The same authority by the certificate of another, as DST Root CA X3 and AddTrust had given them.
        crossExpired: await issue("Root", { ...expired, authority: true, issuer: oldRoot, again: root }),
        cross: await issue("Root", { ...authority, issuer: youngRoot, again: root }),
        issuingBefore: await issue("Issuing", { ...expired, authority: true, issuer: root, again: issuing }),
        serverBefore: await issue(host, { ...names, ...expired, issuer: intermediate, again: server }),
        ofRoot: await issue(host, { ...names, issuer: root }),
        alone: await issue(host, names),
        stranger: await issue("mail.home.lan", { ...year, issuer: intermediate, names: ["mail.home.lan"] }),
        strangers: await issue("Their CA", authority),
    };
};
let of: Awaited<ReturnType<typeof made>>;
beforeAll(async () => {
    of = await made();
});
type Name = keyof typeof of;
const bundle = (names: Name[]) => names.map((name) => of[name].certificate).join("");
const given = (certificate: Name[], key: Name = "server", caCertificate?: Name[]) => ({
    certificate: bundle(certificate),
    privateKey: of[key].privateKey,
    ...(caCertificate && { caCertificate: bundle(caCertificate) }),
});
const shown = (one: ReturnType<typeof given>) => {
    const nameOf = (pem: string) => Object.entries(of).find(([, { certificate }]) => certificate === pem)?.[0];
    return arranged(one, now).chain.map((each) => nameOf(each.toString()));
};

const whole: Name[] = ["server", "intermediate", "issuing"];
test.each<[string, Name[], Name[]?, Name[]?, Name?]>([
    ["in order", whole],
    ["root first", ["root", "issuing", "intermediate", "server"]],
    ["server last", ["intermediate", "issuing", "server"]],
    ["intermediates the wrong way round", ["server", "issuing", "intermediate"]],
    ["the root behind it", [...whole, "root"]],
    ["the root between", ["server", "root", "intermediate", "issuing"]],
    ["each twice", ["server", "server", "intermediate", "issuing", "intermediate", "issuing", "server"]],
    ["an authority of one's own", whole, whole, ["root"]],
    ["the authority in it, too", [...whole, "root"], whole, ["root"]],
    ["clients that trust an intermediate one", whole, whole, ["intermediate"]],
    ["clients that trust the root and an intermediate one", ["server"], ["server"], ["root", "intermediate"]],
    ["the authority's certificate by another one", [...whole, "cross"], [...whole, "cross"], ["root"]],
    ["the same, and the root", [...whole, "root", "cross"], [...whole, "cross"], ["root"]],
    ["the same, which has expired", [...whole, "crossExpired"], whole, ["root"]],
    ["the same, and who had given it", [...whole, "crossExpired", "oldRoot"], whole, ["root"]],
    [
        "the same, and the root, for public clients",
        ["server", "intermediate", "issuing", "crossExpired", "root"],
        whole,
    ],
    ["an old certificate of an intermediate one", ["server", "intermediate", "issuingBefore", "issuing"], whole],
    ["the server's old certificate of the same key", ["serverBefore", ...whole], whole],
    ["a server directly below the root", ["root", "ofRoot"], ["ofRoot"], ["root"], "ofRoot"],
    ["the same, clients know the root otherwise", ["ofRoot", "root"], ["ofRoot"], undefined, "ofRoot"],
    ["signed by itself", ["alone"], ["alone"], undefined, "alone"],
    ["signed by itself, and its own authority", ["alone"], ["alone"], ["alone"], "alone"],
])(
    "%s: shown in its order, without what clients have",
    (_, certificate, chain = whole, authorities, key = "server") => {
        const one = given(certificate, key, authorities);
        expect(shown(one)).toEqual(chain);
        expect(certificateProblems(one, [host], now)).toEqual(right);
    },
);

test("for public clients, an end that has expired goes where a public root has its name and key", () => {
    const one = given([...whole, "crossExpired", "oldRoot"]);
    const ends = (roots: Name[]) => arranged(one, now, () => certificatesIn(bundle(roots))).chain.length;
    expect([ends(["root"]), ends(["strangers"])]).toEqual([3, 4]);
});

test.each<[string, Name[], string[]]>([
    ["another server's certificate", ["stranger", ...whole], ["mail.home.lan"]],
    ["an authority of somebody else", [...whole, "strangers"], ["Their CA"]],
    ["both", ["strangers", "stranger", ...whole], ["Their CA", "mail.home.lan"]],
])("%s is left out, and said", (_, certificate, subjects) => {
    const one = given(certificate);
    expect(shown(one)).toEqual(whole);
    expect(certificateProblems(one, [host], now)).toEqual({
        errors: [],
        warnings: subjects.map(
            (each) => `certificate: 'CN=${each}' has no part in the chain of 'CN=${host}', and is left out.`,
        ),
    });
});

describe("what cannot be served is explained", () => {
    test.each<[string, Name[], Name[] | undefined, string]>([
        [
            "an intermediate one is missing between",
            ["server", "issuing"],
            ["root"],
            "certificate: 'CN=registry.home.lan' is not signed by 'CN=Root' of caCertificate; add the intermediate certificates, or give the authority's own.",
        ],
        [
            "the server's alone",
            ["server"],
            undefined,
            "certificate: it ends with 'CN=registry.home.lan', whose issuer 'CN=Intermediate' is missing; give the full chain (fullchain.pem), or caCertificate when the issuer is an authority of your own.",
        ],
        [
            "an authority in the server's place",
            ["intermediate"],
            undefined,
            "privateKey: it is the key of no certificate that is given; give that of 'CN=Intermediate'.",
        ],
        [
            "an intermediate one that has expired and is needed",
            ["server", "intermediate", "issuingBefore"],
            ["root"],
            "certificate: 'CN=Issuing' has expired on 2024-09-30T00:00:00.000Z; renew it.",
        ],
        [
            "its old certificate alone",
            ["serverBefore", "intermediate", "issuing"],
            undefined,
            "certificate: 'CN=registry.home.lan' has expired on 2024-09-30T00:00:00.000Z; renew it.",
        ],
    ])("%s", (_, certificate, authorities, sentence) => {
        expect(certificateProblems(given(certificate, "server", authorities), [host], now).errors).toContain(sentence);
    });

    test("an authority that has expired, beside the one that counts, is a warning", () => {
        expect(certificateProblems(given(whole, "server", ["oldRoot", "root"]), [host], now)).toEqual({
            errors: [],
            warnings: ["caCertificate: 'CN=Old Root' has expired on 2024-09-30T00:00:00.000Z; renew it."],
        });
    });

    test("one of several that cannot be read, by its number", () => {
        const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        const one = { ...given(whole), certificate: of.server.certificate + broken + of.issuing.certificate };
        expect(certificateProblems(one, [host], now).errors).toEqual([
            "certificate: certificate 2 of 3 in it cannot be read; copy the file anew.",
        ]);
    });
});

test("an address as a DNS name is explained", async () => {
    const options = { ...year, names: [{ type: "dns", value: "192.168.1.20" } as const] };
    const { certificate, privateKey } = await issue(host, options);
    expect(certificateProblems({ certificate, privateKey }, ["192.168.1.20"], now).errors).toEqual([
        "certificate: it is not for '192.168.1.20'; the names in it are DNS:192.168.1.20; an address must be in it as one, not as a DNS name.",
    ]);
});

test("an asterisk within a label counts for nothing, as with Go", async () => {
    const { certificate, privateKey } = await issue(host, { ...year, names: ["r*.home.lan"] });
    expect(certificateProblems({ certificate, privateKey }, [host], now).errors).toHaveLength(1);
});

describe("keys and signatures", () => {
    const alone = async (options: IssueOptions) => {
        const { certificate, privateKey } = await issue(host, { ...year, names: [host], ...options });
        return certificateProblems({ certificate, privateKey }, [host], now);
    };
    const of365 = { ...year, notAfter: new Date(year.notBefore.getTime() + 825 * 86_400_000) };

    test.each<[string, IssueOptions]>([
        ["RSA", { key: "rsa" }],
        ["P-384", { key: "p384" }],
        ["the purpose of a server", { purposes: ["1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1"] }],
        ["any purpose", { purposes: ["2.5.29.37.0"] }],
        ["825 days", of365],
        ["SHA-1 of what clients trust itself", { hash: "SHA-1" }],
    ])("%s is right", async (_, options) => {
        expect(await alone(options)).toEqual(right);
    });

    test.each<[string, IssueOptions, string]>([
        [
            "RSA of 1024 bits",
            { key: "rsa1024" },
            "has an RSA key of 1024 bits, which macOS, browsers and curl refuse; take 2048 or more.",
        ],
        [
            "Ed25519",
            { key: "ed25519" },
            "has an Ed25519 key, which browsers, macOS and Windows refuse; RSA and ECDSA suit all clients.",
        ],
        ["P-521", { key: "p521" }, "has a key of the curve P-521, which browsers refuse; P-256 suits all clients."],
        [
            "826 days",
            { ...year, notAfter: new Date(of365.notAfter.getTime() + 86_400_000) },
            "is valid for 826 days, and macOS refuses more than 825.",
        ],
    ])("%s is a warning", async (_, options, words) => {
        expect(await alone(options)).toEqual({ errors: [], warnings: [`certificate: 'CN=${host}' ${words}`] });
    });

    test.each<[string, IssueOptions, string]>([
        ["SHA-1", { hash: "SHA-1" }, "is signed with SHA-1, which Docker and browsers refuse; have it issued anew."],
        [
            "purposes without servers",
            { purposes: ["1.3.6.1.5.5.7.3.2"] },
            "is for other purposes than servers (extended key usage), so clients refuse it.",
        ],
    ])("%s is refused", async (_, options, words) => {
        const { certificate, privateKey } = await issue(host, { ...year, names: [host], issuer: of.root, ...options });
        const { errors } = certificateProblems(
            { certificate, privateKey, caCertificate: bundle(["root"]) },
            [host],
            now,
        );
        expect(errors).toEqual([`certificate: 'CN=${host}' ${words}`]);
    });

    test.each([
        ["DSA", ["-newkey", "dsa:parameters"], "the kind dsa, which Docker does not know; take RSA or ECDSA."],
        [
            "secp256k1",
            ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"],
            "the curve secp256k1, which Docker does not know; take P-256 or P-384.",
        ],
        ["RSA of 512 bits", ["-newkey", "rsa:512"], "512"],
        ["Ed448", ["-newkey", "ed448"], "the kind ed448, which Docker does not know; take RSA or ECDSA."],
    ])("%s is refused", async (_, options, words) => {
        const directory = fs.mkdtempSync(path.join(os.tmpdir(), "nas-registry-openssl-"));
        const read = (name: string) => fs.readFileSync(path.join(directory, name), "utf8");
        const openssl = (...args: string[]) => run("openssl", args, { cwd: directory });
        await openssl("dsaparam", "-out", "parameters", "1024");
        const subject = ["-subj", `/CN=${host}`, "-addext", `subjectAltName=DNS:${host}`, "-days", "2"];
        await openssl("req", "-x509", "-nodes", "-keyout", "key", "-out", "certificate", ...options, ...subject);
        const one = { certificate: read("certificate"), privateKey: read("key") };
        fs.rmSync(directory, { recursive: true });
        const { errors } = certificateProblems(one, [host], new Date());
        expect(errors.join("\n")).toContain(words);
    });
});
