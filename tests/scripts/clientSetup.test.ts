import * as fs from "node:fs";

import * as fc from "fast-check";
import { parse as parseToml } from "smol-toml";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse as parseYaml } from "yaml";

import { renderClientSetup, type ClientKind, type ClientTrust } from "../../components/trust/clientSetup";
import { ClientMachine } from "./clientMachine";
import { shells } from "./shells";

const caCertificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const authority: ClientTrust = { kind: "authority", caCertificate };
const insecure: ClientTrust = { kind: "insecure" };
const registry = "nas:9160";
const other = "[fd00::1]:5000";

const k3sFile = "etc/rancher/k3s/registries.yaml";
const buildkitFile = "etc/buildkit/buildkitd.toml";
const daemonFile = "etc/docker/daemon.json";

/** The kinds whose scripts run on Linux, and the command by which they know that they are at home. */
const linuxKinds: [ClientKind, string][] = [
    ["linux", "docker"],
    ["podman", "podman"],
    ["containerd", "nerdctl"],
    ["k3s", "k3s"],
    ["buildkit", "buildkitd"],
];
const trusts: [string, ClientTrust][] = [
    ["with a CA", authority],
    ["without TLS", insecure],
];

let machine: ClientMachine;
afterEach(() => machine.remove());

const script = (kind: ClientKind, trust: ClientTrust, name = registry) => renderClientSetup(name, trust)[kind];
const must = async (text: string, args: string[] = [], user: "root" | "anybody" = "root") => {
    const result = await machine.run(text, args, user);
    expect(result).toMatchObject({ code: 0, stderr: "" });
    return result.stdout;
};
const refused = async (text: string, args: string[] = [], user: "root" | "anybody" = "root") => {
    const before = machine.snapshot();
    const { code, stderr } = await machine.run(text, args, user);
    expect(code).toBe(1);
    expect(machine.snapshot()).toEqual(before);
    return stderr;
};

describe.each(shells)("under %s", (_, shell) => {
    beforeEach(() => {
        machine = new ClientMachine(shell);
        linuxKinds.forEach(([, command]) => machine.fake(command));
    });

    describe.each(linuxKinds)("%s", (kind) => {
        describe.each(trusts)("%s", (_, trust) => {
            test("undo leaves a machine as it was, and a second setup touches nothing", async () => {
                const before = machine.snapshot();
                await must(script(kind, trust));
                const times = machine.times();
                expect(Object.keys(times).length).toBeGreaterThan(Object.keys(before).length);
                await must(script(kind, trust));
                expect(machine.times()).toEqual(times);
                await must(script(kind, trust), ["undo"]);
                expect(machine.snapshot()).toEqual(before);
            });

            test("two registries do not undo each other, whichever goes first", async () => {
                machine.link("jq");
                const before = machine.snapshot();
                for (const order of [
                    [registry, other],
                    [other, registry],
                ] as const) {
                    await must(script(kind, trust, registry));
                    const alone = machine.snapshot();
                    await must(script(kind, trust, other));
                    await must(script(kind, trust, order[0]), ["undo"]);
                    if (order[0] === other) {
                        expect(machine.snapshot()).toEqual(alone);
                    }
                    await must(script(kind, trust, order[1]), ["undo"]);
                    expect(machine.snapshot()).toEqual(before);
                }
            });
        });

        test("the CA's fingerprint is shown, and that there is no TLS", async () => {
            expect(await must(script(kind, authority))).toContain(
                "SHA-256 fingerprint 70:9E:80:C8:84:87:A2:41:1E:1E:E4:DF:B9:F2:2A:86:14:92:D2:0C:47:65:15:0C:0C:79:4A:BD:70:F8:14:7C",
            );
            expect(await must(script(kind, insecure))).toContain("WITHOUT TLS");
        });

        test("a registry that gets TLS loses the entry without it, and back", async () => {
            await must(script(kind, insecure));
            const plain = machine.snapshot();
            await must(script(kind, authority));
            const secure = machine.snapshot();
            await must(script(kind, insecure));
            expect(machine.snapshot()).toEqual(plain);
            await must(script(kind, authority));
            expect(machine.snapshot()).toEqual(secure);
        });

        test("a registry that gets a certificate of a public authority needs nothing", async () => {
            const before = machine.snapshot();
            for (const trust of [authority, insecure]) {
                await must(script(kind, trust));
                expect(await must(script(kind, { kind: "public" }))).toContain("needs nothing");
                expect(machine.snapshot()).toEqual(before);
            }
        });

        test("undo without a setup changes nothing", async () => {
            const before = machine.snapshot();
            await must(script(kind, authority), ["undo"]);
            expect(machine.snapshot()).toEqual(before);
        });

        test("another word than undo is refused", async () => {
            expect(await refused(script(kind, authority), ["remove"])).toContain("'remove' is not known: give 'undo'");
        });

        test("a machine that is of another kind is told so", async () => {
            linuxKinds.forEach(([, command]) => fs.rmSync(machine.path("bin", command)));
            expect(await refused(script(kind, authority))).toMatch(/^nas-registry: there is n/);
        });
    });

    describe("certificates", () => {
        test.each([
            ["linux", "etc/docker/certs.d/nas:9160/nas-registry.crt"],
            ["podman", "etc/containers/certs.d/nas:9160/nas-registry.crt"],
            ["containerd", "etc/containerd/certs.d/nas:9160/nas-registry.crt"],
            ["k3s", "etc/rancher/k3s/nas-registry/nas:9160.crt"],
            ["buildkit", "etc/buildkit/nas-registry/nas:9160.crt"],
        ] as const)("of %s are readable by everybody", async (kind, file) => {
            await must(script(kind, authority));
            expect(machine.read(file)).toBe(caCertificate);
            expect(fs.statSync(machine.path(file)).mode & 0o777).toBe(0o644);
        });

        test("somebody's own stay, with their directory", async () => {
            machine.write("etc/docker/certs.d/nas:9160/ca.crt", "mine");
            const before = machine.snapshot();
            await must(script("linux", authority));
            await must(script("linux", authority), ["undo"]);
            expect(machine.snapshot()).toEqual(before);
        });

        test("an empty directory that was there stays", async () => {
            fs.mkdirSync(machine.path("etc/docker/certs.d"), { recursive: true });
            const before = machine.snapshot();
            await must(script("linux", authority));
            await must(script("linux", authority), ["undo"]);
            expect(machine.snapshot()).toEqual(before);
        });
    });

    describe("somebody who is not root", () => {
        test.each([
            ["podman", "home/.config/containers/certs.d/nas:9160/nas-registry.crt"],
            ["containerd", "home/.config/containerd/certs.d/nas:9160/hosts.toml"],
            ["buildkit", "home/.docker/buildx/buildkitd.default.toml"],
        ] as const)("sets up %s in the home", async (kind, file) => {
            const before = machine.snapshot();
            await must(script(kind, authority), [], "anybody");
            expect(machine.exists(file)).toBe(true);
            await must(script(kind, authority), ["undo"], "anybody");
            expect(machine.snapshot()).toEqual(before);
        });

        test.each(["linux", "k3s"] as const)("is told to use sudo for %s", async (kind) => {
            expect(await refused(script(kind, authority), [], "anybody")).toContain("run this with 'sudo sh'");
        });
    });

    describe("Docker's daemon.json", () => {
        const foreign = '{ "log-driver":"json-file",\n\t"insecure-registries": ["old:5000"], "x": {"b":1,"a":[]} }';

        test("is changed by jq, every other setting kept, and given back byte for byte", async () => {
            machine.link("jq");
            machine.write(daemonFile, foreign, 0o600);
            const before = machine.snapshot();
            await must(script("linux", insecure));
            expect(JSON.parse(machine.read(daemonFile))).toEqual({
                ...(JSON.parse(foreign) as object),
                "insecure-registries": ["old:5000", registry],
            });
            await must(script("linux", insecure), ["undo"]);
            expect(machine.snapshot()).toEqual(before);
        });

        test("that somebody has changed meanwhile loses our entry only", async () => {
            machine.link("jq");
            machine.write(daemonFile, foreign);
            await must(script("linux", insecure));
            const changed = { ...(JSON.parse(machine.read(daemonFile)) as object), debug: true };
            machine.write(daemonFile, JSON.stringify(changed));
            await must(script("linux", insecure), ["undo"]);
            expect(JSON.parse(machine.read(daemonFile))).toEqual({ ...(JSON.parse(foreign) as object), debug: true });
            expect(fs.readdirSync(machine.path("etc/docker"))).toEqual(["daemon.json"]);
        });

        test("with the entry already in it is left alone, undo included", async () => {
            machine.write(daemonFile, `{"insecure-registries":[ "${registry}" ]}`);
            const before = machine.snapshot();
            await must(script("linux", insecure));
            await must(script("linux", insecure), ["undo"]);
            expect(machine.snapshot()).toEqual(before);
        });

        test("with the registry in another list gets the entry all the same", async () => {
            machine.link("jq");
            machine.write(daemonFile, `{"insecure-registries":["a:1"],"other":["${registry}"]}`);
            await must(script("linux", insecure));
            expect(JSON.parse(machine.read(daemonFile))).toEqual({
                "insecure-registries": ["a:1", registry],
                other: [registry],
            });
        });

        test("is not touched without jq; what to add is said", async () => {
            machine.write(daemonFile, foreign);
            expect(await refused(script("linux", insecure))).toContain(
                `install jq, or add "${registry}" to the list "insecure-registries"`,
            );
        });

        test("that is no JSON object is refused", async () => {
            machine.link("jq");
            machine.write(daemonFile, "{ not json");
            expect(await refused(script("linux", insecure))).toContain("is not a JSON object");
        });
    });

    describe("containerd's hosts.toml", () => {
        test("names the CA", async () => {
            await must(script("containerd", authority));
            expect(parseToml(machine.read("etc/containerd/certs.d/nas:9160/hosts.toml"))).toEqual({
                server: "https://nas:9160",
                host: {
                    "https://nas:9160": {
                        capabilities: ["pull", "resolve", "push"],
                        ca: "/etc/containerd/certs.d/nas:9160/nas-registry.crt",
                    },
                },
            });
        });

        test("speaks HTTP without TLS", async () => {
            await must(script("containerd", insecure));
            expect(parseToml(machine.read("etc/containerd/certs.d/nas:9160/hosts.toml"))).toMatchObject({
                server: "http://nas:9160",
            });
        });

        test("of somebody else is left alone; what to add is said", async () => {
            machine.write("etc/containerd/certs.d/nas:9160/hosts.toml", 'server = "https://mirror"\n');
            const sentence = await refused(script("containerd", authority));
            expect(sentence).toContain("is somebody else's");
            expect(sentence).toContain('[host."https://nas:9160"]');
            await must(script("containerd", authority), ["undo"]);
            expect(machine.exists("etc/containerd/certs.d/nas:9160/hosts.toml")).toBe(true);
        });

        test("of a containerd that does not look there is said", async () => {
            machine.fake("containerd", `echo '      config_path = ""'`);
            expect(await must(script("containerd", authority))).toContain(
                'set config_path = "/etc/containerd/certs.d"',
            );
            machine.fake("containerd", `echo '      config_path = "/etc/containerd/certs.d"'`);
            expect(await must(script("containerd", authority))).not.toContain("config_path");
        });
    });

    describe("k3s's registries.yaml", () => {
        const entry = { tls: { ca_file: "/etc/rancher/k3s/nas-registry/nas:9160.crt" } };
        const written = () => parseYaml(machine.read(k3sFile)) as Record<string, unknown>;

        test("has the CA where there was no file", async () => {
            await must(script("k3s", authority));
            expect(written()).toEqual({ configs: { [registry]: entry } });
        });

        test("speaks HTTP without TLS", async () => {
            await must(script("k3s", insecure));
            expect(written()).toEqual({ mirrors: { [registry]: { endpoint: ["http://nas:9160"] } } });
        });

        test.each([
            ["other mirrors", "mirrors:\n  docker.io:\n    endpoint:\n      - https://mirror:5000\n"],
            [
                "other configs",
                "# mine\n\nconfigs:\n  # of mine\n  a:5000:\n    tls:\n      insecure_skip_verify: true\n",
            ],
            ["four spaces", "configs: # here\n    'a:5000':\n        auth:\n            username: x\nmirrors:\n"],
            ["a section without entries", "mirrors:\nconfigs:\n\n# the end\n"],
            ["no newline at the end", "mirrors:\n  a:\n    endpoint:\n    - http://a\nconfigs:"],
            ["only a comment", "# nothing yet"],
            ["nothing in it", ""],
        ])("with %s keeps them, and gets every byte back", async (_, foreign) => {
            machine.write(k3sFile, foreign, 0o600);
            const before = machine.snapshot();
            const meaning = parseYaml(foreign) as Record<string, object> | null;
            await must(script("k3s", authority));
            expect(written()).toEqual({ ...meaning, configs: { [registry]: entry, ...meaning?.configs } });
            await must(script("k3s", authority), ["undo"]);
            expect(machine.snapshot()).toEqual(before);
        });

        test.each([
            ["in one line", "configs: {}\n", "has 'configs' in one line"],
            ["as JSON", '{"configs": {}}\n', "has lines that are neither"],
            ["quoted", '"configs":\n  a: {}\n', "has lines that are neither"],
            ["twice", "configs:\nconfigs:\n", "has 'configs' twice"],
            ["as a flow below", "configs:\n  {}\n", "in a form that is not known here"],
            ["an entry of the registry", "configs:\n  'nas:9160':\n    auth: {}\n", "has an entry of nas:9160 already"],
            ["Windows' line ends", "configs:\r\n", "has tabs or Windows' line ends"],
        ])("with %s is left alone; what to add is said", async (_, foreign, sentence) => {
            machine.write(k3sFile, foreign);
            const said = await refused(script("k3s", authority));
            expect(said).toContain(sentence);
            expect(said).toContain('configs:\n  "nas:9160":\n    tls:\n');
        });

        test("in which somebody has broken our block is not touched", async () => {
            await must(script("k3s", authority));
            machine.write(k3sFile, machine.read(k3sFile).replace(/ *# nas-registry nas:9160 end\n/, ""));
            expect(await refused(script("k3s", authority), ["undo"])).toContain("no longer enclose one block");
        });

        test("to which somebody has added an entry below our section keeps it", async () => {
            await must(script("k3s", authority));
            fs.appendFileSync(machine.path(k3sFile), "\n# mine\n  a:5000:\n    auth: {}\n");
            await must(script("k3s", authority), ["undo"]);
            expect(written()).toEqual({ configs: { "a:5000": { auth: {} } } });
        });
    });

    describe("BuildKit's buildkitd.toml", () => {
        test("has the CA", async () => {
            await must(script("buildkit", authority));
            expect(parseToml(machine.read(buildkitFile))).toEqual({
                registry: { [registry]: { ca: ["/etc/buildkit/nas-registry/nas:9160.crt"] } },
            });
        });

        test.each([
            'debug = true\n[registry."docker.io"]\n  mirrors = ["m"]\n',
            "[worker.oci]\r\n  enabled = true\r\n",
            "root = '/x'",
            "",
        ])("with other tables keeps them, and gets every byte back: %j", async (foreign) => {
            machine.write(buildkitFile, foreign, 0o640);
            const before = machine.snapshot();
            await must(script("buildkit", insecure));
            const meaning = parseToml(foreign) as { registry?: object };
            expect(parseToml(machine.read(buildkitFile))).toEqual({
                ...meaning,
                registry: { ...meaning.registry, [registry]: { http: true } },
            });
            await must(script("buildkit", insecure), ["undo"]);
            expect(machine.snapshot()).toEqual(before);
        });

        test.each([
            '[registry."nas:9160"]\n  http = true\n',
            'registry."nas:9160".http = true\n',
            "registry = { }\n",
            "[registry]\n  a.http = true\n",
        ])("that cannot be added to is left alone: %j", async (foreign) => {
            machine.write(buildkitFile, foreign);
            expect(await refused(script("buildkit", authority))).toContain('add this to it by hand:\n[registry."nas');
        });
    });
});

test("any registries.yaml means the same with our entry, and is the same after undo", async () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9.]{0,8}(:[1-9][0-9]{1,3})?$/);
    const comment = fc.constantFrom("", "# a comment\n", "\n", "    # far in\n");
    const section = fc.record({
        indent: fc.integer({ min: 1, max: 6 }),
        entries: fc.uniqueArray(fc.tuple(name, comment), { maxLength: 3, selector: ([key]) => key }),
        before: comment,
    });
    const file = fc.record({
        sections: fc.uniqueArray(fc.tuple(fc.constantFrom("mirrors", "configs", "auths"), section), {
            maxLength: 3,
            selector: ([key]) => key,
        }),
        newline: fc.boolean(),
    });
    machine = new ClientMachine(["dash"]);
    machine.fake("k3s");
    await fc.assert(
        fc.asyncProperty(file, fc.constantFrom(authority, insecure), async ({ sections, newline }, trust) => {
            const lines = sections.map(([key, { indent, entries, before }]) => {
                const pad = " ".repeat(indent);
                return `${before}${key}:\n${entries.map(([each, after]) => `${pad}"${each}":\n${pad}  x: "${each}"\n${after}`).join("")}`;
            });
            const text = newline ? lines.join("") : lines.join("").replace(/\n$/, "");
            machine.write(k3sFile, text);
            const meaning = parseYaml(text) as Record<string, object | null> | null;
            await must(script("k3s", trust));
            const key = trust.kind === "insecure" ? "mirrors" : "configs";
            const now = parseYaml(machine.read(k3sFile)) as Record<string, Record<string, unknown>>;
            expect(Object.keys(now[key] ?? {})).toContain(registry);
            const { [registry]: _, ...rest } = now[key] ?? {};
            expect({ ...now, [key]: rest }).toEqual({ ...meaning, [key]: meaning?.[key] ?? {} });
            await must(script("k3s", trust), ["undo"]);
            expect(machine.read(k3sFile)).toBe(text);
        }),
        { numRuns: 60 },
    );
});
