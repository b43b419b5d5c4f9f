import { describe, expect, test } from "vitest";

import { retentionValues } from "../../components/operations/retention/retention";
import { regctlConfig } from "../../components/operations/regclient";
import { ownClient, ownHost } from "../../components/registry/ownClient";
import { withDefaults } from "../../components/registry/settings";
import { globsSource, isGlob } from "../../components/settings/glob";
import { required } from "./arguments";
import { saidOf } from "./combinations";

describe("rules", () => {
    const problemsOf = (retention: object) => saidOf({ ...required, operations: { retention } }).problems;

    test.each<[string, object, string | RegExp]>([
        ["none at all", {}, /operations\.retention\.rules: it is missing/],
        ["an empty list", { rules: [] }, /^operations\.retention\.rules: \[\] is not allowed/],
        [
            "one that keeps nothing",
            { rules: [{ tags: ["pr-*"] }] },
            /^operations\.retention\.rules\[0\]: it keeps nothing/,
        ],
        ["no pattern", { rules: [{ keepNewest: 1, tags: [] }] }, /^operations\.retention\.rules\[0\]\.tags: \[\]/],
        ["zero", { rules: [{ keepNewest: 0 }] }, /rules\[0\]\.keepNewest: 0 is not allowed/],
        ["days", { rules: [{ keepYounger: "30d" }] }, /rules\[0\]\.keepYounger: "30d" is not allowed/],
        ["a range that ends before it begins", { rules: [{ keepNewest: 1, tags: ["[9-0]"] }] }, /tags\[0\]: "\[9-0\]"/],
        ["an alternation", { rules: [{ keepNewest: 1, tags: ["a|b"] }] }, /tags\[0\]: "a\|b" is not allowed/],
        ["a share of all", { rules: [{ keepNewest: 1 }], maxShare: 101 }, /maxShare: 101 is not allowed/],
        ["a blank", { rules: [{ keepNewest: 1 }], keep: ["a b"] }, /keep\[0\]: "a b" is not allowed/],
    ])("%s: refused", (_, retention, sentence) => {
        const problems = problemsOf(retention);
        expect(problems).toHaveLength(1);
        expect(problems[0]).toMatch(sentence);
    });

    test("are lines for the NAS, and latest stays unless said otherwise", () => {
        const rules = [{ repositories: ["ci/**", "a?"], tags: ["v*"], keepNewest: 3, keepYounger: "1h30m" }];
        expect(retentionValues({ rules }).retention_rules).toBe(
            "share 30\nkeep ^(latest)$\nrule ^(ci/.*|a[^/])$ ^(v[^/]*)$ 3 5400",
        );
        expect(retentionValues({ rules: [{ keepNewest: 2 }], keep: [] }).retention_rules).toBe(
            "share 30\nrule ^(.*)$ ^([^/]*)$ 2 -",
        );
        expect(retentionValues(undefined).retention_rules).toBe("");
    });
});

test.each([
    ["*", ["a", ""], ["a/b"]],
    ["**", ["a", "a/b"], []],
    ["**/app", ["app", "ci/app", "ci/a/app"], ["myapp"]],
    ["ci/*", ["ci/a"], ["ci/a/b", "xci/a"]],
    ["1.?", ["1.2"], ["1.23", "112"]],
    ["v[0-9]*", ["v1", "v12-rc"], ["vx"]],
    ["[!v]", ["a"], ["v", "ab"]],
])("%s means what it says", (pattern, meant, others) => {
    expect(isGlob(pattern)).toBe(true);
    const expression = RegExp(globsSource([pattern]));
    expect(meant.filter((text) => !expression.test(text))).toEqual([]);
    expect(others.filter((text) => expression.test(text))).toEqual([]);
});

test.each(["", "[]", "[!]", "[a", "a]", "a b", "a\nb", "(a)", "a+", "\\d", "^a", "a$", "{a,b}", "[b-a]", "ä"])(
    "%j is no pattern",
    (text) => expect(isGlob(text)).toBe(false),
);

describe("inside the NAS the registry is reached", () => {
    const clientOf = (args: object) => {
        const open = withDefaults("registry", { ...required, ...args });
        const config = JSON.parse(
            regctlConfig(ownHost(open, { name: "anna", password: "s3cret", caCertificate: "PEM" })),
        ) as object;
        return { ...ownClient(open), config };
    };

    test("by a name of its certificate, and its container's address", () => {
        expect(clientOf({ hostName: "192.168.1.20", certificateNames: ["images.lan"] })).toEqual({
            regclient_network: "registry",
            regclient_name: "diskstation.local",
            regclient_address: "",
            regclient_authority: "diskstation.local:5000",
            config: {
                hosts: { "diskstation.local:5000": { tls: "enabled", regcert: "PEM", user: "anna", pass: "s3cret" } },
            },
        });
    });

    test("by the NAS's own address when the certificate has no name", () => {
        const connection = { ...required.connection, host: "192.168.1.20" };
        expect(clientOf({ connection, port: 9170 })).toMatchObject({
            regclient_name: "",
            regclient_authority: "192.168.1.20:9170",
        });
    });

    test("without TLS by any name", () => {
        const { config, ...client } = clientOf({ tls: "none" });
        expect(client).toMatchObject({ regclient_name: "registry", regclient_authority: "registry:5000" });
        expect(config).toEqual({ hosts: { "registry:5000": { tls: "disabled", user: "anna", pass: "s3cret" } } });
    });

    test("in the NAS's own network where it listens", () => {
        expect(clientOf({ networkMode: "host", port: 9170, bindAddress: "192.168.1.9" })).toMatchObject({
            regclient_network: "host",
            regclient_name: "diskstation.local",
            regclient_address: "192.168.1.9",
            regclient_authority: "diskstation.local:9170",
        });
        expect(clientOf({ networkMode: "host" })).toMatchObject({ regclient_address: "127.0.0.1" });
    });
});
