import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Nas, NasOptions } from "../../lab";
import { linkedProgram } from "../linkedProgram";
import { must, Setting } from "./setting";

interface Form {
    options: NasOptions;
    /** Of its registries. */
    args?: object;
    /** What holds the control directories. */
    ground: string;
    /** @default the one that is no person's */
    user?: string;
}

const forms: Form[] = [
    { options: { vendor: "synology" }, ground: "/volume1/@nas-registry" },
    { options: { vendor: "qnap" }, ground: "/share/CACHEDEV1_DATA/.nas-registry" },
    {
        options: { vendor: "linux" },
        args: { hostName: "homeserver.local", tiers: ["production"] },
        ground: "/var/lib/nas-registry",
    },
    // Who can give no file away has containers of their own.
    {
        options: { vendor: "qnap", name: "anna", login: { user: "anna", sudo: "none" } },
        args: { tiers: ["production"] },
        ground: "/share/CACHEDEV1_DATA/homes/anna/.nas-registry",
        user: "1026:100",
    },
];

let setting: Setting;
let containers: Container[];

/** The parts of `docker inspect` that say what a container may do. */
interface Container {
    /** As given: "production-bridge-redis". */
    name: string;
    /** Where everything of its registry is that is not in a shared folder. */
    control: string;
    data: string;
    /** User and group that it should run as. */
    user: string;
    Config: { User: string };
    HostConfig: {
        ReadonlyRootfs: boolean;
        Privileged: boolean;
        CapAdd: string[] | null;
        CapDrop: string[] | null;
        SecurityOpt: string[] | null;
        PidsLimit: number | null;
        Memory: number;
        NanoCpus: number;
        PublishAllPorts: boolean;
        PortBindings: Record<string, unknown> | null;
        NetworkMode: string;
        PidMode: string;
        IpcMode: string;
        UTSMode: string;
        UsernsMode: string;
        Devices: unknown[] | null;
        DeviceRequests: unknown[] | null;
        VolumesFrom: string[] | null;
        GroupAdd: string[] | null;
        Tmpfs?: Record<string, string>;
        LogConfig: { Config: Record<string, string> };
    };
    Mounts: { Type: string; Source: string; Destination: string; RW: boolean }[];
    NetworkSettings: { Networks: Record<string, unknown> };
}

const isRedis = ({ name }: Container) => name.endsWith("-redis");
const isBasic = ({ name }: Container) => name.startsWith("basic-");
const isInNasNetwork = ({ name }: Container) => name.includes("-host");
const none = (list: unknown[] | null) => (list ?? []).length === 0;
const mib = 1024 * 1024;

/** What SECURITY.md says of every container, of whatever tier, network and make of NAS. */
const promises: Record<string, (container: Container) => unknown> = {
    "runs as a user that no person has, or as the SSH user without root, in no other group": ({
        user,
        Config,
        HostConfig,
    }) => Config.User === user && none(HostConfig.GroupAdd),
    "cannot change its own files": ({ HostConfig }) => HostConfig.ReadonlyRootfs,
    "has no capability": ({ HostConfig }) => HostConfig.CapDrop?.join() === "ALL" && none(HostConfig.CapAdd),
    "gets no right by a setuid program": ({ HostConfig }) =>
        HostConfig.SecurityOpt?.join() === "no-new-privileges=true",
    "is not privileged, and has no device": ({ HostConfig }) =>
        !HostConfig.Privileged && none(HostConfig.Devices) && none(HostConfig.DeviceRequests),
    "has a limit of processes": (container) => container.HostConfig.PidsLimit === (isRedis(container) ? 128 : 1024),
    "has a limit of memory, unless the tier says none": (container) =>
        container.HostConfig.Memory === (isRedis(container) ? 256 : isBasic(container) ? 0 : 1024) * mib,
    "has a limit of CPUs, unless the tier says none": (container) =>
        container.HostConfig.NanoCpus === (isRedis(container) ? 1e9 : isBasic(container) ? 0 : 2e9),
    "has logs that end, unless the tier says nothing": (container) =>
        isBasic(container) || container.HostConfig.LogConfig.Config["max-size"] === "10m",
    "shares no namespace of the NAS but, where that is said, its network": (container) => {
        const { PidMode, IpcMode, UTSMode, UsernsMode, NetworkMode } = container.HostConfig;
        const network = isRedis(container) ? "none" : isInNasNetwork(container) ? "host" : "bridge";
        return [PidMode, UTSMode, UsernsMode].join("") === "" && IpcMode === "private" && NetworkMode === network;
    },
    "publishes its registry's port and nothing else": (container) => {
        const { PublishAllPorts, PortBindings } = container.HostConfig;
        const published = isRedis(container) || isInNasNetwork(container) ? 0 : 1;
        return !PublishAllPorts && Object.keys(PortBindings ?? {}).length === published;
    },
    "is in no network but its registry's, the cache in none": (container) => {
        const own = isRedis(container) ? "none" : isInNasNetwork(container) ? "host" : container.name;
        return Object.keys(container.NetworkSettings.Networks).join() === own;
    },
    "sees of the NAS its own configuration, which it cannot change, and what it writes": (container) => {
        const { control, data, Mounts } = container;
        const socket = `${control}/run ${isRedis(container) ? "rw" : "ro"}`;
        const part = isRedis(container) ? "redis" : "registry";
        const expected = [
            `${control}/${part} ro`,
            ...(isRedis(container) ? [] : [`${data} rw`]),
            ...(container.name.includes("production") ? [socket] : []),
        ];
        const binds = Mounts.filter(({ Type }) => Type !== "tmpfs");
        return (
            binds
                .map(({ Source, RW }) => `${Source} ${RW ? "rw" : "ro"}`)
                .sort()
                .join() === expected.sort().join() && none(container.HostConfig.VolumesFrom)
        );
    },
    "starts nothing from what it writes to memory": ({ HostConfig }) =>
        Object.values(HostConfig.Tmpfs ?? {}).every((options) => /noexec.*nosuid.*nodev/.test(options)),
};

beforeAll(async () => {
    setting = await Setting.open("hardening", linkedProgram("tests/hardening"));
    const nases = await Promise.all(forms.map(({ options }) => setting.lab.startNas(options)));
    const wanted: Record<string, unknown> = {};
    for (const [i, nas] of nases.entries()) {
        const connection = { host: nas.address, port: nas.sshPort, user: nas.user, hostKey: nas.hostKey };
        const lanAddress = (await must(nas.exec("hostname -i"))).trim();
        wanted[nas.name] = { vendor: nas.vendor, connection, lanAddress, ...forms[i]?.args };
    }
    await setting.workspace.initStack("all", { "hardening:nases": wanted }, nases);
    await setting.workspace.operate("all", "up");
    containers = (await Promise.all(nases.map((nas, i) => inspected(nas, forms[i] ?? expect.fail())))).flat();
}, 600_000);
afterAll(() => setting.close());

async function inspected(nas: Nas, { ground, user = "91600:91600" }: Form): Promise<Container[]> {
    const ids = (await nas.docker("ps", "--all", "--quiet")).trim().split("\n");
    const found = JSON.parse(await nas.docker("inspect", ...ids)) as (Container & { Name: string })[];
    return found.map((container) => {
        const name = container.Name.slice(1);
        const registry = name.replace(/-redis$/, "");
        const data = `${nas.sharedFolder}/${registry}-data`;
        return { ...container, name, control: `${ground}/${registry}`, data, user };
    });
}

test("every tier runs in both networks on both vendors' NASes, with Redis and a mirror; production on the others", () => {
    const production = ["bridge", "host", "bridge-redis", "host-redis"].map((each) => `production-${each}`);
    const others = ["basic", "intermediate"].flatMap((tier) => [`${tier}-bridge`, `${tier}-host`]);
    const ofEach = [...production, ...others, "mirror"];
    expect(containers.map(({ name }) => name).sort()).toEqual(
        [...ofEach, ...ofEach, ...production, ...production].sort(),
    );
});

describe("every container", () => {
    test.each(Object.entries(promises))("%s", (_, holds) => {
        const others = containers.filter((container) => holds(container) !== true);
        expect(others.map(({ name, Config, HostConfig, Mounts }) => ({ name, Config, HostConfig, Mounts }))).toEqual(
            [],
        );
    });
});
