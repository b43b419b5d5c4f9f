import { X509Certificate } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import { beforeAll, describe, expect, test } from "vitest";

import { NasDaemonConfig } from "../../components";
import { certificateFindings, tlsServer } from "../../components/cli/check/certificates";
import { findingsIn } from "../../components/cli/check/check";
import { nameOf, Remedies } from "../../components/cli/check/remedies";
import { describe as report, linesOf, summary, type Line } from "../../components/cli/check/report";
import { Stack } from "../../components/cli/check/stack";
import { issue, type Issued } from "../certificates";
import { hostKey } from "./arguments";
import { capableNas, registered } from "./mocks";

const now = new Date("2026-11-22T03:00:00Z");
const connection = { host: "nas.lan", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
const registry = "urn:pulumi:dev::home::nas-registry:index:NasRegistry::registry";
const own = "urn:pulumi:dev::nas-registry::nas-registry:index:NasRegistry::registry";
const child = (type: string, name: string, parent = registry) =>
    `${parent.split("::").slice(0, 3).join("::")}$${type}::${name}`;
const secret = (value: unknown) => ({
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    plaintext: JSON.stringify(value),
});
const script = (name: string, more: object = {}) => ({
    urn: child("command:remote:Command", name),
    type: "command:remote:Command",
    parent: registry,
    inputs: { connection: secret(connection), create: "/bin/sh -s apply", stdin: secret("main") },
    ...more,
});
const stackOf = (resources: object[], at = now) =>
    new Stack(JSON.stringify({ version: 3, deployment: { resources } }), at);
const namesOf = (...resources: object[]) =>
    stackOf(resources)
        .machines()
        .map(({ scripts }) => scripts.map(({ urn }) => nameOf(urn)));

describe("the scripts of a state", () => {
    test("are in the clear, with the machine that they are for", () => {
        const outputs = { stdout: secret("docker=/a\n") };
        const scripts = [
            { parent: registry, inputs: { connection, stdin: "main" }, outputs: { stdout: "docker=/a\n" } },
        ];
        expect(stackOf([script("registry-files", { outputs })]).machines()).toMatchObject([
            { machine: connection, scripts },
        ]);
    });

    test("are those of this package's components, and not those that are about to be deleted", () => {
        const foreign = { ...script("mine"), urn: "urn:pulumi:dev::home::command:remote:Command::mine" };
        expect(namesOf(foreign, script("gone", { delete: true }))).toEqual([]);
    });

    test("below a component of somebody else's that uses this package are found, too", () => {
        const urn =
            "urn:pulumi:dev::home::acme:infra:Site$nas-registry:index:NasMirror$command:remote:Command::m-probe";
        expect(namesOf(script("m-probe", { urn }))).toEqual([["m-probe"]]);
    });

    test("are grouped by machine, as long as user and key are the same", () => {
        const inputs = { connection: secret({ ...connection, user: "admin" }), create: "/bin/sh -s apply", stdin: "" };
        expect(namesOf(script("a"), script("b", { inputs }), script("c"))).toEqual([["a", "c"], ["b"]]);
    });

    test("of a stack without resources are none", () => {
        expect(new Stack(JSON.stringify({ deployment: { manifest: {} } }), now).machines()).toEqual([]);
    });
});

describe("a script for a machine", () => {
    const components = path.join(__dirname, "..", "..", "components");
    const scripts = fs
        .readdirSync(components, { recursive: true, encoding: "utf8" })
        // Not what one of them leaves on the NAS, which has verbs of its own.
        .filter((file) => file.endsWith(".sh") && file !== "operations/program.sh")
        .map((file) => ({ file, text: fs.readFileSync(path.join(components, file), "utf8") }))
        .filter(({ text }) => text.endsWith('\ndispatch "$@" </dev/null\n'));

    test.each(scripts)("$file, can also be asked what is not as it left it", ({ text }) => {
        expect(text).toMatch(/^apply\(\) \{/m);
        expect(text).toMatch(/^check\(\) \{/m);
    });

    test("is found in the components", () => {
        expect(scripts.map(({ file }) => file)).toContain("nas/daemon/daemon.sh");
    });
});

describe("what a script's end means", () => {
    const ended = (stdout: string, code = 0, stderr = "") => ({ code, stdout, stderr });

    test("each line of a check is a finding", () => {
        expect(findingsIn("", ended("one\ntwo=2\n"))).toEqual(["one", "two=2"]);
    });

    test("a check that fails could not look, and says why in its first sentence", () => {
        const stderr = "tar: noise\nnas-registry: no root.\nmore";
        expect(() => findingsIn("", ended("", 1, stderr))).toThrow(/^no root\.$/);
        expect(() => findingsIn("", ended("", 127, "\nsh: not found\nmore"))).toThrow(/^sh: not found$/);
    });

    test("what the script said when it was applied is a finding where it says otherwise now", () => {
        expect(findingsIn("docker=/a\nowner=1\n", ended("docker=/b=c\nowner=1\nit is gone\n"))).toEqual([
            "docker is '/b=c' now, and was '/a'",
            "it is gone",
        ]);
    });
});

describe("what mends a finding", () => {
    const text = "2026-11-22T03:00:00";
    const configure = `pulumi config set --path nas-registry:registry.reapply ${text} --stack dev`;
    const container = "docker:index/container:Container";
    const of = (name: string, parent: string, ...dependencies: string[]) =>
        new Remedies("dev", now).script({ urn: child("command:remote:Command", name, parent), parent, dependencies });

    test("of a script that puts something there is another text in reapply, for this repository's program in the stack's configuration", () => {
        expect(of("registry-files", own)).toBe(`${configure} && pulumi up --stack dev`);
    });

    test.each([
        [registry, "NasRegistry 'registry'"],
        [own.replace(/registry$/, "second"), "NasRegistry 'second'"],
        ["urn:pulumi:dev::home::acme:infra:Site$nas-registry:index:NasDaemonConfig::d", "NasDaemonConfig 'd'"],
    ])("of %s is an argument of that component", (component, named) => {
        expect(of("files", component)).toBe(`set reapply of ${named} to "${text}", then pulumi up --stack dev`);
    });

    test("of a registry that does not serve is another container", () => {
        expect(of("registry-smoke-test", own, child(container, "registry", own))).toBe(
            `${configure} && pulumi refresh --run-program --stack dev && pulumi up --stack dev --replace '**::nas-registry:index:NasRegistry$${container}::registry'`,
        );
    });

    test("of what a NasProbe knows, which has nothing to put back, is another look", () => {
        const probe = "urn:pulumi:dev::home::nas-registry:index:NasProbe::nas";
        const urn = child("command:remote:Command", "nas-probe", probe);
        expect(of("nas-probe", probe)).toBe(`pulumi up --stack dev --replace '${urn}'`);
    });

    test("names the stack so that a shell takes it as it is", () => {
        expect(new Remedies("acme/home/dev", now).up).toBe("pulumi up --stack acme/home/dev");
        expect(new Remedies("a b", now).up).toBe("pulumi up --stack 'a b'");
    });
});

describe("the argument reapply", () => {
    const nas = { vendor: "synology", connection: { host: "nas.local", hostKey } } as const;
    const stdins = async (reapply: string) => {
        const resources = await registered(
            () => {
                new NasDaemonConfig("docker", { ...nas, logDriver: "local", reapply });
            },
            { probe: `${capableNas}\ndataRoot=/volume1/@docker\nrestartedAt=` },
        );
        return resources.filter(({ type }) => type === "command:remote:Command").map(({ inputs }) => inputs.stdin);
    };

    test("makes every script another one, without changing what it does", async () => {
        const [before, after] = [await stdins(""), await stdins("once more")];
        expect(after).toHaveLength(2);
        const changed = (each: unknown) => String(each).replace(/^reapply='once more'$/m, "reapply=''");
        expect(after.map(changed)).toEqual(before);
        expect(after).not.toContain(before[0]);
        expect(after).not.toContain(before[1]);
    });
});

describe("the report", () => {
    const well = linesOf("registry-files", [], "as it was");
    const found = linesOf("registry-x", [{ text: "it is gone", remedy: "pulumi up" }]);
    const unknown: Line[] = [{ word: "unknown", name: "connection", text: "no answer." }];

    test("has one line for each thing, with the remedy below a finding", () => {
        expect(report("root@nas:22", [...well, ...found, ...unknown])).toBe(`root@nas:22
  ok       registry-files as it was
  finding  registry-x     it is gone
           to mend: pulumi up
  unknown  connection     no answer.
`);
    });

    test("has a remedy once for the findings of a thing that it mends", () => {
        const twice = (name: string) =>
            linesOf(
                name,
                ["a", "b"].map((text) => ({ text, remedy: "pulumi up" })),
            );
        expect(report("root@nas:22", [...twice("x"), ...twice("y")])).toBe(`root@nas:22
  finding  x a
  finding  x b
           to mend: pulumi up
  finding  y a
  finding  y b
           to mend: pulumi up
`);
    });

    test.each([
        [0, "nothing found; 1 thing on 1 machine.\n", [well]],
        [1, "2 findings; 2 things on 1 machine.\n", [[...well, ...found, ...found]]],
        [2, "1 finding, 1 thing could not be looked at; 2 things on 2 machines.\n", [found, unknown]],
    ])("ends with %i and '%s'", (code, line, machines) => {
        expect(summary(machines)).toEqual({ code, line });
    });
});

describe("certificates", () => {
    let ca: Issued;
    let server: Issued;
    let other: Issued;
    const end = new Date("2027-06-30T12:00:00Z");
    beforeAll(async () => {
        ca = await issue("home CA", { authority: true, notAfter: new Date("2030-01-01T00:00:00Z") });
        [server, other] = (await Promise.all(
            ["nas.lan", "other.lan"].map((name) => issue(name, { issuer: ca, notAfter: end })),
        )) as [Issued, Issued];
    });

    const component = (outputs: object = {}) => ({
        urn: registry,
        type: "nas-registry:index:NasRegistry",
        outputs: {
            url: "https://disk.lan:9160",
            registry: "disk.lan:9160",
            certificate: server.certificate,
            caCertificate: ca.certificate,
            ...outputs,
        },
    });
    const container = (inputs: object) => ({
        urn: child("docker:index/container:Container", "registry"),
        type: "docker:index/container:Container",
        parent: registry,
        inputs,
    });
    const made = (type: string, certPem: string) => ({ urn: child(type, "made"), type, outputs: { certPem } });
    const serverOf = (...resources: object[]) => tlsServer(stackOf(resources), registry, "nas.lan");
    const find = (at: string, shown = server, ...resources: object[]) => {
        const stack = stackOf([component(), ...resources], new Date(at));
        const tls = tlsServer(stack, registry, "nas.lan");
        return tls && certificateFindings(tls, new X509Certificate(shown.certificate), stack);
    };

    test("are asked of the NAS, by the name that clients use", () => {
        expect(serverOf(component())).toMatchObject({
            ...{ authority: "disk.lan:9160", host: "nas.lan", port: 9160, serverName: "disk.lan", isProxied: false },
        });
    });

    test.each([
        ["192.168.1.20", "192.168.1.20"],
        ["127.0.0.1", "nas.lan"],
        ["0.0.0.0", "nas.lan"],
        ["::", "nas.lan"],
        ["fd00::1", "fd00::1"],
    ])("are asked of the address %s at %s", (address, host) => {
        const published = container({ ports: [{ internal: 5000, external: 9160, ip: address }] });
        expect(serverOf(component(), published)?.host).toBe(host);
        const value = address.includes(":") ? `[${address}]:9160` : `${address}:9160`;
        const listening = container({ labels: [{ label: "nas-registry.listens", value }] });
        expect(serverOf(component(), listening)?.host).toBe(host);
    });

    test("are asked of the NAS's own web server where that is in front", () => {
        const outputs = { url: "https://disk.lan", registry: "disk.lan" };
        expect(serverOf(component(outputs))).toMatchObject({ host: "nas.lan", port: 443, isProxied: true });
    });

    test("are none without TLS", () => {
        expect(serverOf(component({ url: "http://disk.lan:9160" }))).toBeUndefined();
        expect(serverOf()).toBeUndefined();
    });

    test("that last for more than 30 days are well", () => {
        expect(find("2027-05-31T11:00:00Z")).toEqual([]);
    });

    test("that end within 30 days are found, with the days that are left", () => {
        expect(find("2027-05-31T13:00:00Z")).toEqual([
            {
                text: "the certificate 'CN=nas.lan' ends in 29 days, on 2027-06-30",
                remedy: "give the registry a new certificate, and pulumi up --stack dev",
            },
        ]);
    });

    test("that have ended are found", () => {
        expect(find("2027-06-30T12:00:01Z")?.[0]?.text).toBe("the certificate 'CN=nas.lan' has ended on 2027-06-30");
    });

    test("of the stack's own authority are renewed by up", () => {
        const own = made("tls:index/locallySignedCert:LocallySignedCert", server.certificate);
        expect(find("2027-06-20T00:00:00Z", server, own)?.[0]?.remedy).toBe("pulumi up --stack dev");
    });

    test("of an authority of the stack's that ends are made anew, and clients trust the new one", () => {
        const authority = made("tls:index/selfSignedCert:SelfSignedCert", ca.certificate);
        expect(find("2029-12-20T00:00:00Z", server, authority)?.[1]?.remedy).toBe(
            `pulumi up --stack dev --replace '${authority.urn}', and let the clients trust the new authority`,
        );
    });

    test("other than the stack's are found, and the registry's container is to be made anew", () => {
        expect(find("2027-01-01T00:00:00Z", other)).toEqual([
            {
                text: "nas.lan:9160 shows another certificate than the stack's: 'CN=other.lan', which ends on 2027-06-30",
                remedy: new Remedies("dev", new Date("2027-01-01T00:00:00Z")).container(registry),
            },
        ]);
    });

    test("are named without what a terminal would obey", async () => {
        const evil = await issue("nas\u009b2J\u202elrow", { issuer: ca });
        expect(find("2027-01-01T00:00:00Z", evil)?.[0]?.text).toContain("'CN=nas2Jlrow'");
    });

    test("of a server that could not be asked are judged by the stack's", () => {
        const stack = stackOf([component()], new Date("2028-01-01T00:00:00Z"));
        const tls = tlsServer(stack, registry, "nas.lan");
        expect(tls && certificateFindings(tls, undefined, stack)).toHaveLength(1);
    });
});
