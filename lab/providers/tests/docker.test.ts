import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Props, shown } from "../core/values";
import { createDockerProvider } from "../docker/provider";
import { DockerApi, startDockerApi } from "./support/docker-api";
import { CallError, Plugin, startPlugin } from "./support/plugin";
import { recorded, theCall } from "./support/recordings";

let api: DockerApi;
let plugin: Plugin;

beforeEach(async () => {
    api = await startDockerApi(["registry:3.1.2", "redis:8", "app:1"]);
    plugin = await startPlugin(createDockerProvider());
    await plugin.call("Configure", { args: { host: api.host } });
});
afterEach(async () => {
    plugin.stop();
    await api.stop();
});

const CONTAINER = "urn:pulumi:dev::p::docker:index/container:Container::x";
const IMAGE = "urn:pulumi:dev::p::docker:index/remoteImage:RemoteImage::image";

async function check(urn: string, news: Props): Promise<Props> {
    return (await plugin.call("Check", { urn, olds: {}, news })).inputs as Props;
}

interface Made {
    id: string;
    properties: Props;
    inputs: Props;
}

async function create(urn: string, news: Props): Promise<Made> {
    const inputs = await check(urn, news);
    const created = await plugin.call("Create", { urn, properties: inputs });
    return { id: shown(created.id), properties: created.properties as Props, inputs };
}

async function failure(promise: Promise<unknown>): Promise<CallError> {
    const error = await promise.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Error);
    return error as CallError;
}

function paths(): string[] {
    return api.calls.map(({ method, path }) => `${method} ${path.replace(/[0-9a-f]{64}/, "ID")}`);
}

describe("creating", () => {
    const creations = recorded("docker", "Create").filter((call) => !call.request.preview && call.response);
    test.each(creations.map((call) => [shown(call.request.urn).split("::").slice(-2).join(" "), call] as const))(
        "%s gives what the real plugin gave, but for ids and addresses",
        async (_title, call) => {
            api.networks.set("nas-registry", { Name: "nas-registry" });
            const created = await plugin.call("Create", call.request);
            expect(withoutChance(created)).toEqual(withoutChance(call.response ?? {}));
        },
    );

    test("a container comes to be in the order of the real plugin", async () => {
        api.networks.set("net", { Name: "net" });
        api.calls.length = 0;
        await create(CONTAINER, {
            name: "c",
            image: "new:1",
            networksAdvanced: [{ name: "net", aliases: ["alias"] }],
            uploads: [{ file: "/etc/a", content: "text", permissions: "0600" }],
            healthcheck: { tests: ["CMD", "true"] },
            wait: true,
        });
        expect(paths()).toEqual([
            "POST /images/create?fromImage=new&tag=1",
            "POST /containers/create?name=c",
            "POST /networks/bridge/disconnect",
            "POST /networks/net/connect",
            "PUT /containers/ID/archive?path=%2F",
            "POST /containers/ID/start",
        ]);
        expect(api.calls[3]?.body).toMatchObject({ EndpointConfig: { Aliases: ["alias"] } });
        expect(String(api.calls[4]?.body.raw)).toMatch(/^\/?etc\/a\0+0*600 /);
    });

    test("what Docker is asked for is what was given", async () => {
        await create(CONTAINER, {
            name: "c",
            image: "app:1",
            cpus: "1.5",
            memory: 256,
            memorySwap: -1,
            readOnly: true,
            user: "1026:100",
            stopTimeout: 70,
            capabilities: { adds: ["CAP_CHOWN"], drops: ["ALL"] },
            tmpfs: { "/tmp": "size=1m" },
            mounts: [{ type: "bind", source: "/a", target: "/b", readOnly: true }],
            volumes: [{ hostPath: "/c", containerPath: "/d", readOnly: true }],
            ports: [{ internal: 5000, external: 9160, ip: "127.0.0.1" }],
            healthcheck: { tests: ["CMD", "true"], interval: "1m30s" },
        });
        const [{ body } = { body: {} }] = api.calls;
        expect(body).toMatchObject({
            User: "1026:100",
            StopTimeout: 70,
            Healthcheck: { Interval: 90e9 },
            HostConfig: {
                NanoCpus: 1.5e9,
                Memory: 256 * 1024 * 1024,
                MemorySwap: -1,
                ReadonlyRootfs: true,
                CapAdd: ["CAP_CHOWN"],
                CapDrop: ["ALL"],
                Tmpfs: { "/tmp": "size=1m" },
                Mounts: [{ Type: "bind", Source: "/a", Target: "/b", ReadOnly: true }],
                Binds: ["/c:/d:ro"],
                PortBindings: { "5000/tcp": [{ HostIp: "127.0.0.1", HostPort: "9160" }] },
            },
        });
    });

    test("a port in use leaves a container and an initialization error, with the recorded state", async () => {
        const call = theFailure();
        const message = /Error response from daemon: ([^\n]*)/.exec(call.errors?.[0] ?? "")?.[1] ?? "";
        api.networks.set("nas-registry", { Name: "nas-registry" });
        api.failures.set(`POST /containers/${"0".repeat(64)}/start`, { status: 500, message });
        const error = await failure(plugin.call("Create", call.request));
        expect(`rpc error: code = Unknown desc = ${error.details ?? ""}`).toBe(call.errors?.[0]);
        expect(error.partial?.reasons).toEqual([error.details]);

        const next = theCall("docker", "Diff", "Container", "registry", "12");
        const state = next.request.olds as Props;
        expect(error.partial?.properties).toEqual({ ...state, id: error.partial?.id });
    });

    test("what was never read of a container half made: sets are empty, lists are unknown and ask for a replacement", async () => {
        api.failures.set(`POST /containers/${"0".repeat(64)}/start`, { status: 500, message: "no" });
        const { partial } = await failure(create(CONTAINER, { name: "c", image: "app:1" }));
        expect(partial?.properties).toMatchObject({
            envs: [],
            labels: [],
            securityOpts: [],
            command: null,
            networkDatas: null,
        });
        const news = await check(CONTAINER, { name: "c", image: "app:1" });
        const diff = await plugin.call("Diff", { urn: CONTAINER, id: "0", olds: partial?.properties ?? {}, news });
        expect(diff.replaces).toEqual(["command", "entrypoints"]);
    });

    test.each([
        [
            "a container that Docker refuses",
            "POST /containers/create",
            /^1 error occurred:\n\t\* Unable to create container: Error response from daemon: no\n\n$/,
        ],
        [
            "an image that cannot be had",
            "POST /images/create",
            /unable to pull image other:1: .* Error response from daemon: no/,
        ],
    ])("%s leaves nothing", async (_name, call, text) => {
        api.failures.set(call, { status: 500, message: "no" });
        const error = await failure(
            create(CONTAINER, { name: "c", image: call.includes("images") ? "other:1" : "app:1" }),
        );
        expect(error.details).toMatch(text);
        expect(error.partial).toBeUndefined();
    });

    test("an empty word in a command is refused, as the real plugin does", async () => {
        const error = await failure(create(CONTAINER, { name: "c", image: "app:1", command: ["--save", ""] }));
        expect(error.details).toContain("values for command may not be empty");
    });
});

describe("reading", () => {
    test("nothing changed: nothing differs, and the inputs are the same but for empty __defaults", async () => {
        const news = {
            name: "c",
            image: "app:1",
            ports: [{ internal: 80, external: 80 }],
            labels: [{ label: "a", value: "b" }],
        };
        const made = await create(CONTAINER, news);
        const read = await plugin.call("Read", {
            urn: CONTAINER,
            id: made.id,
            properties: made.properties,
            inputs: made.inputs,
        });
        expect(read.inputs).toMatchObject({
            labels: [{ label: "a", value: "b" }],
            ports: [{ __defaults: ["ip", "protocol"] }],
        });
        const diff = await plugin.call("Diff", {
            urn: CONTAINER,
            id: made.id,
            olds: read.properties ?? {},
            news: made.inputs,
        });
        expect(diff.changes).toBe("DIFF_NONE");
    });

    test("limits are read back in the provider's own form", async () => {
        const made = await create(CONTAINER, { name: "c", image: "app:1", cpus: "2", memory: 100 });
        expect(made.properties).toMatchObject({ cpus: "2.0", memory: 100, memorySwap: 200 });
        const diff = { urn: CONTAINER, id: made.id, olds: made.properties, news: made.inputs };
        // The two traps of the real plugin: a number that is not canonical, and swap that nobody asked for.
        expect(await plugin.call("Diff", diff)).toMatchObject({
            detailedDiff: { cpus: { kind: "UPDATE_REPLACE" }, memorySwap: { kind: "DELETE" } },
        });
        expect(await plugin.call("Diff", { ...diff, ignoreChanges: ["memorySwap", "cpus"] })).toMatchObject({
            changes: "DIFF_NONE",
        });
    });

    test("a container that is gone is dropped", async () => {
        const made = await create(CONTAINER, { name: "c", image: "app:1" });
        api.containers.clear();
        const request = { urn: CONTAINER, id: made.id, properties: made.properties, inputs: made.inputs };
        expect(await plugin.call("Read", request)).toEqual({});
    });

    test("an image by tag and digest is pulled by the digest, once, and found again under both", async () => {
        const digest = `sha256:${"ab".repeat(32)}`;
        const name = `valkey/valkey:9.1.2-alpine@${digest}`;
        const made = await create(IMAGE, { name, keepLocally: true });
        expect(made.properties).toMatchObject({ name, repoDigest: `valkey/valkey@${digest}` });
        const container = await create(CONTAINER, { name: "c", image: name });
        expect(paths()).toEqual([
            `POST /images/create?fromImage=${encodeURIComponent("valkey/valkey")}&tag=${encodeURIComponent(digest)}`.replace(
                /[0-9a-f]{64}/,
                "ID",
            ),
            "POST /containers/create?name=c",
            "POST /containers/ID/start",
        ]);
        for (const [urn, { id, properties, inputs }] of [
            [IMAGE, made],
            [CONTAINER, container],
        ] as const) {
            const read = await plugin.call("Read", { urn, id, properties, inputs });
            expect(await plugin.call("Diff", { urn, id, olds: read.properties ?? {}, news: inputs })).toMatchObject({
                changes: "DIFF_NONE",
            });
        }
    });

    test("a list of containers that fails is an error, not a loss", async () => {
        const made = await create(CONTAINER, { name: "c", image: "app:1" });
        api.failures.set("GET /containers", { status: 500, message: "busy" });
        const request = { urn: CONTAINER, id: made.id, properties: made.properties, inputs: made.inputs };
        expect((await failure(plugin.call("Read", request))).details).toContain("Error response from daemon: busy");
    });

    test("a container that stopped shows as a change, and the update starts it", async () => {
        const made = await create(CONTAINER, { name: "c", image: "app:1" });
        const one = api.containers.get(made.id) ?? {};
        one.State = { Running: false, ExitCode: 1 };
        const read = await plugin.call("Read", {
            urn: CONTAINER,
            id: made.id,
            properties: made.properties,
            inputs: made.inputs,
        });
        const change = {
            urn: CONTAINER,
            id: made.id,
            olds: read.properties as Props,
            news: made.inputs,
            oldInputs: read.inputs as Props,
        };
        expect(await plugin.call("Diff", change)).toMatchObject({
            diffs: ["mustRun"],
            detailedDiff: { mustRun: { kind: "UPDATE" } },
        });
        await plugin.call("Update", change);
        expect(one.State).toMatchObject({ Running: true });
    });
});

describe("changing and removing", () => {
    test("memory and restart are changed in Docker, the rest in the state alone", async () => {
        const made = await create(CONTAINER, { name: "c", image: "app:1", memory: 256 });
        api.calls.length = 0;
        const change = {
            urn: CONTAINER,
            id: made.id,
            olds: made.properties,
            oldInputs: made.inputs,
            ignoreChanges: ["memorySwap"],
        };
        const tmpfs = { "/tmp": "rw" };
        await plugin.call("Update", { ...change, news: { ...made.inputs, tmpfs } });
        expect(api.calls).toEqual([]);

        const updated = await plugin.call("Update", {
            ...change,
            news: { ...made.inputs, memory: 300, restart: "always" },
        });
        expect(paths()).toEqual(["POST /containers/ID/update"]);
        expect(api.calls[0]?.body).toMatchObject({ Memory: 300 * 1024 * 1024, RestartPolicy: { Name: "always" } });
        expect(updated.properties).toMatchObject({ memory: 300, restart: "always", memorySwap: 512 });
    });

    test("an update that Docker refuses is an initialization error with the state that was to be", async () => {
        const made = await create(CONTAINER, { name: "c", image: "app:1", memory: 256 });
        api.failures.set(`POST /containers/${made.id}/update`, { status: 500, message: "too much" });
        const news = { ...made.inputs, memory: 999 };
        const error = await failure(
            plugin.call("Update", { urn: CONTAINER, id: made.id, olds: made.properties, news }),
        );
        expect(error.details).toBe(
            `updating ${CONTAINER}: 1 error occurred:\n\t* Unable to update a container: Error response from daemon: too much\n\n`,
        );
        expect(error.partial).toMatchObject({ id: made.id, properties: { memory: 999 } });
    });

    test.each([
        [{ destroyGraceSeconds: 30 }, "t=30", "force=true&v=true"],
        [{ removeVolumes: false }, "t=0", "force=true&v=false"],
    ])("removing with %j", async (change: Props, grace, remove) => {
        const made = await create(CONTAINER, { name: "c", image: "app:1", ...change });
        api.calls.length = 0;
        await plugin.call("Delete", { urn: CONTAINER, id: made.id, properties: made.properties });
        const [stop = "", removal = ""] = paths();
        expect(stop).toBe(`POST /containers/ID/stop?${grace}`);
        expect(removal.split("?")[1]?.split("&").sort().join("&")).toBe(remove);
    });

    test("removing what is gone already is no error", async () => {
        const made = await create(CONTAINER, { name: "c", image: "app:1" });
        api.containers.clear();
        expect(await plugin.call("Delete", { urn: CONTAINER, id: made.id, properties: made.properties })).toEqual({});
    });
});

describe("refusing", () => {
    test.each([
        [
            { name: "x" },
            `Missing required argument. The argument "image" is required, but no definition was found.. Examine values at 'x.image'.`,
        ],
        [{ image: "a", foo: 1 }, "Invalid or unknown key. Examine values at 'x.foo'."],
        [
            { image: "a", restart: "sometimes" },
            "'sometimes' doesn't match the pattern '^(no|on-failure|always|unless-stopped)$'. " +
                "'sometimes' doesn't match the pattern '^(no|on-failure|always|unless-stopped)$'. Examine values at 'x.restart'.",
        ],
        [
            { image: "a", volumes: [{ hostPath: "rel", containerPath: "/b" }] },
            "'rel' must be an absolute path. 'rel' must be an absolute path. Examine values at 'x.volumes'.",
        ],
    ])("%j, in the words of the real plugin", async (news: Props, reason) => {
        expect((await plugin.call("Check", { urn: CONTAINER, olds: {}, news })).failures).toEqual([
            { property: "", reason },
        ]);
    });

    test("an input of the real provider without an implementation here is refused, unless it says nothing", async () => {
        const answer = (news: Props) =>
            plugin.call("Check", { urn: CONTAINER, olds: {}, news: { name: "c", image: "a", ...news } });
        expect((await answer({ privileged: true })).failures).toMatchObject([
            { reason: expect.stringContaining("privileged is not implemented by the lab's substitute") as string },
        ]);
        expect((await answer({ privileged: false, dns: [] })).failures).toBeUndefined();
    });

    test("a daemon that is not there fails at Configure, except over SSH", async () => {
        const other = await startPlugin(createDockerProvider());
        const error = await failure(other.call("Configure", { args: { host: "unix:///nowhere.sock" } }));
        expect(error.details).toContain("failed to connect to any docker daemon");
        await other.call("Configure", { args: { host: "ssh://root@127.0.0.1:1" } });
        other.stop();
    });

    test("a daemon older than Docker 18.09", async () => {
        api.version = "1.38";
        const error = await failure(plugin.call("Configure", { args: { host: api.host } }));
        expect(error.details).toContain("API version 1.38 is older than 1.39");
    });
});

/** What differs from one run to the next, made the same. */
function withoutChance(answer: Props): unknown {
    const text = JSON.stringify(answer)
        .replace(/[0-9a-f]{64}/g, "ID")
        .replace(/"hostname":"[0-9a-f]{12}"/, '"hostname":"ID"')
        .replace(/172\.20\.0\.[2-9]/g, "ADDRESS")
        .replace(/02:42:ac:14:00:0\d/g, "MAC");
    const parsed = JSON.parse(text) as { properties: Props };
    const { entrypoints: _entrypoints, ...properties } = parsed.properties;
    return { ...parsed, properties };
}

function theFailure(): ReturnType<typeof theCall> {
    const [call] = recorded("docker", "Create").filter((one) => one.errors);
    if (!call) {
        throw new Error("no failed creation was recorded");
    }
    return call;
}
