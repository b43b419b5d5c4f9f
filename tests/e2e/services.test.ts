import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { REGCTL_TAG, REGSYNC_TAG, RESTIC_TAG } from "../../components/registry/sections/images";
import { ensureLab, type Lab, type Nas } from "../../lab";
import { labImages } from "../../lab/content";
import { ensureToolchain } from "../../toolchain";
import {
    ensureObjectStore,
    ensureRegctl,
    ensureRegsync,
    ensureRestic,
    ensureRestServer,
} from "../../toolchain/goPrograms";
import type { CommandResult } from "../../toolchain/process";
import { Authority } from "../authority";
import { eventually } from "./setting";

// The lab's object store and Redis servers are what registries meet in the world: each test holds one fact about them.

let lab: Lab;
let nas: Nas;
let authority: Authority;

beforeAll(async () => {
    const { registry } = await ensureToolchain();
    lab = await ensureLab({ registryBinary: registry, namespace: "services" });
    [nas, authority] = await Promise.all([lab.startNas({ vendor: "synology" }), Authority.create()]);
    await nas.docker("pull", "--quiet", labImages.redisImage);
    await nas.docker("network", "create", "registry");
});
afterAll(() => lab.down());

describe("an object store", () => {
    const keys = { accessKey: "access", secretKey: "secret-of-the-store" };
    const put = async (endpoint: string, secretKey: string, ...options: string[]) => {
        const signed = ["--aws-sigv4", "aws:amz:us-east-1:s3", "--user", `${keys.accessKey}:${secretKey}`];
        // The hash of nothing.
        const content = "x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        const args = ["-s", "-w", "%{http_code}", "-o", "/dev/null", ...signed, "-H", `'${content}'`, ...options];
        return nas.exec(`curl ${args.join(" ")} -X PUT -d '' ${endpoint}/images/a/key`, {
            input: authority.certificate,
        });
    };

    it("keeps what a client with the secret key puts, and nobody else", async () => {
        const store = await lab.startObjectStore(await ensureObjectStore(), {
            name: "objects",
            bucket: "images",
            ...keys,
        });
        expect((await put(store.endpoint, "guessed")).stdout).toBe("403");
        expect(await store.keys()).toEqual([]);
        expect((await put(store.endpoint, keys.secretKey)).stdout).toBe("200");
        expect(await store.keys()).toEqual(["a/key"]);
    });

    it("speaks HTTPS under the authority's certificate for its address", async () => {
        const options = { name: "objects-tls", bucket: "images", tls: authority.certify, ...keys };
        const { endpoint } = await lab.startObjectStore(await ensureObjectStore(), options);
        expect((await put(endpoint, keys.secretKey)).code).toBe(60); // curl's number for an unknown issuer
        expect((await put(endpoint, keys.secretKey, "--cacert /dev/stdin")).stdout).toBe("200");
    });
});

describe("a server for restic's backups", () => {
    const user = { username: "nas", password: "sesame of the backups" };
    const ask = (url: string, password: string, options: string) =>
        nas.exec(
            `IFS= read -r user; cat >/tmp/ca.crt
            printf 'user = "%s"\\n' "$user" | curl -s -K - --cacert /tmp/ca.crt -w '%{http_code}' -o /dev/null ${options} ${url}/a/`,
            { input: `${user.username}:${password}\n${authority.certificate}` },
        );

    it("makes a repository for the user who has the password, and for nobody else", async () => {
        const { url } = await lab.startRestServer(await ensureRestServer(), { name: "backups", ...user });
        expect((await ask(url, "guessed", "-X POST -G -d create=true")).stdout).toBe("401");
        expect((await ask(url, user.password, "-X POST -G -d create=true")).stdout).toBe("200");
    });

    it("speaks HTTPS under the authority's certificate for its address", async () => {
        const options = { name: "backups-tls", tls: authority.certify, ...user };
        const { url } = await lab.startRestServer(await ensureRestServer(), options);
        expect((await ask(url, user.password, "-X POST -G -d create=true")).stdout).toBe("200");
    });
});

describe("the programs of operations", () => {
    it("run from the images that their users pull, as the users that these have", async () => {
        const [restic, regctl, regsync] = await Promise.all([ensureRestic(), ensureRegctl(), ensureRegsync()]);
        await lab.serveOperationsImages({ restic, regctl, regsync });
        const run = (image: string, ...args: string[]) =>
            nas.docker("run", "--rm", "--network", "none", image, ...args);
        expect(await run(RESTIC_TAG, "version")).toContain("restic 0.19.1");
        expect(await run(REGCTL_TAG, "version")).toContain("v0.11.7");
        expect(await run(REGSYNC_TAG, "version")).toContain("v0.11.7");
        const users = await nas.docker(
            "inspect",
            "--format",
            "user {{.Config.User}}",
            RESTIC_TAG,
            REGCTL_TAG,
            REGSYNC_TAG,
        );
        expect(users.split("\n")).toEqual(["user ", "user appuser", "user appuser"]);
    });

    it("come with what SFTP and a lower priority need", async () => {
        const options = ["--rm", "--network", "none", "--env", "NICE=10", "--env", "IONICE_CLASS=3"];
        expect(await nas.docker("run", ...options, RESTIC_TAG, "version")).toContain("restic 0.19.1");
        const ssh = ["--entrypoint", "/usr/bin/ssh", RESTIC_TAG, "-V"];
        await expect(nas.docker("run", ...options, ...ssh)).resolves.toBeDefined();
    });
});

describe("a Redis", () => {
    /** redis-cli in a container of the NAS's engine, as the registry is one. */
    const ask = (address: string, ...args: string[]): Promise<CommandResult> => {
        const [host, port] = address.split(":");
        const docker = "/usr/lib/nas-registry-lab/engine/docker run --rm --interactive --network registry";
        const words = args.map((word) => `'${word}'`).join(" ");
        const script = `cat >/tmp/ca.crt; ${docker} --volume /tmp/ca.crt:/ca.crt:ro ${labImages.redisImage} \
            redis-cli -h ${host} -p ${port} --no-auth-warning ${words} </dev/null`;
        return nas.exec(script, { input: authority.certificate });
    };

    it("wants its password from a container inside a NAS", async () => {
        const { address } = await lab.startRedis({ name: "redis", password: "open sesame" });
        expect((await ask(address, "ping")).stdout).toContain("NOAUTH");
        expect((await ask(address, "-a", "open sesame", "ping")).stdout).toBe("PONG\n");
    });

    it("gives its user the keys of a registry and no others", async () => {
        const redis = await lab.startRedis({ name: "redis-user", user: "registry", password: "sesame" });
        const registry = ["--user", "registry", "-a", "sesame"];
        expect((await ask(redis.address, ...registry, "hset", "blobs::sha256:1", "size", "1")).stdout).toBe("1\n");
        expect((await ask(redis.address, ...registry, "set", "other", "1")).stdout).toContain("NOPERM");
        expect((await ask(redis.address, ...registry, "flushall")).stdout).toContain("NOPERM");
        expect((await ask(redis.address, "-a", "sesame", "ping")).stdout).toContain("NOAUTH");
        expect(await redis.keys()).toEqual(["blobs::sha256:1"]);
    });

    it("speaks TLS under the authority's certificate for its address, and nothing else", async () => {
        const redis = await lab.startRedis({ name: "redis-tls", tls: authority.certify });
        expect((await ask(redis.address, "--tls", "--cacert", "/ca.crt", "ping")).stdout).toBe("PONG\n");
        expect((await ask(redis.address, "--tls", "ping")).stderr).toContain("certificate verify failed");
        expect((await ask(redis.address, "ping")).code).not.toBe(0);
        expect(await redis.cli("dbsize")).toBe("0");
    });

    it("with a Sentinel goes on as its replica when it is gone", async () => {
        const redis = await lab.startRedisSentinel({ name: "ha", password: "sesame", sentinelPassword: "watch" });
        const primary = () =>
            ask(redis.address, "-a", "watch", "sentinel", "get-master-addr-by-name", redis.masterName);
        const [first, second] = redis.servers;
        expect((await primary()).stdout).toBe(`${first.address.replace(":", "\n")}\n`);
        await eventually(20, async () => (await first.cli("info", "replication")).includes("state=online"));
        await first.service.remove();
        await eventually(30, async () => (await primary()).stdout === `${second.address.replace(":", "\n")}\n`);
        expect((await ask(second.address, "-a", "sesame", "set", "key", "1")).stdout).toBe("OK\n");
    });

    it("as a Cluster puts keys on all of its servers", async () => {
        const nodes = await lab.startRedisCluster({ name: "cluster", password: "sesame" });
        const address = nodes[0]?.address ?? "";
        for (const key of ["a", "b", "c"]) {
            expect((await ask(address, "-c", "-a", "sesame", "set", key, "1")).stdout).toBe("OK\n");
        }
        expect(await Promise.all(nodes.map((node) => node.keys()))).toEqual([["b"], ["c"], ["a"]]);
    });
});

it("all of them go with the lab, and its network also when something else is in it", async () => {
    const { docker } = lab.engine;
    const network = `nas-registry-lab-${lab.namespace}`;
    const stray = await docker.run(["run", "--detach", "--network", network, lab.images.redis, "sleep", "600"]);
    try {
        await lab.down();
        expect(await docker.lines(["ps", "--all", "--quiet", "--filter", "label=nas-registry-lab=services"])).toEqual(
            [],
        );
        expect((await docker.try(["network", "inspect", network])).code).toBe(1);
    } finally {
        await docker.run(["rm", "--force", stray]);
    }
});
