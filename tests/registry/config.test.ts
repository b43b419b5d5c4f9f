/** What the registry does with the configuration that the component renders: one test, one behaviour. */
import { generateKeyPairSync, sign } from "node:crypto";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as tls from "node:tls";

import { beforeAll, describe, expect, onTestFinished, test } from "vitest";

import type { Cache } from "../../components/registry/cache";
import { LogFormat } from "../../components/registry/logging";
import { selfSigned } from "./certificate";
import { pushImage, pushManifest } from "./image";
import { HTTP_SECRET, serve } from "./rendered";
import type { Registry } from "./server";

let certificate: Awaited<ReturnType<typeof selfSigned>>;
beforeAll(async () => {
    certificate = await selfSigned();
});
const status = async (registry: Registry, path: string, user?: string) =>
    (await registry.fetch(path, user === undefined ? {} : { user })).status;
const remove = async (registry: Registry, path: string) => (await registry.fetch(path, { method: "DELETE" })).status;

test("an image that is pushed can be pulled", async () => {
    const registry = await serve();
    const image = await pushImage(registry, "a/b", "1");
    const layer = await registry.fetch(image.layer);
    expect([layer.status, await layer.text()]).toEqual([200, image.layerContent]);
});

test("the tier production serves an image over TLS, to the user alone, also while Redis is away", async () => {
    const users = [{ name: "admin", password: "correct horse" }];
    const cache: Cache = { kind: "external", redis: { addresses: ["127.0.0.1:1"] } };
    const registry = await serve({ args: { tier: "production", tls: "given" }, users, certificate, cache });
    const { layer } = await pushImage(registry, "a", "1", { user: "admin:correct horse" });
    expect(registry.url).toMatch(/^https:/);
    expect(await status(registry, layer, "admin:correct horse")).toBe(200);
    expect(await status(registry, layer)).toBe(401);
});

describe("auth", () => {
    const users = [
        { name: "admin", password: "correct horse" },
        { name: "ci", password: "battery staple" },
    ];
    const withUsers = () => serve({ args: { auth: "htpasswd" }, users });

    test("htpasswd: every user is let in", async () => {
        const registry = await withUsers();
        for (const { name, password } of users) {
            expect(await status(registry, "/v2/", `${name}:${password}`)).toBe(200);
        }
    });

    test("htpasswd: nobody else is", async () => {
        const registry = await withUsers();
        expect(await status(registry, "/v2/")).toBe(401);
        expect(await status(registry, "/v2/", "admin:battery staple")).toBe(401);
    });

    describe("token", () => {
        const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
        const jwks = JSON.stringify({
            keys: [{ ...publicKey.export({ format: "jwk" }), kid: "k1", use: "sig", alg: "ES256" }],
        });
        const withTokens = () =>
            serve({
                args: { auth: "token" },
                token: { realm: "https://auth.example.com/token", service: "nas", issuer: "auth", jwks },
            });
        const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
        const tokenOf = (issuer: string) => {
            const now = Math.floor(Date.now() / 1000);
            const claims = {
                iss: issuer,
                aud: "nas",
                sub: "ci",
                exp: now + 60,
                nbf: now - 60,
                iat: now,
                jti: "1",
                access: [],
            };
            const text = `${base64({ typ: "JWT", alg: "ES256", kid: "k1" })}.${base64(claims)}`;
            return `${text}.${sign("sha256", Buffer.from(text), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
        };

        test("clients are sent to the token server", async () => {
            const response = await (await withTokens()).fetch("/v2/");
            expect([response.status, response.headers.get("www-authenticate")]).toEqual([
                401,
                'Bearer realm="https://auth.example.com/token",service="nas"',
            ]);
        });

        test.each([
            ["auth", 200],
            ["somebody else", 401],
        ])("a token of %s is answered with %i", async (issuer, expected) => {
            const registry = await withTokens();
            const response = await registry.fetch("/v2/", { headers: { authorization: `Bearer ${tokenOf(issuer)}` } });
            expect(response.status).toBe(expected);
        });
    });

    test("none: everybody is let in", async () => {
        expect(await status(await serve({ args: { auth: "none" } }), "/v2/")).toBe(200);
    });
});

describe("deletes", () => {
    test.each([
        [true, 202],
        [false, 405],
    ])("%s: a delete is answered with %i", async (deletes, expected) => {
        const registry = await serve({ args: { deletes } });
        const { manifest } = await pushImage(registry, "a", "1");
        expect(await remove(registry, manifest)).toBe(expected);
    });

    test("false: a tag cannot be deleted either", async () => {
        const registry = await serve({ args: { deletes: false } });
        await pushImage(registry, "a", "1");
        expect(await remove(registry, "/v2/a/manifests/1")).toBe(405);
    });
});

test("readOnly: pulls go on, pushes and deletes are refused", async () => {
    const writable = await serve();
    const { manifest } = await pushImage(writable, "a", "1");
    const registry = await serve({ args: { readOnly: true, deletes: true }, data: writable.data });
    expect(await status(registry, manifest)).toBe(200);
    await expect(pushImage(registry, "a", "2")).rejects.toThrow("405");
    expect(await remove(registry, manifest)).toBe(405);
});

describe("cache", () => {
    const gone: Cache = { kind: "external", redis: { addresses: ["127.0.0.1:1"] } };
    test.each<[Cache, string]>([
        [{ kind: "inmemory" }, "using inmemory blob descriptor cache"],
        [{ kind: "redis", password: "s3cret", socket: false }, "using redis blob descriptor cache"],
        [gone, "using redis blob descriptor cache"],
    ])("$kind is used", async (cache, line) => {
        expect((await serve({ cache })).log).toContain(line);
    });

    test("none is none", async () => {
        expect((await serve({ cache: { kind: "none" } })).log).not.toContain("blob descriptor cache");
    });

    test("a Redis that is gone stops neither pushes nor pulls", async () => {
        const registry = await serve({ cache: gone });
        const { layer } = await pushImage(registry, "a", "1");
        expect(await status(registry, layer)).toBe(200);
    });
});

test("headers are in every answer of the API", async () => {
    const registry = await serve({
        args: { headers: { "Access-Control-Allow-Origin": ["https://ui.example.com"] } },
    });
    const { headers } = await registry.fetch("/v2/");
    expect(headers.get("access-control-allow-origin")).toBe("https://ui.example.com");
});

describe("tls", () => {
    const given = (minimumTls: "tls1.2" | "tls1.3") => serve({ args: { tls: "given", minimumTls }, certificate });
    const connects = (registry: Registry, maxVersion: "TLSv1.2" | "TLSv1.3") =>
        new Promise<boolean>((resolve) => {
            const socket = tls.connect({
                port: registry.port,
                host: "127.0.0.1",
                ca: certificate.certificate,
                maxVersion,
            });
            const answer = (done: boolean) => {
                socket.destroy();
                resolve(done);
            };
            socket.on("secureConnect", () => answer(true));
            socket.on("error", () => answer(false));
        });

    test("given: the certificate is served", async () => {
        expect(await status(await given("tls1.2"), "/v2/")).toBe(200);
    });

    test.each([
        ["tls1.2", true],
        ["tls1.3", false],
    ] as const)("minimumTls %s: a client of TLS 1.2 is let in: %s", async (minimumTls, letIn) => {
        const registry = await given(minimumTls);
        expect(await connects(registry, "TLSv1.3")).toBe(true);
        expect(await connects(registry, "TLSv1.2")).toBe(letIn);
    });

    test("none: there is none", async () => {
        const registry = await serve({ args: { tls: "none" } });
        expect(await connects(registry, "TLSv1.3")).toBe(false);
        expect(await status(registry, "/v2/")).toBe(200);
    });
});

describe("the place of an upload", () => {
    const location = async (args: Parameters<typeof serve>[0]) => {
        const registry = await serve(args);
        const response = await registry.fetch("/v2/a/blobs/uploads/", { method: "POST" });
        return { registry, location: response.headers.get("location") ?? "" };
    };

    test("names no host with relativeUrls", async () => {
        const { location: place } = await location({ args: { relativeUrls: true } });
        expect(place).toMatch(/^\/v2\/a\/blobs\/uploads\//);
    });

    test("names the host that was asked without", async () => {
        const { registry, location: place } = await location({ args: { relativeUrls: false } });
        expect(place).toMatch(`http://${registry.authority}/v2/a/blobs/uploads/`);
    });

    test("names externalUrl, whatever else", async () => {
        const { location: place } = await location({ args: { externalUrl: "https://registry.example.com" } });
        expect(place).toMatch(/^https:\/\/registry\.example\.com\/v2\/a\/blobs\/uploads\//);
    });
});

describe("metrics", () => {
    test("are on the debug server, at their path", async () => {
        const registry = await serve({
            args: { metrics: { address: "192.168.1.20", path: "/numbers" } },
        });
        await registry.fetch("/v2/");
        const response = await registry.fetchDebug("/numbers");
        expect([response.status, await response.text()]).toEqual([
            200,
            expect.stringContaining("registry_http_requests_total") as string,
        ]);
    });

    test("are not among the API's answers", async () => {
        const registry = await serve({
            args: { metrics: { address: "192.168.1.20" } },
        });
        expect(await status(registry, "/metrics")).toBe(404);
    });

    // The page would show the whole configuration, were there not storage.maintenance, whose nested mapping the registry
    // fails to write as JSON: taken away by extraConfig, every secret is on it.
    test.each<[string, Cache]>([
        ["the descriptors are in memory", { kind: "inmemory" }],
        ["Redis has them", { kind: "external", redis: { addresses: ["127.0.0.1:1"], password: "redis-s3cret" } }],
    ])("tell no secret when %s", async (_, cache) => {
        const registry = await serve({ args: { metrics: { address: "192.168.1.20" } }, cache });
        const variables = await (await registry.fetchDebug("/debug/vars")).text();
        expect(variables).toContain("memstats");
        expect(variables).not.toContain(HTTP_SECRET);
        expect(variables).not.toContain("redis-s3cret");
    });
});

describe("the log", () => {
    const lines = async (args: NonNullable<Parameters<typeof serve>[0]>["args"]) => {
        const registry = await serve({ args });
        await registry.fetch("/v2/");
        return registry.log.split("\n").filter((line) => line !== "");
    };
    const isAccess = (line: string) => line.includes('"GET /v2/ HTTP/1.1" 200');

    test.each([LogFormat.Json, LogFormat.Logstash])("%s: a line is an object with the fields", async (logFormat) => {
        const all = await lines({
            logFormat,
            accessLog: false,
            logFields: { rack: "attic" },
        });
        const started = all.find((line) => line.includes("listening on"));
        expect(JSON.parse(started ?? "")).toMatchObject({
            level: "info",
            rack: "attic",
        });
    });

    test("text: a line is words", async () => {
        const all = await lines({
            logFormat: "text",
            logFields: { rack: "attic" },
        });
        expect(all.find((line) => line.includes("listening on"))).toMatch(/level=info .*rack=attic/);
    });

    test.each([true, false])("accessLog %s: requests are in it accordingly", async (accessLog) => {
        expect((await lines({ accessLog })).some(isAccess)).toBe(accessLog);
    });

    test("level error: nothing of a start without faults", async () => {
        expect(await lines({ logLevel: "error", accessLog: false })).toEqual([]);
    });
});

describe("validation", () => {
    const pushIndex = (registry: Registry, architectures: string[]) =>
        pushManifest(registry, "a", "index", {
            schemaVersion: 2,
            mediaType: "application/vnd.oci.image.index.v1+json",
            manifests: architectures.map((architecture, index) => ({
                mediaType: "application/vnd.oci.image.manifest.v1+json",
                digest: `sha256:${String(index).repeat(64)}`,
                size: 2,
                platform: { os: "linux", architecture },
            })),
        });
    const missing = 400;

    test.each([
        ["an index whose images are not there is refused", {}, ["amd64"], missing],
        ["indexPlatforms none: it is taken", { indexPlatforms: "none" } as const, ["amd64"], 201],
        [
            "indexPlatforms list: it is refused when one of the list is not there",
            {
                indexPlatforms: "list" as const,
                platformList: [{ os: "linux", architecture: "amd64" }],
            },
            ["amd64", "arm64"],
            missing,
        ],
        [
            "indexPlatforms list: the others need not be there",
            {
                indexPlatforms: "list" as const,
                platformList: [{ os: "linux", architecture: "amd64" }],
            },
            ["arm64"],
            201,
        ],
        ["disabled: everything is taken", { disabled: true }, ["amd64"], 201],
    ])("%s", async (_, validation, architectures, expected) => {
        const registry = await serve({ args: { validation } });
        expect((await pushIndex(registry, architectures)).status).toBe(expected);
    });

    const pushForeign = async (registry: Registry) => {
        const image = await pushImage(registry, "a", "1");
        const manifest = (await (await registry.fetch(image.manifest)).json()) as {
            layers: object[];
        };
        const layers = manifest.layers.map((layer) => ({
            ...layer,
            mediaType: "application/vnd.oci.image.layer.nondistributable.v1.tar",
            urls: ["https://files.example.com/layer"],
        }));
        return pushManifest(registry, "a", "2", { ...manifest, layers });
    };
    test.each([
        ["a layer that is elsewhere is refused", {}, false],
        ["allowUrls: it is taken", { allowUrls: ["^https://files\\.example\\.com/"] }, true],
        ["denyUrls win", { allowUrls: ["^https://"], denyUrls: ["example"] }, false],
    ])("%s", async (_, validation, taken) => {
        const registry = await serve({ args: { validation } });
        const response = await pushForeign(registry);
        // Refused with 500, where every other fault of a manifest is a 400.
        expect([response.status, await response.text()]).toEqual(
            taken ? [201, ""] : [500, expect.stringContaining("invalid URL on layer")],
        );
    });
});

describe("notifications", () => {
    const listen = async () => {
        const events: string[] = [];
        const server = http.createServer((request, response) => {
            let body = "";
            request.on("data", (chunk: Buffer) => (body += chunk.toString()));
            request.on("end", () => {
                const { events: each } = JSON.parse(body) as {
                    events: { action: string }[];
                };
                events.push(...each.map(({ action }) => `${action} ${request.headers.authorization ?? ""}`));
                response.end();
            });
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        onTestFinished(() => void server.close());
        return {
            events,
            url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
        };
    };

    test("tell the endpoint of pushes, with its headers and without what it ignores", async () => {
        const { events, url } = await listen();
        const endpoint = {
            name: "hook",
            url,
            headers: { Authorization: ["Bearer t0ken"] },
            ignoredActions: ["pull"],
        };
        const registry = await serve({
            args: { logLevel: "error" },
            notifications: { endpoints: [endpoint] },
        });
        const { manifest } = await pushImage(registry, "a", "1");
        await registry.fetch(manifest);
        await pushImage(registry, "a", "2");
        // Config, layer and manifest, twice; the second config was there already.
        await expect.poll(() => events.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(5);
        expect(new Set(events)).toEqual(new Set(["push Bearer t0ken"]));
    });

    test("write no header to the log at the level that is demanded", async () => {
        const { url } = await listen();
        const endpoint = {
            name: "hook",
            url,
            headers: { Authorization: ["Bearer t0ken"] },
        };
        const registry = await serve({
            args: { logLevel: "warn" },
            notifications: { endpoints: [endpoint] },
        });
        await pushImage(registry, "a", "1");
        expect(registry.log).not.toContain("t0ken");
    });
});

describe("a mirror", () => {
    const mirrored = async () => {
        const users = [{ name: "mirror", password: "upstream-s3cret" }];
        const upstream = await serve({ args: { auth: "htpasswd" }, users });
        const image = await pushImage(upstream, "a", "1", { user: "mirror:upstream-s3cret" });
        const login = {
            url: upstream.url,
            username: "mirror",
            password: "upstream-s3cret",
        };
        return {
            upstream,
            image,
            mirror: await serve({ upstream: login, args: { deletes: true } }),
        };
    };

    test("serves what its upstream has, with the user's rights there", async () => {
        const { mirror, image } = await mirrored();
        expect(await status(mirror, "/v2/a/manifests/1")).toBe(200);
        expect(await (await mirror.fetch(image.layer)).text()).toBe(image.layerContent);
    });

    test("serves what it has fetched when its upstream is gone", async () => {
        const { mirror, upstream, image } = await mirrored();
        await mirror.fetch(image.manifest);
        await mirror.fetch(image.layer);
        await expect
            .poll(() => mirror.files().some((file) => image.layer.endsWith(file.split("/").at(-2) ?? "-")), {
                timeout: 20_000,
            })
            .toBe(true);
        await upstream.stop();
        expect(await (await mirror.fetch(image.layer)).text()).toBe(image.layerContent);
    });

    test("takes no push", async () => {
        const { mirror } = await mirrored();
        await expect(pushImage(mirror, "a", "2")).rejects.toThrow("405");
    });

    test("writes the password into no log", async () => {
        const { mirror } = await mirrored();
        await mirror.fetch("/v2/a/manifests/1");
        expect(mirror.log).not.toContain("upstream-s3cret");
    });
});
