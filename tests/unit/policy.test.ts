import * as os from "node:os";

import type { ResourceValidationArgs, StackValidationArgs } from "@pulumi/policy";
import { beforeAll, describe, expect, test, vi } from "vitest";

import { NasRegistry } from "../../components";
import { parseImage } from "../../policy/container";
import { rules } from "../../policy/rules";
import { registered, type Registered } from "./mocks";

vi.mock("node:os", async (original) => ({
    ...(await original<typeof os>()),
    userInfo: () => ({ homedir: `${os.tmpdir()}/nas-registry-policy-test` }),
}));

type Inputs = Record<string, unknown>;

const container = "docker:index/container:Container";
const remoteImage = "docker:index/remoteImage:RemoteImage";
const remoteCommand = "command:remote:Command";
const dockerProvider = "pulumi:providers:docker";

let resources: Registered[];

beforeAll(async () => {
    resources = await registered(() => {
        new NasRegistry("registry", {
            vendor: "synology",
            connection: {
                host: "diskstation.local",
                hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINac5tHT4rEfdOQYcalxs7rk41DMvMwPsXobLs782iQp",
            },
        });
    });
});

/** What a rule says about a resource, or all of them together, as the engine would ask it. */
function violations(ruleName: string, type: string, props: Inputs, all: Registered[] = []): string[] {
    const policy = rules.find(({ name }) => name === ruleName);
    const found: string[] = [];
    const report = (message: string) => void found.push(message);
    if (policy && "validateStack" in policy) {
        const stack = all.map(({ inputs, options, ...each }) => ({
            ...each,
            props: inputs,
            parent: { urn: options.parent },
        }));
        void policy.validateStack({ resources: stack } as unknown as StackValidationArgs, report);
    } else if (typeof policy?.validateResource === "function") {
        void policy.validateResource({ type, props } as unknown as ResourceValidationArgs, report);
    } else {
        throw new Error(`no rule ${ruleName}`);
    }
    return found;
}

function inputsOf(type: string, name: string): Inputs {
    const found = resources.find((each) => each.type === type && each.name === name);
    if (!found) {
        throw new Error(`no ${type} ${name} among ${resources.map((each) => `${each.type} ${each.name}`).join(", ")}`);
    }
    return structuredClone(found.inputs);
}

const replaceIn = (property: string, from: string | RegExp, to: string) => (inputs: Inputs) => {
    const before = String(inputs[property]);
    const after = before.replace(from, to);
    expect(after, `${from} is in ${property}`).not.toBe(before);
    return { ...inputs, [property]: after };
};
const set = (changes: Inputs) => (inputs: Inputs) => ({ ...inputs, ...changes });
const withMounts = (change: (mount: Inputs) => Inputs) => (inputs: Inputs) => ({
    ...inputs,
    mounts: (inputs.mounts as Inputs[]).map(change),
});
const mountAt = (target: string) => (changes: Inputs) =>
    withMounts((mount) => (mount.target === target ? { ...mount, ...changes } : mount));
const dataMount = mountAt("/var/lib/registry");
const configMount = mountAt("/etc/distribution");

test.each(rules.map(({ name }) => name))("the component passes %s", (name) => {
    const all = resources.flatMap(({ type, inputs }) => violations(name, type, inputs, resources));
    expect(all).toEqual([]);
});

test("a registry without TLS passes when only the NAS's own web server reaches it", () => {
    const files = resources.find(({ type, name }) => type === remoteCommand && name === "registry-files");
    const without = replaceIn("stdin", /^ {2}tls:\n( {4}.*\n)+/m, "")(files?.inputs ?? {});
    const local = replaceIn("stdin", /^ports='0\.0\.0\.0:/m, "ports='127.0.0.1:")(without);
    expect(violations("registry-tls", remoteCommand, without)).not.toEqual([]);
    expect(violations("registry-tls", remoteCommand, local)).toEqual([]);
});

test("one that listens on every address does not, whatever ports its script expects", () => {
    const files = resources.find(({ type, name }) => type === remoteCommand && name === "registry-files");
    const without = replaceIn("stdin", /^ {2}tls:\n( {4}.*\n)+/m, "")(files?.inputs ?? {});
    const local = replaceIn("stdin", /^ports='0\.0\.0\.0:/m, "ports='127.0.0.1:")(without);
    const open = replaceIn("stdin", /^ {2}addr: .*$/m, "  addr: 0.0.0.0:9160")(local);
    expect(violations("registry-tls", remoteCommand, open)).toEqual([expect.stringMatching(/no http\.tls/)]);
});

describe("registry-reach", () => {
    const noTls = replaceIn("stdin", /^ {2}tls:\n( {4}.*\n)+/m, "");
    const listening = (address: string) => replaceIn("stdin", /^ {2}addr: .*$/m, `  addr: "${address}"`);
    const debug = (address: string, more = "") =>
        replaceIn("stdin", /^ {2}headers:$/m, `  debug:\n    addr: "${address}"\n${more}  headers:`);
    const prometheus = "    prometheus:\n      enabled: true\n";
    const host = set({ networkMode: "host", ports: undefined });
    const published = (ip: string | null, internal = 5000) =>
        set({ ports: [{ internal, external: 9160, ip, protocol: "tcp" }] });
    const same = (inputs: Inputs) => inputs;

    /** What the rule says of the component with these two of its resources changed. */
    function reach(script: (inputs: Inputs) => Inputs, ofContainer: (inputs: Inputs) => Inputs): string[] {
        const changed = resources.map((each) => {
            const change =
                each.type === remoteCommand && each.name === "registry-files"
                    ? script
                    : each.type === container && each.name === "registry"
                      ? ofContainer
                      : same;
            return { ...each, inputs: change(structuredClone(each.inputs)) };
        });
        return violations("registry-reach", "", {}, changed);
    }
    const both = (first: (inputs: Inputs) => Inputs, second: (inputs: Inputs) => Inputs) => (inputs: Inputs) =>
        second(first(inputs));

    test.each([
        ["TLS on every address", same, same],
        ["a port that is published on the NAS itself", noTls, published("127.0.0.1")],
        ["another port published everywhere", noTls, published("0.0.0.0", 80)],
        ["the NAS's own address in its network", both(noTls, listening("127.0.0.1:9160")), host],
        ["the NAS's own IPv6 address in its network", both(noTls, listening("[::1]:9160")), host],
        ["no network", noTls, set({ networkMode: "none", ports: undefined })],
        ["a debug port that is not published", debug(":5001"), same],
        ["a debug port of the NAS itself", both(debug("127.0.0.1:5001"), listening("0.0.0.0:9160")), host],
        ["metrics in the NAS's network", debug("192.168.1.20:5001", prometheus), host],
    ])("%s passes", (_, script, ofContainer) => expect(reach(script, ofContainer)).toEqual([]));

    test.each([
        ["a port that is published everywhere", noTls, same],
        ["a port that is published on an address that the engine chooses", noTls, published(null)],
        ["all ports published", noTls, set({ ports: [], publishAllPorts: true })],
        ["every address in the NAS's network", both(noTls, listening("0.0.0.0:9160")), host],
        ["a port alone in the NAS's network", both(noTls, listening(":9160")), host],
        ["the NAS's address on its network", both(noTls, listening("192.168.1.20:9160")), host],
        ["a network that it shares with another container", noTls, set({ networkMode: "container:other", ports: [] })],
    ])("%s without TLS fails", (_, script, ofContainer) =>
        expect(reach(script, ofContainer)).toEqual([expect.stringMatching(/^Other machines reach the registry/)]),
    );

    test.each([
        ["in the NAS's network", debug("0.0.0.0:5001"), host],
        ["that is published", debug(":5001"), published("0.0.0.0", 5001)],
    ])("a debug port %s fails without metrics", (_, script, ofContainer) =>
        expect(reach(script, ofContainer)).toEqual([expect.stringMatching(/^Other machines reach the debug port/)]),
    );

    test("another component's container is not the one that reads a configuration", () => {
        const [files] = resources.filter(({ type, name }) => type === remoteCommand && name === "registry-files");
        const [other] = resources.filter(({ type, name }) => type === container && name === "registry");
        if (!files || !other) {
            throw new Error("the component has changed");
        }
        const elsewhere = { ...other, options: { ...other.options, parent: "another" } };
        const bare = { ...files, inputs: noTls(structuredClone(files.inputs)) };
        expect(violations("registry-reach", "", {}, [bare, elsewhere])).toEqual([]);
        expect(violations("registry-reach", "", {}, [bare, other])).toHaveLength(1);
    });
});

describe("a change of the component's resources that fails", () => {
    type Case = [rule: string, type: string, name: string, change: (inputs: Inputs) => Inputs, sentence: RegExp];
    const cases: Case[] = [
        [
            "registry-tls",
            remoteCommand,
            "registry-files",
            replaceIn("stdin", /^ {2}tls:\n( {4}.*\n)+/m, ""),
            /no http\.tls/,
        ],
        ["registry-tls", remoteCommand, "registry-files", replaceIn("stdin", "tls1.2", "tls1.0"), /minimumtls tls1\.0/],
        [
            "registry-users",
            remoteCommand,
            "registry-files",
            replaceIn("stdin", /^ {2}htpasswd:$/m, "  silly:"),
            /neither auth/,
        ],
        [
            "registry-configuration-mounted",
            container,
            "registry",
            set({ envs: ["REGISTRY_AUTH=silly"] }),
            /^REGISTRY_AUTH overrides/,
        ],
        [
            "registry-configuration-mounted",
            container,
            "registry",
            withMounts((mount) => ({ ...mount, readOnly: false })),
            /read-only at \/etc\/distribution/,
        ],
        [
            "host-key-pinned",
            remoteCommand,
            "registry-probe",
            set({ connection: { host: "diskstation.local" } }),
            /diskstation\.local has no hostKey/,
        ],
        [
            "host-key-pinned",
            dockerProvider,
            "registry-docker",
            replaceIn("sshOpts", "StrictHostKeyChecking=yes", "StrictHostKeyChecking=accept-new"),
            /StrictHostKeyChecking=accept-new/,
        ],
        [
            "host-key-pinned",
            dockerProvider,
            "registry-docker",
            set({ sshOpts: undefined }),
            /StrictHostKeyChecking=ask/,
        ],
        [
            "image-pinned",
            remoteImage,
            "registry-redis",
            set({ name: "redis" }),
            /Image redis means another one tomorrow/,
        ],
        ["image-pinned", container, "registry-redis", set({ image: "redis:latest" }), /redis:latest/],
        ["memory-limited", container, "registry", set({ memory: undefined }), /no memory limit/],
        [
            "data-on-data-volume",
            container,
            "registry",
            dataMount({ type: "volume", source: "images" }),
            /is a Docker volume/,
        ],
        [
            "data-on-data-volume",
            container,
            "registry",
            dataMount({ source: "/root/registry" }),
            /\/root\/registry is not in a shared folder/,
        ],
        [
            "data-on-data-volume",
            container,
            "registry",
            dataMount({ target: "/elsewhere" }),
            /Nothing is mounted at \/var\/lib\/registry/,
        ],
        [
            "redis-not-published",
            container,
            "registry-redis",
            set({ ports: [{ internal: 6379, external: 6379 }] }),
            /Redis has a port/,
        ],
        ["redis-not-published", container, "registry-redis", set({ networkMode: "host" }), /Redis has a port/],
        ["least-privilege", container, "registry", set({ privileged: true }), /is privileged/],
        ["least-privilege", container, "registry", set({ capabilities: undefined }), /set capabilities\.drops/],
        [
            "least-privilege",
            container,
            "registry",
            set({ capabilities: { drops: ["ALL"], adds: ["SYS_ADMIN"] } }),
            /capability SYS_ADMIN/,
        ],
        ...[
            "/volume1/docker/registry-config/registry",
            "/volume1/docker/@nas-registry/registry/registry",
            "/volume1/docker/.nas-registry/registry/registry",
            "/volume1/@nas-registry/registry",
            "/volume1/@nas-registry/../registry",
            "/share/CACHEDEV1_DATA/.nas-registry/../registry",
            "/volume1/homes/.nas-registry/registry/registry",
            "/share/Container/.nas-registry/registry/registry",
            "/share/CACHEDEV1_DATA/Container/.nas-registry/registry/registry",
            "/root/registry",
        ].map((source): Case => [
            "configuration-out-of-reach",
            container,
            "registry",
            configMount({ source }),
            /only root can change/,
        ]),
        [
            "configuration-out-of-reach",
            container,
            "registry",
            configMount({ type: "volume", source: "/volume1/@nas-registry/registry/registry" }),
            /only root can change/,
        ],
        ["user-not-root", container, "registry", set({ user: undefined }), /as its image's user/],
        ...["0", "0:0", "0:1000", "root", "root:users", "00", "", ":1000"].map((user): Case => [
            "user-not-root",
            container,
            "registry-redis",
            set({ user }),
            /runs as .*not root/,
        ]),
        ["root-filesystem-read-only", container, "registry", set({ readOnly: false }), /set readOnly/],
        ["root-filesystem-read-only", container, "registry-redis", set({ readOnly: undefined }), /set readOnly/],
        ["no-new-privileges", container, "registry", set({ securityOpts: undefined }), /no-new-privileges:true/],
        [
            "no-new-privileges",
            container,
            "registry",
            set({ securityOpts: ["no-new-privileges:false"] }),
            /no-new-privileges:true/,
        ],
        [
            "docker-socket-kept",
            container,
            "registry",
            set({ volumes: [{ hostPath: "/var/run/docker.sock", containerPath: "/s" }] }),
            /Docker socket/,
        ],
    ];

    test.each(cases)("%s: %s %s", (rule, type, name, change, sentence) => {
        const found = violations(rule, type, change(inputsOf(type, name)));
        expect(found).toEqual([expect.stringMatching(sentence)]);
    });

    test("every rule has a case here, above or below", () => {
        const covered = new Set([...cases.map(([rule]) => rule), "registry-reach", "registry-version-floor"]);
        expect([...covered].sort()).toEqual(rules.map(({ name }) => name).sort());
    });
});

test.each([
    "/volume2/@nas-registry/registry/registry",
    "/volume1/homes/anna/.nas-registry/registry/registry",
    "/volume1/homes/@DH-EXAMPLE/0/anna-1107/.nas-registry/registry/registry",
    "/share/CACHEDEV1_DATA/.nas-registry/registry/registry",
    "/share/ZFS530_DATA/.nas-registry/registry/registry",
    "/share/CACHEDEV1_DATA/homes/anna/.nas-registry/registry/registry",
])("a configuration may be in %s", (source) => {
    const mounted = configMount({ source })(inputsOf(container, "registry"));
    expect(violations("configuration-out-of-reach", container, mounted)).toEqual([]);
});

test.each(["1026:100", "91600:91600", "10", "rooted", "redis:redis"])("a container may run as %s", (user) => {
    expect(violations("user-not-root", container, { ...inputsOf(container, "registry"), user })).toEqual([]);
});

describe("registry-version-floor", () => {
    const digest = `sha256:${"a".repeat(64)}`;
    const floor = (name: string) => violations("registry-version-floor", remoteImage, { name });

    test.each([
        "registry:3.1.2",
        "registry:3.1.3-alpine",
        "registry:3.2",
        "registry:4",
        "nas.local:5000/mirror/registry:3.1.2",
        `registry@${digest}`,
        "redis:7",
    ])("%s passes", (image) => {
        expect(floor(image)).toEqual([]);
    });

    test.each([
        "registry",
        "registry:2.8.3",
        "registry:3",
        "registry:3.0.0",
        "registry:3.1",
        "registry:3.1.1",
        "registry:3.1.2-rc.1",
        "registry:stable",
        `registry:3.0.0@${digest}`,
        "docker.io/library/registry:2",
        "distribution/distribution:3.0.0",
    ])("%s fails", (image) => {
        expect(floor(image)).toEqual([expect.stringContaining(image)]);
    });
});

test("a port is no tag", () => {
    expect(parseImage("nas.local:5000/registry")).toEqual({ repository: "nas.local:5000/registry", digest: undefined });
});
