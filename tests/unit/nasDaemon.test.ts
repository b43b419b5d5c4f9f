import * as os from "node:os";

import { describe, expect, test, vi } from "vitest";

import { NasRegistry, type NasRegistryArgs } from "../../components";
import type { PlainArgs } from "../../components/registry/sections";
import { findProblems } from "../../components/registry/settings";
import { caCertificate } from "../publicAuthorities";
import { valuesOf } from "../scriptValues";
import { registered, type Registered } from "./mocks";

vi.mock("node:os", async (original) => ({
    ...(await original<typeof os>()),
    userInfo: () => ({ homedir: `${os.tmpdir()}/nas-registry-unit-test` }),
}));

const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINac5tHT4rEfdOQYcalxs7rk41DMvMwPsXobLs782iQp";
const args: NasRegistryArgs = { vendor: "synology", connection: { host: "diskstation.local", hostKey } };

const deploy = (changed: Partial<NasRegistryArgs>) =>
    registered(() => new NasRegistry("registry", { ...args, ...changed }));
const find = (resources: Registered[], name: string) =>
    resources.find((each) => each.name === name && each.type === "command:remote:Command");
const variable = (resources: Registered[], name: string, variable: string) =>
    valuesOf(String(find(resources, name)?.inputs.stdin))[variable];
const isAfter = (resource: Registered | undefined, other: string) =>
    (resource?.options.dependencies ?? []).some((urn) => urn.endsWith(`Command::${other}`));
const waitsFor = (resources: Registered[], name: string, other: string) => isAfter(find(resources, name), other);

test("the NAS's daemon is left alone unless asked for", async () => {
    const resources = await deploy({});
    expect(find(resources, "registry-daemon")).toBeUndefined();
    expect(find(resources, "registry-daemon-trust")).toBeUndefined();
});

describe("daemonConfig", () => {
    const daemonConfig = { registryMirrors: ["https://mirror.lan"], restartTimeout: "90s" };

    test("is put into the daemon's file once the data directory was looked at, and before the containers", async () => {
        const resources = await deploy({ daemonConfig });
        expect(variable(resources, "registry-daemon", "settings")).toBe('{"registry-mirrors":["https://mirror.lan"]}');
        expect(variable(resources, "registry-daemon", "restart_timeout")).toBe("90");
        expect(waitsFor(resources, "registry-daemon", "registry-files")).toBe(true);
        const ofEngine = resources.filter(({ type }) => type.startsWith("docker:index"));
        expect(ofEngine.map((each) => isAfter(each, "registry-daemon"))).toEqual(ofEngine.map(() => true));
        // Nothing of the key is the daemon's.
        expect(waitsFor(resources, "registry-transport", "registry-daemon")).toBe(false);
    });

    test("has the registry tried again after a restart of the daemon", async () => {
        const resources = await deploy({ daemonConfig });
        expect(variable(resources, "registry-smoke-test", "restarted_at")).toBe("2026-01-31T12:00:00Z");
    });

    test("says of what is wrong where it stands", () => {
        const wrong = {
            ...args,
            daemonConfig: { insecureRegistries: ["http://nas/a"], restartTimeout: "5s" },
        } as PlainArgs;
        const problems = findProblems(wrong, "registry");
        expect(problems).toEqual([
            expect.stringMatching(
                /^daemonConfig\.insecureRegistries\[0\]: "http:\/\/nas\/a" is not allowed; it must be host/,
            ),
            expect.stringMatching(/^daemonConfig\.restartTimeout: "5s" is not allowed/),
        ]);
    });
});

describe("daemonTrust", () => {
    test("gives the daemon the authority's certificate, once the registry serves, and a user to pull as", async () => {
        const resources = await deploy({ daemonTrust: true });
        const value = (name: string) => variable(resources, "registry-daemon-trust", name);
        expect([value("registry"), value("trust"), value("username")]).toEqual([
            "diskstation.local:9160",
            "authority",
            "admin",
        ]);
        expect(value("ca_certificate")).toBe(caCertificate);
        expect(waitsFor(resources, "registry-daemon-trust", "registry-smoke-test")).toBe(true);
        expect(find(resources, "registry-daemon")).toBeUndefined();
    });

    test("without TLS puts the registry among the insecure ones, behind those that were asked for", async () => {
        const daemonConfig = { insecureRegistries: ["other.lan:5000"] };
        const resources = await deploy({ daemonTrust: true, tls: "none", daemonConfig });
        expect(variable(resources, "registry-daemon", "settings")).toBe(
            '{"insecure-registries":["other.lan:5000","diskstation.local:9160"]}',
        );
        expect(variable(resources, "registry-daemon-trust", "trust")).toBe("insecure");
    });
});
