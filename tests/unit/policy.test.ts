import * as os from "node:os";

import type { ResourceValidationArgs } from "@pulumi/policy";
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

/** What a rule says about a resource, as the engine would ask it. */
function violations(ruleName: string, type: string, props: Inputs): string[] {
    const policy = rules.find(({ name }) => name === ruleName);
    if (typeof policy?.validateResource !== "function") {
        throw new Error(`no rule ${ruleName}`);
    }
    const found: string[] = [];
    void policy.validateResource({ type, props } as unknown as ResourceValidationArgs, (message) =>
        found.push(message),
    );
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
const dataMount = (changes: Inputs) =>
    withMounts((mount) => (mount.target === "/var/lib/registry" ? { ...mount, ...changes } : mount));

test.each(rules.map(({ name }) => name))("the component passes %s", (name) => {
    const all = resources.flatMap(({ type, inputs }) => violations(name, type, inputs));
    expect(all).toEqual([]);
});

test("a registry without TLS passes when only the NAS's own web server reaches it", () => {
    const files = resources.find(({ type, name }) => type === remoteCommand && name === "registry-files");
    const without = replaceIn("stdin", /^ {2}tls:\n( {4}.*\n)+/m, "")(files?.inputs ?? {});
    const local = replaceIn("stdin", /^ports='0\.0\.0\.0:/m, "ports='127.0.0.1:")(without);
    expect(violations("registry-tls", remoteCommand, without)).not.toEqual([]);
    expect(violations("registry-tls", remoteCommand, local)).toEqual([]);
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

    test("every rule has a case here or below", () => {
        const covered = new Set([...cases.map(([rule]) => rule), "registry-version-floor"]);
        expect([...covered].sort()).toEqual(rules.map(({ name }) => name).sort());
    });
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
