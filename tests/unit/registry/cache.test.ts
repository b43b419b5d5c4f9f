import { describe, expect, test } from "vitest";

import type { Cache } from "../../../components/registry/sections/cache";
import { configFiles } from "../../../components/registry/sections/rendered";
import { withDefaults } from "../../../components/registry/settings";
import { certificatePem, configOf, privateKeyPem, problemsOf, required } from "../arguments";

type Redis = Extract<Cache, { kind: "external" }>["redis"];

const timeouts = { dialtimeout: "1s", readtimeout: "500ms", writetimeout: "500ms", maxretries: 1 };
const external = (more: object) => ({ externalRedis: { addresses: ["redis.lan:6379"], ...more } as Redis });
const externalConfig = (more: object) =>
    configOf(external(more), { kind: "external", redis: external(more).externalRedis });

describe("config.yml", () => {
    test.each<[Cache, object]>([
        [{ kind: "inmemory" }, { blobdescriptor: "inmemory" }],
        [{ kind: "redis", password: "s3cret" }, { blobdescriptor: "redis" }],
    ])("%j", (cache, rendered) => expect(configOf({}, cache)).toHaveProperty("storage.cache", rendered));

    test("none", () => {
        expect(configOf({ cache: "none" }, { kind: "none" })).not.toHaveProperty("storage.cache");
        expect(configOf({ cache: "none" }, { kind: "none" })).not.toHaveProperty("redis");
    });

    test("a Redis of its own, by its socket", () =>
        expect(configOf({}, { kind: "redis", password: "s3cret" })).toHaveProperty("redis", {
            addrs: ["/run/redis/redis.sock"],
            password: "s3cret",
            ...timeouts,
        }));

    test.each<[string, object, object]>([
        ["one address", {}, {}],
        ["a cluster", { addresses: ["a:1", "[fd00::2]:2"] }, { addrs: ["a:1", "[fd00::2]:2"] }],
        ["a database", { database: 3 }, { db: 3 }],
        ["a user", { username: "nas", password: "s3cret" }, { username: "nas", password: "s3cret" }],
        ["sentinels", { sentinel: { masterName: "main" } }, { mastername: "main" }],
        [
            "sentinels with a user",
            { sentinel: { masterName: "main", username: "nas", password: "s3cret" } },
            { mastername: "main", sentinelusername: "nas", sentinelpassword: "s3cret" },
        ],
        ["TLS of a public authority", { tls: {} }, { tls: { rootcas: ["/etc/ssl/certs/ca-certificates.crt"] } }],
        [
            "TLS of an own authority and a certificate to show",
            { tls: { caCertificate: certificatePem, certificate: certificatePem, privateKey: privateKeyPem } },
            {
                tls: {
                    rootcas: ["/etc/distribution/redis-ca.pem"],
                    certificate: "/etc/distribution/redis-certificate.pem",
                    key: "/etc/distribution/redis-private-key.pem",
                },
            },
        ],
    ])("an external Redis: %s", (_, more, rendered) => {
        expect(externalConfig(more)).toHaveProperty("redis", { addrs: ["redis.lan:6379"], ...timeouts, ...rendered });
        expect(externalConfig(more)).toHaveProperty("storage.cache", { blobdescriptor: "redis" });
    });
});

test("what TLS towards an external Redis needs are files", () => {
    const tls = { caCertificate: "CA", certificate: "CERTIFICATE", privateKey: "KEY" };
    const cache: Cache = { kind: "external", redis: { addresses: [], tls } };
    expect(configFiles(withDefaults("registry", required), { httpSecret: "", cache })).toMatchObject({
        "redis-ca.pem": "CA",
        "redis-certificate.pem": "CERTIFICATE",
        "redis-private-key.pem": "KEY",
    });
});

describe("what is refused", () => {
    const authority = "host:port, an IPv6 address in brackets";
    test.each<[object, string]>([
        [
            { cache: "memcached" },
            `cache: "memcached" is not allowed; it must be one of redis, inmemory, none, external.`,
        ],
        [{ cache: "external" }, "externalRedis: it is missing; cache external needs it."],
        [
            { cache: "none", ...external({}) },
            "externalRedis: it is used with cache external only; set that, or leave externalRedis out.",
        ],
        [
            external({ addresses: [] }),
            `externalRedis.addresses: [] is not allowed; it must have at least one ${authority}.`,
        ],
        [
            external({ addresses: ["redis.lan"] }),
            `externalRedis.addresses[0]: "redis.lan" is not allowed; it must be ${authority}.`,
        ],
        [
            external({ addresses: ["nas:s3cret@redis.lan:6379"] }),
            `externalRedis.addresses[0]: the value given is not allowed; it must be ${authority}.`,
        ],
        [
            external({ addresses: ["a:0"] }),
            `externalRedis.addresses[0]: "a:0" is not allowed; it must be ${authority}.`,
        ],
        [
            external({ database: -1 }),
            "externalRedis.database: -1 is not allowed; it must be a whole number from 0 to 1023.",
        ],
        [
            external({ addresses: ["a:1", "b:1"], database: 1 }),
            "externalRedis.database: 1 is not allowed with several addresses, which are a Redis Cluster and have only 0; give one address, or sentinel.",
        ],
        [
            external({ sentinel: { masterName: "" } }),
            `externalRedis.sentinel.masterName: "" is not allowed; it must be a name.`,
        ],
        [
            external({ tls: { caCertificate: privateKeyPem } }),
            "externalRedis.tls.caCertificate: the value given is a private key; it must be PEM of certificates.",
        ],
        [
            external({ tls: { certificate: certificatePem, privateKey: "s3cret" } }),
            "externalRedis.tls.privateKey: the value given is not allowed; it must be PEM of a private key.",
        ],
        [
            external({ tls: { certificate: certificatePem } }),
            "externalRedis.tls: certificate and privateKey go together; give both or neither.",
        ],
        [
            { redisMemory: "8m" },
            'redisMemory: "8m" is not allowed; it must be a size such as 512m or 1g, from 16m to 1024g.',
        ],
    ])("%j", (args, sentence) => expect(problemsOf(args)).toBe(sentence));
});
