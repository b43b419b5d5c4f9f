import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";

import { extraConfigProblems, mergeExtraConfig } from "../../components/registry/sections/extraConfig";
import { renderYaml, type ConfigTree, type ConfigValue } from "../../components/registry/sections/yaml";

const ignored = (key: string, advice = ".") =>
    `extraConfig: '${key}' is not a key of distribution 3, which would ignore it${advice}`;

describe("what is wrong with extraConfig", () => {
    test.each([
        ["nothing", ""],
        ["a comment", "# later"],
        [
            "known keys of every kind",
            "catalog: {maxentries: 2000}\nhttp: {tls: {ciphersuites: [a, b]}}\nredis: {dialtimeout: 1m30s}",
        ],
        ["a boolean as in YAML 1.1", "http: {h2c: {enabled: yes}}"],
        ["a merge key", "http: {<<: {prefix: /a}}"],
        ["a duration of 0, which can mean never", "redis: {connmaxidletime: 0}"],
        ["any options of middleware", "middleware: {registry: [{name: a, options: {rack: 4, room: attic}}]}"],
        ["null for a key that is to go", "health: {storagedriver: null}"],
        ["a field without a name for YAML", "health: {http: [{uri: 'http://a', statuscode: 204}]}"],
    ])("%s is right", (_, text) => expect(extraConfigProblems(text)).toEqual([]));

    test.each([
        ["s3cret: [", "it is not YAML at line 1, column 10 (bad indent)."],
        ["log: {level: info}\nlog: s3cret", "it is not YAML at line 2, column 1 (duplicate key)."],
        ["log: !s3cret x", "it is not YAML at line 1, column 6 (tag resolve failed)."],
        ["log: {}\n---\nlog: s3cret", "it is not YAML at line 2, column 1 (multiple docs)."],
        ["log: *s3cret", "it has an alias without its anchor, one to what it is itself in, or too many."],
        ["&s3cret\nlog: *s3cret", "it has an alias without its anchor, one to what it is itself in, or too many."],
        ["s3cret", "it must be a YAML mapping, such as 'catalog: {maxentries: 2000}'."],
        ["- s3cret", "it must be a YAML mapping, such as 'catalog: {maxentries: 2000}'."],
    ])("%j is refused without its content", (text, problem) =>
        expect(extraConfigProblems(text)).toEqual([`extraConfig: ${problem}`]),
    );

    test.each([
        ["redis: {addr: 'a:1'}", "redis.addr", "; did you mean 'redis.addrs', a list?"],
        [
            "redis: {pool: {maxidle: 16}}",
            "redis.pool",
            "; did you mean 'redis.maxidleconns', 'redis.maxactiveconns' and 'redis.connmaxidletime'?",
        ],
        ["compatibility: {schema1: {enabled: true}}", "compatibility", "; it has no manifests of schema 1 any more."],
        ["catalog: {maxEntries: 5}", "catalog.maxEntries", "; did you mean 'catalog.maxentries'?"],
        ["http: {tls: {clientca: [a]}}", "http.tls.clientca", "; did you mean 'http.tls.clientcas'?"],
        ["maxtags: 5", "maxtags", "; did you mean 'tags.maxtags'?"],
        ["health: {tcp: [{timeout: 1s}, {adr: b}]}", "health.tcp[1].adr", "; did you mean 'health.tcp[1].addr'?"],
        ["quota: 5", "quota", "."],
        ["password: 5", "password", "."],
        ["constructor: 5", "constructor", "."],
        ["__proto__: {a: 1}", "__proto__", "."],
        ["'a b': 5", '"a b"', "."],
        ["quota: null", "quota", "."],
    ])("%j has a key that distribution ignores", (text, key, advice) =>
        expect(extraConfigProblems(text)).toEqual([ignored(key, advice)]),
    );

    const duration = "a duration with its unit, such as 90s or 24h; distribution takes a bare number for nanoseconds";
    test.each([
        ["http: {tls: {ciphersuites: a}}", "http.tls.ciphersuites", "a list of strings"],
        ["http: {tls: {ciphersuites: [1]}}", "http.tls.ciphersuites[0]", "a string; put it in quotes"],
        ["health: {tcp: {addr: 'a:1'}}", "health.tcp", "a list"],
        ["log: info", "log", "a mapping"],
        ["redis: {poolfifo: 'true'}", "redis.poolfifo", "true or false, without quotes"],
        ["redis: {poolfifo: 1}", "redis.poolfifo", "true or false, without quotes"],
        ["catalog: {maxentries: '5'}", "catalog.maxentries", "a whole number, without quotes"],
        ["catalog: {maxentries: .inf}", "catalog.maxentries", "a whole number, without quotes"],
        ["redis: {dialtimeout: 60}", "redis.dialtimeout", duration],
        ["redis: {dialtimeout: 1 day}", "redis.dialtimeout", duration],
        ["middleware: {storage: [{options: {duration: 0}}]}", "middleware.storage[0].options.duration", duration],
        ["redis: {clientname: 0123}", "redis.clientname", "a string; put it in quotes"],
        ["middleware: {storage: [{name: xml}]}", "middleware.storage[0].name", "one of cloudfront, redirect, rewrite"],
        ["version: 0.2", "version", "0.1, distribution's only one"],
        ["version: null", "version", "0.1, distribution's only one"],
    ])("%j has a value of the wrong kind", (text, key, allowed) =>
        expect(extraConfigProblems(text)).toEqual([`extraConfig: '${key}' must be ${allowed}.`]),
    );

    test("every problem is told", () => expect(extraConfigProblems("loglevl: a\ntags: 5\nquota: 1")).toHaveLength(3));

    test.each([
        ["http: {addr: '0.0.0.0:5000'}", "http.addr", "port and bindAddress"],
        ["http: {<<: {addr: '0.0.0.0:5000'}}", "http.addr", "port and bindAddress"],
        ["http: {net: unix}", "http.net", "port and bindAddress"],
        ["http: {tls: {certificate: null}}", "http.tls.certificate", "tls and certificate"],
        ["http: {tls: {key: /other.pem}}", "http.tls.key", "tls and certificate"],
        ["http: {tls: {letsencrypt: {cachefile: /a}}}", "http.tls.letsencrypt", "tls and certificate"],
        ["http: {tls: {minimumtls: tls1.2}}", "http.tls.minimumtls", "minimumTls"],
        ["http: {host: 'http://elsewhere'}", "http.host", "externalUrl"],
        ["http: {debug: {addr: '0.0.0.0:5001'}}", "http.debug", "metrics"],
        ["http: {secret: known}", "http.secret", "httpSecret"],
        ["auth: null", "auth", "auth, with users or token"],
        ["auth: {silly: {realm: a, service: b}}", "auth", "auth, with users or token"],
        ["storage: {inmemory: {}}", "storage.inmemory", "storage"],
        ["storage: {s3aws: {bucket: b}}", "storage.s3aws", "storage"],
        [
            "storage: {filesystem: {rootdirectory: /tmp}}",
            "storage.filesystem.rootdirectory",
            "dataDirectory or storage",
        ],
        ["storage: {delete: {enabled: true}}", "storage.delete", "deletes"],
        ["storage: {maintenance: {readonly: {enabled: false}}}", "storage.maintenance.readonly", "readOnly"],
        ["redis: {addrs: ['elsewhere:6379']}", "redis.addrs", "cache and externalRedis"],
        ["redis: {tls: null}", "redis.tls", "cache and externalRedis"],
        ["proxy: {remoteurl: 'https://a'}", "proxy", "upstream of a NasMirror"],
        ["log: {level: debug}", "log.level", "logLevel"],
        ["loglevel: debug", "loglevel", "logLevel"],
    ])("%j is an argument's, and the sentence names it", (text, key, owner) =>
        expect(extraConfigProblems(text)).toEqual([
            `extraConfig: '${key}' is not for extraConfig; set ${owner} instead.`,
        ]),
    );

    test.each(["http", "http.tls", "storage", "storage.filesystem", "storage.maintenance", "redis", "log"])(
        "%s is not taken away with what arguments set in it",
        (key) => {
            const text = key.replace(/\.(.*)/, ": {$1").concat(key.includes(".") ? ": null}" : ": null");
            expect(extraConfigProblems(text)).toEqual([
                `extraConfig: '${key}' must not be null, since arguments set keys in it.`,
            ]);
        },
    );

    test("a second storage driver is refused", () =>
        expect(extraConfigProblems("storage: {filesystem: {maxthreads: 50}}", { storage: { s3: {} } })).toEqual([
            "extraConfig: 'storage' has s3 and filesystem, but distribution 3 takes one storage driver; leave out the other.",
        ]));

    test("no value is ever told, whatever is wrong with it", () => {
        const secret = "tr0ub4dor";
        const value = fc.letrec((tie) => ({
            value: fc.oneof(
                { maxDepth: 3 },
                fc.constant(secret),
                fc.array(tie("value"), { maxLength: 2 }),
                fc.dictionary(fc.constantFrom("http", "redis", "tls", "addrs", "addr", "headers", "x"), tie("value")),
            ),
        })).value;
        fc.assert(fc.property(value, (tree) => !extraConfigProblems(stringify(tree)).join("\n").includes(secret)));
    });
});

describe("extraConfig on top of a configuration", () => {
    const config: ConfigTree = {
        http: { addr: ":5000", headers: { "X-A": ["a"], "X-B": ["b"] } },
        storage: { delete: { enabled: true } },
    };
    const merged = (text: string | undefined) => mergeExtraConfig(config, text);

    test.each([
        ["nothing", undefined, config],
        ["an empty text", "", config],
        ["a new key", "catalog: {maxentries: 5}", { ...config, catalog: { maxentries: 5 } }],
        [
            "a key deep inside",
            "http: {headers: {X-C: [c]}}",
            { ...config, http: { addr: ":5000", headers: { "X-A": ["a"], "X-B": ["b"], "X-C": ["c"] } } },
        ],
        [
            "a list, which takes the place of the other",
            "http: {headers: {X-A: [z]}}",
            { ...config, http: { addr: ":5000", headers: { "X-A": ["z"], "X-B": ["b"] } } },
        ],
        [
            "what YAML 1.1 takes for true, dates and times, and distribution for text",
            "catalog: {y: 2001-01-01, 'on': 12:30}",
            { ...config, catalog: { y: "2001-01-01", on: "12:30" } },
        ],
        ["null, which takes the key away", "http: null", { storage: config.storage }],
        ["null for what is not there", "redis: {tls: null}", { ...config, redis: {} }],
        ["a mapping for a value", "http: {addr: {a: 1}, headers: null}", { ...config, http: { addr: { a: 1 } } }],
    ])("%s", (_, text, expected) => expect(merged(text)).toEqual(expected));

    test("a text that is no YAML is an error without its content", () =>
        expect(() => merged("s3cret: [")).toThrow(
            /^extraConfig: it is not YAML at line 1, column 10 \(bad indent\)\.$/,
        ));

    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string(), { maxLength: 3 }));
    const tree = (withNull: boolean) =>
        fc.letrec<{ tree: ConfigTree }>((tie) => ({
            tree: fc.dictionary(
                fc.constantFrom("a", "b", "c", "d", "__proto__"),
                fc.oneof({ maxDepth: 3 }, withNull ? fc.option(leaf) : leaf, tie("tree")),
            ),
        })).tree;
    const isTree = (value: ConfigValue): value is ConfigTree =>
        typeof value === "object" && value !== null && !Array.isArray(value);
    /** Every leaf, an empty mapping being one, with the keys that lead to it. */
    const leaves = (value: ConfigValue, path: string[] = []): [string[], ConfigValue][] =>
        isTree(value) && Object.keys(value).length > 0
            ? Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]))
            : [[path, value]];
    const at = (value: ConfigValue | undefined, path: string[]): ConfigValue | undefined =>
        path.reduce<ConfigValue | undefined>(
            (inner, key) =>
                typeof inner === "object" && inner !== null && Object.hasOwn(inner, key)
                    ? (inner as ConfigTree)[key]
                    : undefined,
            value,
        );
    const forAny = (claim: (base: ConfigTree, extra: ConfigTree) => void) =>
        fc.assert(fc.property(tree(false), tree(true), claim));

    test("the extra text wins everywhere", () =>
        forAny((base, extra) => {
            const sum = mergeExtraConfig(base, renderYaml(extra));
            for (const [path, value] of leaves(extra).filter(([, value]) => !isTree(value))) {
                expect(at(sum, path)).toEqual(value ?? undefined);
            }
        }));

    test("what it does not speak of stays", () =>
        forAny((base, extra) => {
            const sum = mergeExtraConfig(base, renderYaml(extra));
            const given = leaves(extra).map(([path]) => path.join("."));
            for (const [path, value] of leaves(base)) {
                const text = path.join(".");
                if (!given.some((other) => text.startsWith(other) || other.startsWith(text))) {
                    expect(at(sum, path)).toEqual(value);
                }
            }
        }));

    test("twice is once", () =>
        forAny((base, extra) => {
            const sum = mergeExtraConfig(base, renderYaml(extra));
            expect(mergeExtraConfig(sum, renderYaml(extra))).toEqual(sum);
        }));

    test("neither of the two is changed", () =>
        forAny((base, extra) => {
            const before = structuredClone(base);
            mergeExtraConfig(base, renderYaml(extra));
            expect(base).toEqual(before);
        }));
});

describe("the text of a configuration", () => {
    test.each(["yes", "off", "2001-01-01", "12:30", "0755", "1_000", "null", "1e3"])(
        "%j stays a string in YAML 1.1",
        (value) => {
            expect(parse(renderYaml({ value }), { version: "1.1" })).toEqual({ value });
        },
    );
});
