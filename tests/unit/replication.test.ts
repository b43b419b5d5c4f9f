import { describe, expect, test } from "vitest";

import { regsyncValues, replicationValues, targetHost } from "../../components/operations/replication/replication";
import { required } from "./arguments";
import { saidOf } from "./combinations";

const target = { registry: "nas-b.lan:9160", username: "anna", password: "s3cret" };

describe("a replica", () => {
    const problemsOf = (replication: object, more: object = {}) =>
        saidOf({ ...required, ...more, operations: { replication } }).problems;

    test.each<[string, object, RegExp]>([
        ["none", {}, /operations\.replication\.target: it is missing/],
        ["an address without a port", { target: { registry: "nas-b" } }, /target\.registry: "nas-b" is not allowed/],
        [
            "a user without password",
            { target: { registry: "b.lan:1", username: "a" } },
            /go together; give both or neither/,
        ],
        ["itself", { target: { registry: "localhost:5000" } }, /localhost is not allowed with networkMode bridge/],
        ["a pattern that is none", { target, exceptTags: ["a|b"] }, /exceptTags\[0\]: "a\|b" is not allowed/],
        ["no connections", { target, connections: 0 }, /connections: 0 is not allowed/],
        ["no time", { target, timeout: "0" }, /timeout: "0" is not allowed/],
    ])("%s: refused", (_, replication, sentence) => {
        const problems = problemsOf(replication);
        expect(problems).toHaveLength(1);
        expect(problems[0]).toMatch(sentence);
    });

    test("with a user, or on the NAS itself where the registry is in its network, is right", () => {
        expect(problemsOf({ target, repositories: ["prod/**"], tags: ["v*"], timeout: "4h" })).toEqual([]);
        expect(problemsOf({ target: { registry: "localhost:9999" } }, { networkMode: "host" })).toEqual([]);
    });
});

test("regsync gets both registries, patterns, and texts that are no templates", () => {
    const source = { registry: "images.lan:5000", tls: true, user: "b", pass: "{{env}}", authority: "PEM" };
    const args = { target: { ...target, tls: false }, repositories: ["prod/**", "app"], exceptTags: ["pr-*"] };
    const values = regsyncValues(source, targetHost(args.target), args);
    expect(JSON.parse(String(values.regsync_hosts))).toEqual([
        {
            registry: "images.lan:5000",
            tls: "enabled",
            regcert: "PEM",
            user: "b",
            pass: '{{"{{"}}env}}',
            reqConcurrent: 3,
        },
        { registry: "nas-b.lan:9160", tls: "disabled", user: "anna", pass: "s3cret", reqConcurrent: 3 },
    ]);
    expect(JSON.parse(String(values.replication_step))).toEqual({
        source: "images.lan:5000",
        target: "nas-b.lan:9160",
        type: "registry",
        repos: { allow: ["^(prod/.*|app)$"] },
        tags: { allow: [], deny: ["^(pr-[^/]*)$"] },
        digestTags: true,
        referrers: true,
    });
    expect(replicationValues(undefined).replication_target).toBe("");
});
