import * as fs from "node:fs";
import * as os from "node:os";

import { afterAll, describe, expect, test, vi } from "vitest";

import { NasMirror, NasRegistry, type NasRegistryArgs } from "../../components";
import { issue } from "../certificates";
import { certificatePem, privateKeyPem, required } from "./arguments";
import { container, Made, made, warningsOf } from "./made";
import { capableNas, registered } from "./mocks";

// Transport keys are written into a home of the test's own.
vi.mock("node:os", async (original) => ({
    ...(await original<typeof os>()),
    userInfo: () => ({ homedir: `${os.tmpdir()}/nas-registry-forms-test` }),
}));
afterAll(() => fs.rmSync(`${os.tmpdir()}/nas-registry-forms-test`, { recursive: true, force: true }));

test("an argument that does nothing is said, and one for a transport that is the caller's own", async () => {
    expect(await warningsOf({ cache: "none", redisMemory: "64m" })).toBe(
        "redisMemory: it does nothing with cache none; leave it out, or change that.",
    );
    const docker = await import("@pulumi/docker");
    const WithProvider = function (name: string, args: NasRegistryArgs) {
        const provider = new docker.Provider("own", { host: "ssh://root@nas" });
        return new NasRegistry(name, args, { providers: [provider] });
    } as unknown as typeof NasRegistry;
    const from: Partial<NasRegistryArgs> = { transportKeyFrom: ["192.168.1.0/24"], cache: "none" };
    expect(await warningsOf(from)).toBe("");
    expect(await warningsOf(from, WithProvider)).toBe(
        "transportKeyFrom: it does nothing with a docker provider of your own; leave it out.",
    );
});

test("what a script warns of is a warning, as text", async () => {
    const warnings = await warningsOf({}, NasRegistry, `${capableNas}\nwarning=daemonTrust: look \x1b[31mout`);
    expect(warnings).toContain("daemonTrust: look [31mout");
});

test.each([
    ["registry", NasRegistry],
    ["mirror", NasMirror],
])(
    "the directory of a %s is judged before an update and before every start, and made by no engine",
    async (_, component) => {
        const it = new Made(await registered(() => new component("registry", required), { probe: capableNas }));
        expect(it.stdin()).toContain("data_directory='/volume1/docker/registry-data'");
        expect(it.stdin()).toContain("judge_here() {");
        expect(it.stdin()).toContain('refuse "its data directory is not the one that ');
        expect(it.container()).toMatchObject({
            entrypoints: ["/bin/sh"],
            command: ["/etc/distribution/start.sh"],
            // An engine makes what is missing for volumes, and refuses it for mounts.
            mounts: expect.arrayContaining([
                { type: "bind", source: "/volume1/docker/registry-data", target: "/var/lib/registry" },
            ]) as object[],
        });
        expect(it.container().volumes).toBeUndefined();
    },
);

describe("in the NAS's own network", () => {
    test("there is no network of its own, and no port is published", async () => {
        const host = await made({ networkMode: "host" });
        expect(host.stdin()).toContain("\nnetwork=''\n");
        expect(host.container()).toMatchObject({ networkMode: "host" });
        expect(host.container().ports).toBeUndefined();
        expect(host.container().networksAdvanced).toBeUndefined();
    });

    test.each([
        [undefined, "https://127.0.0.1:9160/"],
        ["192.168.1.20", "https://192.168.1.20:9160/"],
    ])("the health check asks where the registry listens, with bindAddress %s", async (bindAddress, url) => {
        const host = await made({ networkMode: "host", cache: "none", bindAddress });
        expect(host.container().healthcheck).toMatchObject({ tests: expect.arrayContaining([url]) as string[] });
    });
});

test("bindAddress and metrics are published on their own addresses and nowhere else", async () => {
    const { ports } = (
        await made({ bindAddress: "192.168.1.20", metrics: { address: "10.0.0.5", port: 9100 }, cache: "none" })
    ).container();
    expect(ports).toEqual([
        { internal: 5000, external: 9160, ip: "192.168.1.20", protocol: "tcp" },
        { internal: 5001, external: 9100, ip: "10.0.0.5", protocol: "tcp" },
    ]);
});

describe("TLS", () => {
    test("none makes no certificate, writes none, and asks for health without it", async () => {
        const open = await made({ tls: "none", cache: "none" });
        expect(open.names("tls:index/certRequest:CertRequest")).toEqual([]);
        expect(open.stdin()).not.toContain("certificate_pem=");
        expect(open.container().healthcheck).toMatchObject({
            tests: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:5000/"],
        });
    });

    test("none is said", async () => {
        expect(await warningsOf({ tls: "none", cache: "none" })).toBe(
            "tls is none: passwords and images cross the network readable, and every client must be told that this registry is insecure.",
        );
    });

    test("a given certificate and its key are written, and none is made", async () => {
        const certificate = { certificate: certificatePem, privateKey: privateKeyPem };
        const given = await made({ tls: "given", certificate, cache: "none" });
        expect(given.names("tls:index/certRequest:CertRequest")).toEqual([]);
        expect(given.stdin()).toContain(`file_registry_certificate_pem='${certificatePem}'`);
        expect(given.stdin()).toContain(`file_registry_private_key_pem='${privateKeyPem}'`);
    });

    test("a given certificate that ends soon is said", async () => {
        const inAWeek = new Date(Date.now() + 7 * 24 * 60 * 60 * 1000);
        const names = ["diskstation.local"];
        const { certificate, privateKey } = await issue("diskstation.local", { names, notAfter: inAWeek });
        expect(await warningsOf({ tls: "given", certificate: { certificate, privateKey }, cache: "none" })).toMatch(
            /^certificate\.certificate: 'CN=diskstation.local' ends in [67] days/,
        );
    });
});

describe("authentication", () => {
    test("none is said, with what strangers may do", async () => {
        expect(await warningsOf({ auth: "none", cache: "none", bindAddress: "10.0.0.5" })).toBe(
            "auth is none: whoever reaches port 9160 on 10.0.0.5 may read, overwrite and delete every image without a password.",
        );
    });

    test("without deletes strangers may not delete, and of a read-only registry they may only read", async () => {
        const rights = async (args: Partial<NasRegistryArgs>) =>
            /may (.*) every image/.exec(await warningsOf({ auth: "none", cache: "none", ...args }))?.[1];
        expect(await rights({ deletes: false })).toBe("read and overwrite");
        expect(await rights({ readOnly: true })).toBe("read");
    });

    test("none writes no users", async () => {
        expect((await made({ auth: "none", cache: "none" })).stdin()).not.toContain("registry_htpasswd=");
    });

    test("by token writes the token server's certificates", async () => {
        const token = { realm: "https://a", service: "b", issuer: "c", rootCertificates: certificatePem };
        const stdin = (await made({ auth: "token", token, cache: "none" })).stdin();
        expect(stdin).toContain(`file_registry_token_certificates_pem='${certificatePem}'`);
        expect(stdin).not.toContain("registry_htpasswd=");
    });

    test.each(["public-read", "public-read-write", "authenticated-read"])(
        "in front of objects that are %s says so",
        async (objectAcl) => {
            const storage = { s3: { bucket: "images", region: "eu-central-1", objectAcl } };
            expect(await warningsOf({ storage, cache: "none" })).toBe(
                `storage.s3.objectAcl is ${objectAcl}: whoever reaches the bucket reads every image without a user of this registry.`,
            );
        },
    );

    test("with users and TLS says nothing", async () => expect(await warningsOf({ cache: "none" })).toBe(""));
});

describe("the cache", () => {
    test.each(["redis", "inmemory"] as const)("%s is said where other registries share the storage", async (cache) => {
        const storage = { s3: { bucket: "images", region: "eu-central-1" } };
        expect(await warningsOf({ storage, httpSecret: "s".repeat(32), cache })).toBe(
            `cache is ${cache}: with a storage that other registries share, what they delete stays in this cache; set cache to external, with one Redis for all, or to none.`,
        );
    });

    test.each<[string, Partial<NasRegistryArgs>]>([
        ["none", { cache: "none" }],
        ["inmemory", { cache: "inmemory" }],
        ["external", { externalRedis: { addresses: ["redis.lan:6379"] } }],
    ])("%s has no Redis container, image, socket or file", async (_, args) => {
        const without = await made(args);
        expect(without.names(container)).toEqual(["registry"]);
        expect(JSON.stringify(without.container().mounts)).not.toContain("/run/redis");
        expect(without.names("docker:index/remoteImage:RemoteImage")).toEqual(["registry"]);
        expect(without.stdin()).not.toContain("redis_redis_conf=");
    });
});

test("images in a bucket need no data directory: nothing is mounted where the image has an anonymous volume", async () => {
    const bucket = await made({ storage: { s3: { bucket: "images", region: "eu-central-1" } }, cache: "none" });
    expect(bucket.container()).toMatchObject({
        mounts: [{ target: "/etc/distribution", readOnly: true }],
        tmpfs: { "/var/lib/registry": "rw,noexec,nosuid,nodev,size=1m" },
    });
    expect(bucket.stdin()).toContain("data_directory=''");
    expect((await made({ cache: "none" })).container().tmpfs).toBeUndefined();
});

describe("containers", () => {
    test("have the labels given, and ours", async () => {
        const { labels } = (await made({ labels: { "com.example.team": "platform" }, cache: "none" })).container();
        expect(labels).toEqual([
            { label: "com.example.team", value: "platform" },
            { label: "nas-registry.owner", value: "project/stack" },
            { label: "nas-registry.component", value: "registry" },
            { label: "nas-registry.auth", value: "htpasswd" },
            { label: "nas-registry.tls", value: "tls1.2" },
            { label: "nas-registry.listens", value: ":5000" },
            { label: "nas-registry.config", value: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
        ]);
    });

    test("have the restart policy and images given", async () => {
        const both = await made({ restart: "unless-stopped", image: "registry:3.2.0", redisImage: "redis:8" });
        for (const [name, image] of [
            ["registry", "registry:3.2.0"],
            ["registry-redis", "redis:8"],
        ]) {
            expect(both.container(name)).toMatchObject({ restart: "unless-stopped", image });
        }
    });

    test.each([
        [capableNas, 2048],
        [capableNas.replace("swapLimit=true", "swapLimit=false"), -1],
    ])("have the limit of swap that the kernel can keep", async (probe, memorySwap) => {
        const limited = await made({ memory: "512m", memorySwap: "2g", cache: "none" }, probe);
        expect(limited.container()).toMatchObject({ memory: 512, memorySwap });
    });

    test("have the memory of Redis and CPUs given", async () => {
        const limited = await made({ redisMemory: "64m", cpus: 0.5 });
        expect(limited.container("registry-redis").memory).toBe(64);
        expect(limited.container().cpus).toBe("0.5");
    });

    test("have no limits in the tier basic, and logs as the engine has them", async () => {
        const basic = (await made({ tier: "basic" })).container();
        expect([basic.memory, basic.memorySwap, basic.cpus, basic.logDriver, basic.logOpts]).toEqual(
            Array.from({ length: 5 }),
        );
    });

    test("have the log driver given", async () => {
        const logs = { driver: "syslog", options: { tag: "nas" } };
        expect((await made({ logs, cache: "none" })).container()).toMatchObject({
            logDriver: "syslog",
            logOpts: { tag: "nas" },
        });
    });

    test("have tracing in their environment, and nothing else", async () => {
        const { envs } = (await made({ tracing: { endpoint: "http://10.0.0.9:4318" }, cache: "none" })).container();
        expect(envs).toEqual([
            "OTEL_TRACES_EXPORTER=otlp",
            "OTEL_EXPORTER_OTLP_ENDPOINT=http://10.0.0.9:4318",
            "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
            "OTEL_SERVICE_NAME=registry",
        ]);
    });

    test("end in their own time", async () => {
        expect((await made({ drainTimeout: "5s", cache: "none" })).container()).toMatchObject({
            stopTimeout: 15,
            destroyGraceSeconds: 15,
        });
    });

    test("are named after containerName, and so is the network", async () => {
        const named = await made({ containerName: "images" });
        expect(named.container().name).toBe("images");
        expect(named.container("registry-redis").name).toBe("images-redis");
        expect(named.container().networksAdvanced).toEqual([{ name: "images" }]);
        expect(named.stdin()).toContain("\nnetwork='images'\n");
    });
});

test.each([[undefined], [null], ["nas"], [{ vendor: "qnap", connection: null }]])(
    "arguments that are none are refused in a sentence: %j",
    async (args) => {
        await registered(() => {
            expect(() => new NasRegistry("registry", args as never)).toThrow(/^connection: .*\.$/m);
            expect(() => new NasMirror("mirror", args as never)).toThrow(/^connection: .*\.$/m);
        });
    },
);
