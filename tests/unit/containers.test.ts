import * as os from "node:os";

import { beforeAll, expect, test, vi } from "vitest";

import { NasRegistry, type NasRegistryArgs } from "../../components";
import { required } from "./arguments";
import { capableNas, registered, resourceOf, type Registered } from "./mocks";

vi.mock("node:os", async (original) => ({
    ...(await original<typeof os>()),
    userInfo: () => ({ homedir: `${os.tmpdir()}/nas-registry-unit-test` }),
}));

const args: NasRegistryArgs = required;
const container = "docker:index/container:Container";
const remoteCommand = "command:remote:Command";

let resources: Registered[];
const resource = (type: string, name: string, among = resources) => resourceOf(among, type, name);

beforeAll(async () => {
    resources = await registered(() => new NasRegistry("registry", args));
});

const both = ["registry", "registry-redis"];

test.each(both)("%s has no right that it does not need", (name) => {
    expect(resource(container, name).inputs).toMatchObject({
        user: "91600:91600",
        readOnly: true,
        capabilities: { drops: ["ALL"] },
        securityOpts: ["no-new-privileges=true"],
    });
});

test.each(both)("%s comes back after a restart and cannot fill the NAS with logs", (name) => {
    expect(resource(container, name).inputs).toMatchObject({
        restart: "always",
        logDriver: "json-file",
        logOpts: { "max-size": "10m", "max-file": "3" },
    });
});

test.each(both)("%s is stopped before it is replaced, and a failed create is not taken for done", (name) => {
    const { options } = resource(container, name);
    expect(options.deleteBeforeReplace).toBe(true);
    expect(options.replaceOnChanges).toEqual(["healthcheck", "init", "tmpfs", "memory", "memorySwap", "#initerror"]);
    expect(options.ignoreChanges).toEqual(["memorySwap"]);
});

test("the registry has its limits and is the only one with a port", () => {
    expect(resource(container, "registry").inputs).toMatchObject({
        memory: 1024,
        cpus: "2.0",
        networkMode: "bridge",
        networksAdvanced: [{ name: "registry" }],
        ports: [{ internal: 5000, external: 9160, ip: "0.0.0.0", protocol: "tcp" }],
    });
    expect(resource(container, "registry-redis").inputs).toMatchObject({ memory: 256, cpus: "1.0" });
    expect(resource(container, "registry-redis").inputs.ports).toBeUndefined();
});

test("a stop outlasts the drain of running uploads", () => {
    expect(resource(container, "registry").inputs).toMatchObject({ stopTimeout: 70, destroyGraceSeconds: 70 });
});

const socket = { type: "bind", source: "/volume1/@nas-registry/registry/run", target: "/run/redis" };

test("data and configuration are directories of the NAS, the configuration and Redis' socket read-only", () => {
    expect(resource(container, "registry").inputs.mounts).toEqual([
        { type: "bind", source: "/volume1/docker/registry-data", target: "/var/lib/registry" },
        {
            type: "bind",
            source: "/volume1/@nas-registry/registry/registry",
            target: "/etc/distribution",
            readOnly: true,
        },
        { ...socket, readOnly: true },
    ]);
});

test.each(["bridge", "host"] as const)(
    "Redis beside a registry in the network %s has none, only a socket",
    async (networkMode) => {
        const made = await registered(() => new NasRegistry("registry", { ...args, networkMode }));
        expect(resource(container, "registry-redis", made).inputs.networkMode).toBe("none");
        expect(resource(container, "registry-redis", made).inputs.networksAdvanced).toBeUndefined();
        expect(resource(remoteCommand, "registry-files", made).inputs.stdin).toContain(
            "port 0\nunixsocket /run/redis/redis.sock\n",
        );
    },
);

test("Redis cannot write to its configuration, and keeps nothing", () => {
    expect(resource(container, "registry-redis").inputs).toMatchObject({
        mounts: [
            { source: "/volume1/@nas-registry/registry/redis", target: "/etc/redis", readOnly: true, type: "bind" },
            socket,
        ],
        tmpfs: { "/data": "rw,noexec,nosuid,nodev,size=1m" },
    });
});

test("metrics that are asked for are published on the address given", async () => {
    const metrics = { address: "192.168.1.20", port: 9100 };
    const measured = await registered(() => new NasRegistry("registry", { ...args, metrics }));
    expect(resource(container, "registry", measured).inputs.ports).toEqual([
        { internal: 5000, external: 9160, ip: "0.0.0.0", protocol: "tcp" },
        { internal: 5001, external: 9100, ip: "192.168.1.20", protocol: "tcp" },
    ]);
});

test("a limit of swap that is given is kept", async () => {
    const limited = await registered(
        () => new NasRegistry("registry", { ...args, memory: "512m", memorySwap: "768m" }),
    );
    const { inputs, options } = resource(container, "registry", limited);
    expect(inputs.memorySwap).toBe(768);
    expect(options.ignoreChanges).toEqual([]);
});

test("what the engine has goes with the script of the files, which takes it away at once", () => {
    const ofEngine = resources.filter(({ type }) => type.startsWith("docker:index"));
    expect(ofEngine.map(({ name }) => name).sort()).toEqual([...both, ...both].sort());
    for (const { options } of ofEngine) {
        expect(options.deletedWith).toMatch(/::registry-files$/);
    }
});

test("environment and command hold no secret", () => {
    for (const name of both) {
        const { envs, command, entrypoints, labels, secretInputs } = {
            ...resource(container, name).inputs,
            ...resource(container, name),
        } as never;
        expect(JSON.stringify([envs, command, entrypoints, labels])).not.toMatch(/generated-password|abab/);
        expect(secretInputs).toEqual([]);
    }
});

test("a kernel without CPU quota gets no CPU limit, and the rest stays", async () => {
    const weak = await registered(() => new NasRegistry("registry", args), {
        probe: capableNas.replace("cpuQuota=true", "cpuQuota=false"),
    });
    expect(both.map((name) => resource(container, name, weak).inputs.cpus)).toEqual([undefined, undefined]);
    expect(resource(container, "registry", weak).inputs.memory).toBe(1024);
});

const withLargePages = () =>
    registered(() => new NasRegistry("registry", args), {
        probe: capableNas.replace("pageSize=4096", "pageSize=32768"),
    });

test("on memory pages that Redis cannot use its container stays stopped", async () => {
    const pages = await withLargePages();
    expect(resource(container, "registry-redis", pages).inputs).toMatchObject({
        start: false,
        mustRun: false,
        restart: "no",
    });
});

test("on memory pages that Redis cannot use the registry caches in its own memory", async () => {
    const pages = await withLargePages();
    expect(resource(remoteCommand, "registry-files", pages).inputs.stdin).toContain("blobdescriptor: inmemory");
    expect(resource(remoteCommand, "registry-smoke-test", pages).inputs.stdin).toContain("cache='inmemory'");
});
