import { describe, expect, test } from "vitest";
import { parse } from "yaml";

import { renderRedisConfig, type Cache } from "../../components/registry/sections/cache";
import { renderConfig } from "../../components/registry/sections/rendered";
import { withDefaults } from "../../components/registry/settings";
import type { PlainArgs } from "../../components/registry/sections";

interface Config {
    storage: {
        cache: { blobdescriptor: string };
        delete: { enabled: boolean };
        maintenance: { uploadpurging: object };
    };
    auth: { htpasswd: { path: string } };
    http: { addr: string; secret: string; debug?: object; draintimeout: string; tls: Record<string, string> };
    redis?: { addrs: string[]; password: string };
    health: object;
}

const plain: PlainArgs = { vendor: "synology", connection: { host: "nas", hostKey: "ssh-ed25519 AAAA" } };
const parsed = (cache: Cache) =>
    parse(renderConfig(withDefaults("registry", plain), { httpSecret: "0".repeat(64), cache })) as Config;
const withRedis = parsed({ kind: "redis", password: "s3cret" });

describe("config.yml", () => {
    test("Redis is named in a list, as distribution 3 needs it", () => {
        expect(withRedis.redis).toMatchObject({ addrs: ["/run/redis/redis.sock"], password: "s3cret" });
        expect(withRedis.storage.cache.blobdescriptor).toBe("redis");
    });

    test("without Redis the registry caches in its own memory", () => {
        const config = parsed({ kind: "inmemory" });
        expect(config.redis).toBeUndefined();
        expect(config.storage.cache.blobdescriptor).toBe("inmemory");
    });

    test("the secret stays text although it is all digits", () => {
        expect(withRedis.http.secret).toBe("0".repeat(64));
    });

    test("there is no debug server", () => expect(withRedis.http.debug).toBeUndefined());
    test("TLS starts at 1.2", () => expect(withRedis.http.tls.minimumtls).toBe("tls1.2"));
    test("users are read from the mounted directory", () => {
        expect(withRedis.auth.htpasswd.path).toBe("/etc/distribution/htpasswd");
    });
    test("a stop lets uploads finish", () => expect(withRedis.http.draintimeout).toBe("60s"));
    test("a Redis that is gone does not close the registry", () => {
        expect(Object.keys(withRedis.health)).toEqual(["storagedriver"]);
    });
    test("upload purging has all the keys it panics without", () => {
        expect(Object.keys(withRedis.storage.maintenance.uploadpurging)).toEqual([
            "enabled",
            "age",
            "interval",
            "dryrun",
        ]);
    });
});

test("redis.conf is a cache that keeps nothing, leaves room for buffers and listens on no network", () => {
    expect(renderRedisConfig({ memory: 256, password: "s3cret" }).split("\n")).toEqual([
        "port 0",
        "unixsocket /run/redis/redis.sock",
        "unixsocketperm 700",
        "requirepass s3cret",
        "maxmemory 192mb",
        "maxmemory-policy allkeys-lru",
        'save ""',
        "appendonly no",
        "",
    ]);
});
