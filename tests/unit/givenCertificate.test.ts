import { beforeAll, describe, expect, test } from "vitest";

import { certificateProblems } from "../../components/certificates/givenCertificate";
import { splitChain } from "../../components/certificates/pem";
import { issue, type Issued } from "../certificates";

const host = "registry.home.lan";
const now = new Date("2026-06-15T12:00:00Z");
const year = { notBefore: new Date("2026-01-01T00:00:00Z"), notAfter: new Date("2027-01-01T00:00:00Z") };

let root: Issued;
let intermediate: Issued;
let server: Issued;
let other: Issued;
beforeAll(async () => {
    root = await issue("Root", { ...year, authority: true });
    intermediate = await issue("Intermediate", { ...year, authority: true, issuer: root });
    server = await issue(host, {
        ...year,
        issuer: intermediate,
        names: [host, "*.apps.home.lan", "192.168.1.20", "fd00::1"],
    });
    other = await issue("other", { ...year, authority: true });
});

const chain = (...certificates: Issued[]) => certificates.map(({ certificate }) => certificate).join("");
const check = (
    given: { certificate?: string; privateKey?: string; caCertificate?: string },
    names = [host],
    at = now,
) =>
    certificateProblems(
        { certificate: chain(server, intermediate), privateKey: server.privateKey, ...given },
        names,
        at,
    );

describe("a certificate that is right", () => {
    test("with its intermediate, for clients that trust public authorities", () => {
        expect(check({})).toEqual({ errors: [], warnings: [] });
    });

    test("with the authority's certificate apart, or at its end, or both", () => {
        const right = { errors: [], warnings: [] };
        expect(check({ caCertificate: root.certificate })).toEqual(right);
        expect(check({ certificate: chain(server, intermediate, root) })).toEqual(right);
        expect(check({ certificate: chain(server, intermediate, root), caCertificate: root.certificate })).toEqual(
            right,
        );
    });

    test("for every kind of name that is in it", () => {
        const names = [host, "web.apps.home.lan", "192.168.1.20", "fd00::1", "fd00:0:0:0:0:0:0:1"];
        expect(check({}, names).errors).toEqual([]);
    });

    test("signed by itself, when clients are told of it or not", async () => {
        const alone = await issue(host, { ...year, names: [host] });
        expect(check({ certificate: alone.certificate, privateKey: alone.privateKey }).errors).toEqual([]);
    });
});

describe("the chain", () => {
    test("without its intermediate", () => {
        expect(check({ certificate: server.certificate }).errors).toEqual([
            "certificate: it ends with 'CN=registry.home.lan', whose issuer 'CN=Intermediate' is missing; give the full chain (fullchain.pem), or caCertificate when the issuer is an authority of your own.",
        ]);
    });

    test("without its intermediate, with an authority of one's own", () => {
        expect(check({ certificate: server.certificate, caCertificate: root.certificate }).errors).toEqual([
            "certificate: 'CN=registry.home.lan' is not signed by 'CN=Root' of caCertificate; add the intermediate certificates, or give the authority's own.",
        ]);
    });

    test("with a certificate that only has the issuer's name", async () => {
        const impostor = await issue("Intermediate", { ...year, authority: true });
        expect(check({ certificate: chain(server, impostor) }).errors).toEqual([
            "certificate: 'CN=registry.home.lan' is not signed by the 'CN=Intermediate' that is given, but by another of this name; give that one.",
        ]);
    });

    test("up to another authority than clients trust", () => {
        expect(
            check({ certificate: chain(server, intermediate, root), caCertificate: other.certificate }).errors,
        ).toEqual(["certificate: its chain ends with 'CN=Root', which is not in caCertificate."]);
    });

    test("through a certificate that may sign no other", async () => {
        const signed = await issue(host, { ...year, issuer: server, names: [host] });
        const certificate = chain(signed, server, intermediate);
        expect(check({ certificate, privateKey: signed.privateKey }).errors).toEqual([
            "certificate: 'CN=registry.home.lan' is no authority.",
        ]);
    });

    test("with a server's certificate in the place of the authority's", () => {
        expect(check({ caCertificate: chain(root, server) }).errors).toEqual([
            "caCertificate: 'CN=registry.home.lan' is no authority.",
        ]);
    });
});

describe("the private key", () => {
    test("of another certificate", () => {
        expect(check({ privateKey: other.privateKey }).errors).toEqual([
            "privateKey: it is the key of no certificate that is given; give that of 'CN=registry.home.lan'.",
        ]);
    });

    test("that cannot be read is not quoted", () => {
        const broken = server.privateKey.replace("MIG", "!!!");
        const { errors } = check({ privateKey: broken });
        expect(errors).toEqual(["privateKey: it cannot be read; it must be PEM, and not encrypted with a passphrase."]);
    });
});

describe("time", () => {
    test("before the certificate begins", () => {
        const early = new Date("2025-12-31T23:59:59Z");
        expect(check({}, [host], early).errors).toContain(
            "certificate: 'CN=registry.home.lan' is not valid before 2026-01-01T00:00:00.000Z.",
        );
    });

    test("after any of the chain has ended", async () => {
        const old = await issue("Old", {
            ...year,
            notAfter: new Date("2026-06-01T00:00:00Z"),
            authority: true,
            issuer: root,
        });
        const young = await issue(host, { ...year, issuer: old, names: [host] });
        expect(check({ certificate: chain(young, old), privateKey: young.privateKey }).errors).toEqual([
            "certificate: 'CN=Old' has expired on 2026-06-01T00:00:00.000Z; renew it.",
        ]);
    });

    test.each([
        ["2026-12-02T00:00:00Z", 0],
        ["2026-12-02T00:00:01Z", 2],
    ])("thirty days before the end, a warning for each certificate (%s: %d)", (at, count) => {
        const { errors, warnings } = check({}, [host], new Date(at));
        expect(errors).toEqual([]);
        expect(warnings).toHaveLength(count);
        if (count > 0) {
            expect(warnings[0]).toBe(
                "certificate: 'CN=registry.home.lan' ends in 29 days, on 2027-01-01T00:00:00.000Z; renew it.",
            );
        }
    });
});

test.each(["other.home.lan", "apps.home.lan", "a.b.apps.home.lan", "192.168.1.21", "fd00::2"])(
    "a name that is not in it is said with those that are (%s)",
    (name) => {
        expect(check({}, [host, name]).errors).toEqual([
            `certificate: it is not for '${name}'; the names in it are DNS:registry.home.lan, DNS:*.apps.home.lan, IP Address:192.168.1.20, IP Address:FD00:0:0:0:0:0:0:1.`,
        ]);
    },
);

test("a common name alone counts for nothing, as with today's clients", async () => {
    const { certificate, privateKey } = await issue(host, year);
    expect(check({ certificate, privateKey }).errors).toEqual([
        "certificate: it is not for 'registry.home.lan'; it has no alternative names, and clients do not look at its common name.",
    ]);
});

test.each(["", "no PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])(
    "what is no certificate is said (%j)",
    (text) => {
        expect(check({ certificate: text }).errors).toEqual([
            "certificate: there is no certificate in it that can be read; it must be PEM.",
        ]);
        expect(check({ caCertificate: text }).errors).toEqual([
            "caCertificate: there is no certificate in it that can be read; it must be PEM.",
        ]);
    },
);

test("every problem is said at once", () => {
    const late = new Date("2028-01-01T00:00:00Z");
    const { errors } = check({ certificate: server.certificate, privateKey: other.privateKey }, ["other"], late);
    expect(errors.map((error) => error.split(":")[0])).toEqual([
        "privateKey",
        "certificate",
        "certificate",
        "certificate",
    ]);
});

test("a chain is split at its certificates, whatever stands between them", () => {
    const text = `# server\r\n${server.certificate}subject=CN = Intermediate\n${intermediate.certificate}`;
    expect(splitChain(text)).toEqual([server.certificate, intermediate.certificate]);
});
