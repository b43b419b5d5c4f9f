import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test, vi } from "vitest";

import { NasDaemonConfig, NasProbe, type NasDaemonConfigArgs } from "../../components";
import { knownOf, problemsOf } from "../../components/settings/section";
import { renderDaemonSettings, type DaemonConfigArgs } from "../../components/nas/daemon/daemonConfig";
import { capableNas, registered } from "./mocks";

const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINac5tHT4rEfdOQYcalxs7rk41DMvMwPsXobLs782iQp";
const nas = { vendor: "synology", connection: { host: "nas.local", hostKey } } as const;

/** The one script that changes the daemon's file. */
async function daemonScript(args: Partial<NasDaemonConfigArgs>, probe = capableNas) {
    const resources = await registered(() => new NasDaemonConfig("docker", { ...nas, ...args }), { probe });
    const script = resources.find(({ name }) => name === "docker-daemon");
    if (!script) {
        throw new Error("it was not made");
    }
    return script;
}

const valueOf = (stdin: unknown, name: string) => new RegExp(`^${name}='(.*)'$`, "m").exec(String(stdin))?.[1];

function problems(settings: DaemonConfigArgs): string[] {
    return problemsOf("DaemonConfigArgs", knownOf(settings));
}

describe("the settings in the daemon's own words", () => {
    test("only what is given is there", () => {
        expect(renderDaemonSettings({ insecureRegistries: ["nas:5000", "nas:5000"], registryMirrors: [] })).toBe(
            '{"insecure-registries":["nas:5000"]}',
        );
        expect(
            renderDaemonSettings({
                registryMirrors: ["https://m"],
                logDriver: "json-file",
                logOptions: { "max-size": "10m" },
            }),
        ).toBe('{"registry-mirrors":["https://m"],"log-driver":"json-file","log-opts":{"max-size":"10m"}}');
    });
});

describe("insecureRegistries", () => {
    test.each([
        "nas",
        "nas.local:5000",
        "192.168.1.20",
        "192.168.1.20:5000",
        "[fe80::1]:5000",
        "10.0.0.0/8",
        "fd00::/8",
        "192.168.1.20/32",
    ])("%s is right", (value) => expect(problems({ insecureRegistries: [value] })).toEqual([]));
    test.each([
        "ftp://nas:5000",
        "nas:5000/path",
        "nas:99999",
        "10.1.2.3/8",
        "10.0.0.0/33",
        "10.0.0.0/08",
        "::ffff:10.0.0.0/104",
        "fd00::1/8",
        "",
        "10.0.0.0/8/8",
        "0.0.0.0/0",
        "::/0",
    ])("%s is refused", (value) => expect(problems({ insecureRegistries: [value] })).toHaveLength(1));
});

describe("a mirror whose certificate Docker does not check is told of, since Docker Hub's is not checked then either:", () => {
    const warningOf = async (settings: DaemonConfigArgs) => {
        const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
        try {
            await daemonScript(settings);
            return warn.mock.calls.map(([text]) => text).join("\n");
        } finally {
            warn.mockRestore();
        }
    };
    test.each([
        ["https://mirror.lan:5000", ["other:1", "mirror.lan:5000"]],
        ["http://mirror.lan:5000/", ["mirror.lan:5000"]],
        ["https://Mirror.lan", ["mirror.lan"]],
        ["http://mirror.lan:80", ["mirror.lan:80"]],
        ["https://192.168.1.20:5000", ["192.168.1.0/24"]],
        ["https://[fd00::20]:5000", ["fd00::/8"]],
        ["http://localhost:5000", undefined],
        ["http://127.0.1.1:5000", []],
        ["http://[::1]:5000", []],
    ])("%s with %j", async (mirror, insecureRegistries) => {
        expect(await warningOf({ registryMirrors: [mirror], insecureRegistries })).toContain(
            `registryMirrors: Docker takes any certificate from ${mirror.toLowerCase().replace(/\/$/, "")}, an insecure registry`,
        );
    });
    test.each([
        ["https://mirror.lan:5000", undefined],
        ["https://mirror.lan:5000", ["mirror.lan", "mirror.lan:5001", "10.0.0.0/8", "fd00::/8"]],
        ["http://192.168.1.20:5000", ["192.168.1.20:5001", "192.168.2.0/24"]],
        ["https://[fd00::20]:5000", ["10.0.0.0/8"]],
    ])("and not of %s with %j", async (mirror, insecureRegistries) => {
        expect(await warningOf({ registryMirrors: [mirror], insecureRegistries })).toBe("");
    });
});

describe("registryMirrors", () => {
    test.each(["https://mirror.lan", "http://mirror.lan:5000/"])("%s is right", (value) =>
        expect(problems({ registryMirrors: [value] })).toEqual([]),
    );
    test.each(["mirror.lan", "https://mirror.lan/hub", "https://a:b@mirror.lan", "ftp://mirror.lan", "https://m?x"])(
        "%s is refused",
        (value) => expect(problems({ registryMirrors: [value] })).toHaveLength(1),
    );
});

test("a value that is refused is named with what is allowed", () => {
    expect(problems({ restartTimeout: "5s" })).toEqual([
        'restartTimeout: "5s" is not allowed; it must be a duration such as 90s or 24h, from 30s to 1h.',
    ]);
});

test("bad arguments are refused all together, and nothing is made but the component", async () => {
    const made = await registered(() => {
        expect(
            () => new NasDaemonConfig("docker", { ...nas, insecureRegistries: ["ftp://x"], logDriver: "Json File" }),
        ).toThrow(/insecureRegistries\[0\]: "ftp:\/\/x"[^]*logDriver: "Json File"/);
    });
    expect(made.map(({ type }) => type)).toEqual(["nas-registry:index:NasDaemonConfig"]);
});

test("a driver's options, which may be secrets, are not shown", async () => {
    await registered(() => {
        const logOptions = "splunk-token=s3cret" as unknown as Record<string, string>;
        expect(() => new NasDaemonConfig("docker", { ...nas, logOptions })).toThrow(
            "logOptions: the value given is not allowed; it must be a mapping.",
        );
    });
});

test("the script gets the file that the probe found, and goes with the resource", async () => {
    const { inputs } = await daemonScript({ insecureRegistries: [pulumi.output("nas:5000")] });
    expect(inputs.create).toBe("/bin/sh -s apply");
    expect(inputs.delete).toBe("/bin/sh -s revert");
    expect(valueOf(inputs.stdin, "daemon_config")).toBe("/var/packages/ContainerManager/etc/dockerd.json");
    expect(valueOf(inputs.stdin, "settings")).toBe('{"insecure-registries":["nas:5000"]}');
    expect(valueOf(inputs.stdin, "restart_timeout")).toBe("600");
    expect(inputs.triggers).toEqual(["/var/packages/ContainerManager/etc/dockerd.json"]);
});

test("an administrator with sudo runs it as root", async () => {
    const { inputs } = await daemonScript({}, capableNas.replace("privilege=root", "privilege=sudo"));
    expect(inputs.create).toBe("sudo -n /bin/sh -s apply");
});

test("another reapply runs the script again, and changes nothing else of it", async () => {
    const one = await daemonScript({ reapply: "one" });
    const two = await daemonScript({ reapply: "two" });
    expect(String(one.inputs.stdin).replace("reapply='one'", "reapply='two'")).toBe(two.inputs.stdin);
    expect(one.inputs.stdin).not.toBe(two.inputs.stdin);
    expect({ ...one.inputs, stdin: "" }).toEqual({ ...two.inputs, stdin: "" });
});

test("each resource has a record of its own on the NAS, which names it", async () => {
    const resources = await registered(() => {
        new NasDaemonConfig("one", nas);
        new NasDaemonConfig("two", nas);
    });
    const scripts = resources.filter(({ name }) => name.endsWith("-daemon")).map(({ inputs }) => inputs.stdin);
    expect(scripts.map((stdin) => valueOf(stdin, "stack"))).toEqual(['"project/stack/one"', '"project/stack/two"']);
    const ids = scripts.map((stdin) => valueOf(stdin, "id") ?? "");
    expect(ids.every((id) => /^[0-9a-f]{12}$/.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(2);
});

test("secret log options are in no plain input", async () => {
    const { inputs, secretInputs } = await daemonScript({ logOptions: { "splunk-token": pulumi.secret("s3cret") } });
    expect(Object.keys(inputs).filter((name) => JSON.stringify(inputs[name]).includes("s3cret"))).toEqual(["stdin"]);
    expect(secretInputs).toContain("stdin");
});

test("the outputs are what the NAS said", async () => {
    const outputs: unknown[] = [];
    await registered(() => {
        const { daemonConfig, dataRoot, restartedAt } = new NasDaemonConfig("docker", nas);
        pulumi.all([daemonConfig, dataRoot, restartedAt]).apply((all) => outputs.push(...all));
    });
    expect(outputs).toEqual([
        "/var/packages/ContainerManager/etc/dockerd.json",
        "/volume1/@docker",
        "2026-01-31T12:00:00Z",
    ]);
});

test("the probe alone asks for no folder and no port", async () => {
    const outputs: unknown[] = [];
    const resources = await registered(() => {
        const probe = new NasProbe("nas", nas);
        pulumi.all([probe.firmware, probe.cpuQuota, probe.pageSize]).apply((all) => outputs.push(...all));
    });
    const scripts = resources.filter(({ type }) => type === "command:remote:Command");
    expect(scripts.map(({ name }) => name)).toEqual(["nas-probe"]);
    expect(valueOf(scripts[0]?.inputs.stdin, "shared_folder")).toBe("");
    expect(outputs).toEqual(["DSM 7.2.2-72806", true, 4096]);
});
