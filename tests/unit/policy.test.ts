import * as os from "node:os";

import type { ResourceValidationArgs } from "@pulumi/policy";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";

import { NasRegistry, type NasRegistryArgs } from "../../components";
import { parseImage } from "../../policy/container";
import { rules } from "../../policy/rules";
import { valuesOf } from "../scriptValues";
import { hostKey } from "./arguments";
import { registered, resourceOf, type Registered } from "./mocks";

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
    const found: string[] = [];
    const report = (message: string) => void found.push(message);
    if (typeof policy?.validateResource !== "function") {
        throw new Error(`no rule ${ruleName}`);
    }
    void policy.validateResource({ type, props } as unknown as ResourceValidationArgs, report);
    return found;
}

function inputsOf(type: string, name: string, all = resources): Inputs {
    return structuredClone(resourceOf(all, type, name).inputs);
}

const replaceIn = (property: string, from: string | RegExp, to: string) => (inputs: Inputs) => {
    const before = String(inputs[property]);
    const after = before.replace(from, to);
    expect(after, `${from} is in ${property}`).not.toBe(before);
    return { ...inputs, [property]: after };
};
/** A container whose label, of the configuration, is another one; undefined takes it away. */
const withLabel = (name: string, value: string | undefined) => (inputs: Inputs) => {
    const label = `nas-registry.${name}`;
    const others = (inputs.labels as Inputs[]).filter((each) => each.label !== label);
    return { ...inputs, labels: value === undefined ? others : [...others, { label, value }] };
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
    const all = resources.flatMap(({ type, inputs }) => violations(name, type, inputs));
    expect(all).toEqual([]);
});

describe("who reaches a registry", () => {
    type Change = (inputs: Inputs) => Inputs;
    const noTls = withLabel("tls", "none");
    const listening = (address: string) => withLabel("listens", address);
    const debug = (address: string, metrics = "false") =>
        both(withLabel("debug", address), withLabel("metrics", metrics));
    const host = set({ networkMode: "host", ports: undefined });
    const published = (ip: string | null, internal = 5000) =>
        set({ ports: [{ internal, external: 9160, ip, protocol: "tcp" }] });
    const same = (inputs: Inputs) => inputs;
    const both = (first: Change, second: Change) => (inputs: Inputs) => second(first(inputs));
    const reach = (rule: string, ...changes: Change[]) =>
        violations(rule, container, changes.reduce(both)(inputsOf(container, "registry")));

    test.each([
        ["TLS on every address", same, same],
        ["a port that is published on the NAS itself", noTls, published("127.0.0.1")],
        ["another port published everywhere", noTls, published("0.0.0.0", 80)],
        ["the NAS's own address in its network", both(noTls, listening("127.0.0.1:9160")), host],
        ["the NAS's own IPv6 address in its network", both(noTls, listening("[::1]:9160")), host],
        ["no network", noTls, set({ networkMode: "none", ports: undefined })],
        ["a debug port that is not published", debug(":5001"), same],
        ["a debug port of the NAS itself", both(debug("127.0.0.1:5001"), listening("0.0.0.0:9160")), host],
        ["metrics in the NAS's network", debug("192.168.1.20:5001", "true"), host],
    ])("%s passes", (_, configuration, ofContainer) => {
        expect(reach("registry-tls", configuration, ofContainer)).toEqual([]);
        expect(reach("registry-reach", configuration, ofContainer)).toEqual([]);
    });

    test.each([
        ["a port that is published everywhere", noTls, same],
        ["a port that is published on an address that the engine chooses", noTls, published(null)],
        ["all ports published", noTls, set({ ports: [], publishAllPorts: true })],
        ["every address in the NAS's network", both(noTls, listening("0.0.0.0:9160")), host],
        ["a port alone in the NAS's network", both(noTls, listening(":9160")), host],
        ["the NAS's address on its network", both(noTls, listening("192.168.1.20:9160")), host],
        ["a network that it shares with another container", noTls, set({ networkMode: "container:other", ports: [] })],
    ])("%s without TLS fails", (_, configuration, ofContainer) =>
        expect(reach("registry-tls", configuration, ofContainer)).toEqual([
            expect.stringMatching(/^Other machines reach the registry on .* no http\.tls/),
        ]),
    );

    test.each([
        ["in the NAS's network", debug("0.0.0.0:5001"), host],
        ["that is published", debug(":5001"), published("0.0.0.0", 5001)],
    ])("a debug port %s fails without metrics", (_, configuration, ofContainer) =>
        expect(reach("registry-reach", configuration, ofContainer)).toEqual([
            expect.stringMatching(/^Other machines reach the registry's debug port/),
        ]),
    );

    test.each(["auth", "tls", "listens"])("is nothing that a container without the label %s tells", (label) => {
        const foreign = both(debug("0.0.0.0:5001"), both(noTls, withLabel(label, undefined)));
        for (const rule of ["registry-tls", "registry-reach", "registry-users"]) {
            expect(reach(rule, foreign, host)).toEqual([]);
        }
    });
});

describe("what the container's labels say", () => {
    const connection = { host: "nas.local", hostKey };
    const labelsOf = (all: Registered[]) =>
        Object.fromEntries(
            (inputsOf(container, "registry", all).labels as { label: string; value: string }[]).map(
                ({ label, value }) => [label.replace("nas-registry.", ""), value],
            ),
        );
    const metrics = { address: "192.168.1.20" };
    const forms: [string, Omit<NasRegistryArgs, "vendor" | "connection">][] = [
        ["by default", {}],
        ["without TLS and users", { tls: "none", auth: "none" }],
        ["behind DSM's web server", { tls: "reverse-proxy", hostName: "registry.home.lan" }],
        [
            "in the NAS's network, with metrics",
            { networkMode: "host", bindAddress: "192.168.1.20", metrics, minimumTls: "tls1.3" },
        ],
        ["with a port for metrics", { metrics, extraConfig: "catalog: {maxentries: 2000}" }],
    ];

    test.each(forms)("is what config.yml says, and no secret: %s", async (_, form) => {
        const all = await registered(() => {
            new NasRegistry("registry", { vendor: "synology", connection, ...form });
        });
        const script = String(inputsOf(remoteCommand, "registry-files", all).stdin);
        const { auth, http } = parse(valuesOf(script).file_registry_config_yml ?? "") as {
            auth?: object;
            http: {
                addr: string;
                tls?: { minimumtls: string };
                debug?: { addr: string; prometheus: { enabled: boolean } };
            };
        };
        expect(labelsOf(all)).toMatchObject({
            auth: Object.keys(auth ?? { none: {} })[0],
            tls: http.tls?.minimumtls ?? "none",
            listens: http.addr,
        });
        expect(all.find((each) => each.type === container && each.name === "registry")?.secretInputs).toEqual([]);
        const { debug, metrics: isForMetrics } = labelsOf(all);
        expect([debug, isForMetrics]).toEqual([http.debug?.addr, http.debug && String(http.debug.prometheus.enabled)]);
    });
});

describe("a change of the component's resources that fails", () => {
    type Case = [rule: string, type: string, name: string, change: (inputs: Inputs) => Inputs, sentence: RegExp];
    const cases: Case[] = [
        ["registry-tls", container, "registry", withLabel("tls", "none"), /no http\.tls/],
        ["registry-tls", container, "registry", withLabel("tls", "tls1.0"), /minimumtls tls1\.0/],
        ["registry-users", container, "registry", withLabel("auth", "silly"), /neither auth/],
        ["registry-users", container, "registry", withLabel("auth", "none"), /neither auth/],
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
        ...[
            undefined,
            [],
            ["apparmor=docker-default"],
            ["no-new-privileges=false"],
            ["no-new-privileges:false"],
            ["no-new-privileges=0"],
            ["no-new-privileges=yes"],
            ["no-new-privileges="],
            ["no-new-privileges true"],
            ["no-new-privileges:=true"],
            // The engine takes the last, and the provider sends them in any order.
            ["no-new-privileges=false", "no-new-privileges=true"],
        ].map((securityOpts): Case => [
            "no-new-privileges",
            container,
            "registry",
            set({ securityOpts }),
            /set securityOpts to no-new-privileges=true, and/,
        ]),
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
    "/share/CE_CACHEDEV1_DATA/.nas-registry/registry/registry",
    "/share/MD0_DATA/.nas-registry/registry/registry",
    "/share/CACHEDEV1_DATA/homes/anna/.nas-registry/registry/registry",
])("a configuration may be in %s", (source) => {
    const mounted = configMount({ source })(inputsOf(container, "registry"));
    expect(violations("configuration-out-of-reach", container, mounted)).toEqual([]);
});

test.each(["1026:100", "91600:91600", "10", "rooted", "redis:redis"])("a container may run as %s", (user) => {
    expect(violations("user-not-root", container, { ...inputsOf(container, "registry"), user })).toEqual([]);
});

/** What `parseSecurityOpt` of moby's daemon/daemon_unix.go takes for true, in 20.10.24 as in 29.7.2. */
test.each(["", ...["=", ":"].flatMap((sign) => ["true", "True", "TRUE", "t", "T", "1"].map((yes) => sign + yes))])(
    "no-new-privileges%s is that option",
    (value) => {
        const securityOpts = ["apparmor=docker-default", `no-new-privileges${value}`];
        const inputs = { ...inputsOf(container, "registry"), securityOpts };
        expect(violations("no-new-privileges", container, inputs)).toEqual([]);
    },
);

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
