import { X509Certificate } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";

import { NasDaemonConfig } from "../../components";
import { readValues, renderScript } from "../../components/nas/script";
import { certificateFindings, tlsServers } from "../../components/cli/check/certificates";
import { outcome, remedyFor } from "../../components/cli/check/look";
import { remedies } from "../../components/cli/check/remedies";
import { describePlace, exitCode, summary, type Place } from "../../components/cli/check/report";
import { appliedScripts, byMachine, findingsIn } from "../../components/cli/check/scripts";
import { readState, type StateResource } from "../../components/cli/check/state";
import { issue, type Issued } from "../certificates";
import { hostKey } from "./arguments";
import { capableNas, registered } from "./mocks";

const mend = remedies("dev", new Date("2026-11-22T03:00:00Z"));
const connection = { host: "nas.lan", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
const registry = "urn:pulumi:dev::home::nas-registry:index:NasRegistry::registry";
const secret = (value: unknown) => ({
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    plaintext: JSON.stringify(value),
});
const script = (name: string, create: string, stdin: string, more: object = {}) => ({
    urn: `urn:pulumi:dev::home::nas-registry:index:NasRegistry$command:remote:Command::${name}`,
    type: "command:remote:Command",
    parent: registry,
    inputs: { connection: secret(connection), create, stdin: secret(stdin) },
    ...more,
});
const exported = (...resources: object[]) => JSON.stringify({ version: 3, deployment: { resources } });
const scriptsOf = (...resources: object[]) => appliedScripts(readState(exported(...resources)));

describe("the scripts of a state", () => {
    test("run with check, in the shell that applied them, on the machine that they are for", () => {
        const [files] = scriptsOf(script("registry-files", "sudo -n /bin/sh -s apply", "dispatch"));
        expect(files).toMatchObject({
            name: "registry-files",
            component: registry,
            command: "sudo -n /bin/sh -s check",
            machine: { ...connection, privateKey: undefined },
        });
    });

    test("keep what they said, to be compared with what they say now", () => {
        const [probe] = scriptsOf(
            script("registry-probe", "/bin/sh -s apply", "dispatch", { outputs: { stdout: secret("docker=/a\n") } }),
        );
        expect(probe).toMatchObject({ command: "/bin/sh -s check", said: "docker=/a\n" });
    });

    test("are those of this package's components, and not those that are about to be deleted", () => {
        const foreign = {
            ...script("mine", "/bin/sh -s apply", ""),
            urn: "urn:pulumi:dev::home::command:remote:Command::mine",
        };
        expect(scriptsOf(foreign, script("gone", "/bin/sh -s apply", "", { delete: true }))).toEqual([]);
    });

    test("below a component of somebody else's that uses this package are found, too", () => {
        const urn =
            "urn:pulumi:dev::home::acme:infra:Site$nas-registry:index:NasMirror$command:remote:Command::m-probe";
        expect(scriptsOf({ ...script("m-probe", "/bin/sh -s", ""), urn })).toHaveLength(1);
    });

    test("are grouped by machine, as long as user and key are the same", () => {
        const other = secret({ ...connection, user: "admin" });
        const groups = byMachine(
            scriptsOf(
                script("a", "/bin/sh -s", ""),
                script("b", "/bin/sh -s", "", { inputs: { connection: other, create: "/bin/sh -s", stdin: "" } }),
                script("c", "/bin/sh -s", ""),
            ),
        );
        expect(groups.map((group) => group.map(({ name }) => name))).toEqual([["a", "c"], ["b"]]);
    });

    test("of a stack without resources are none", () => {
        expect(readState(JSON.stringify({ deployment: { manifest: {} } }))).toEqual([]);
    });
});

test("a script's values are read back, whatever is in them", () => {
    const name = fc.stringMatching(/^[a-z_]{1,9}$/).filter((each) => each !== "__proto__");
    fc.assert(
        fc.property(fc.dictionary(name, fc.string()), (values) => {
            expect(readValues(renderScript(values, "nas/lib.sh"))).toEqual(values);
        }),
    );
});

describe("a script for a machine", () => {
    const components = path.join(__dirname, "..", "..", "components");
    const scripts = fs
        .readdirSync(components, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".sh"))
        .map((file) => ({ file, text: fs.readFileSync(path.join(components, file), "utf8") }))
        .filter(({ text }) => text.endsWith('\ndispatch "$@" </dev/null\n'));

    test.each(scripts)("$file, can also be asked what is not as it left it", ({ text }) => {
        expect(text).toMatch(/^apply\(\) \{$/m);
        expect(text).toMatch(/^check\(\) \{$/m);
    });

    test("is found in the components", () => {
        expect(scripts.map(({ file }) => file)).toContain("nas/daemon/daemon.sh");
    });
});

describe("what a script's end means", () => {
    const said = (stdout: string, code = 0, stderr = "") => ({ code, stdout, stderr });

    test("each line of a check is a finding", () => {
        const { findings } = outcome({ said: "served=true" }, said("one\ntwo\n"), "mend");
        expect(findings).toEqual(["one", "two"].map((text) => ({ text, remedy: "mend" })));
    });

    test("a check that fails could not look, and says why in its first sentence", () => {
        const stderr = "tar: noise\nnas-registry: no root.\nmore";
        expect(outcome({ said: "served=true" }, said("", 1, stderr), "")).toEqual({
            findings: [],
            problem: "no root.",
        });
    });

    test("a probe finds what the NAS says otherwise than before", () => {
        expect(findingsIn("docker=/a\nowner=1\n", "docker=/b=c\nowner=1\n")).toEqual([
            "docker is '/b=c' now, and was '/a'",
        ]);
    });
});

describe("what mends a finding", () => {
    const containerUrn =
        "urn:pulumi:dev::home::nas-registry:index:NasRegistry$docker:index/container:Container::registry";
    const container = { urn: containerUrn, type: "", name: "", parent: "", id: "abc", inputs: {}, outputs: {} };
    const configure = "pulumi config set --path nas-registry:registry.reapply 2026-11-22T03:00:00 --stack dev";
    const refresh = `${configure} && pulumi refresh --run-program --stack dev && pulumi up --stack dev`;

    test("of a script that puts something there is another text in reapply", () => {
        expect(remedyFor({ input: "x='1'\n" }, [container], mend)).toBe(`${configure} && pulumi up --stack dev`);
    });

    test("of a registry that does not serve is another container", () => {
        expect(remedyFor({ input: "registry_container_id='abc'\n" }, [container], mend)).toBe(
            `${refresh} --replace '**::nas-registry:index:NasRegistry$docker:index/container:Container::registry'`,
        );
    });

    test("of a registry whose container is in no state any more is an update", () => {
        expect(remedyFor({ input: "registry_container_id='abc'\n" }, [], mend)).toBe(refresh);
    });

    test("names the stack so that a shell takes it as it is", () => {
        expect(remedies("acme/home/dev", new Date()).up).toBe("pulumi up --stack acme/home/dev");
        expect(remedies("a b", new Date()).up).toBe("pulumi up --stack 'a b'");
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
    const well = { name: "registry-files", findings: [] };
    const found = { name: "registry-x", findings: [{ text: "it is gone", remedy: "pulumi up" }] };
    const unknown = { name: "connection", findings: [], problem: "no answer." };
    const place = (...things: Place["things"]): Place => ({ where: "root@nas:22", things });

    test("has one line for each thing, with the remedy below a finding", () => {
        expect(describePlace(place({ ...well, note: "as it was" }, found, unknown))).toBe(`root@nas:22
  ok       registry-files as it was
  finding  registry-x     it is gone
           to mend: pulumi up
  unknown  connection     no answer.
`);
    });

    test("has a remedy once for the findings of a thing that it mends", () => {
        const twice = { name: "x", findings: ["a", "b"].map((text) => ({ text, remedy: "pulumi up" })) };
        expect(describePlace(place(twice))).toBe(`root@nas:22
  finding  x a
  finding  x b
           to mend: pulumi up
`);
    });

    test.each([
        [0, "nothing found; 1 thing on 1 machine.\n", [place(well)]],
        [1, "1 finding; 2 things on 1 machine.\n", [place(well, found)]],
        [2, "1 finding, 1 thing could not be looked at; 2 things on 2 machines.\n", [place(found), place(unknown)]],
    ])("ends with %i and '%s'", (code, line, places) => {
        expect(exitCode(places)).toBe(code);
        expect(summary(places)).toBe(line);
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

    const smoke = (values: Record<string, string> = {}) =>
        script(
            "registry-smoke-test",
            "/bin/sh -s",
            renderScript(
                {
                    scheme: "https",
                    authority: "disk.lan:9160",
                    address: "",
                    port: "9160",
                    ca_certificate: ca.certificate,
                    registry_container_id: "abc",
                    ...values,
                },
                "registry/smoke.sh",
            ),
        );
    const files = () =>
        script(
            "registry-files",
            "/bin/sh -s apply",
            renderScript({ file_registry_certificate_pem: server.certificate }),
        );
    const made = (type: string, certPem: string): StateResource => ({
        ...{ urn: `urn:pulumi:dev::home::NasRegistry$${type}::made`, type, name: "made", parent: registry, id: "1" },
        ...{ inputs: {}, outputs: { certPem } },
    });
    const find = (now: string, shown = server, resources: StateResource[] = []) => {
        const [tls] = tlsServers(scriptsOf(files(), smoke()));
        const certificate = new X509Certificate(shown.certificate);
        return tls && certificateFindings(tls, certificate, resources, mend, new Date(now));
    };

    test("are asked of the NAS, by the name that clients use", () => {
        expect(tlsServers(scriptsOf(files(), smoke()))).toMatchObject([
            { authority: "disk.lan:9160", host: "nas.lan", port: 9160, serverName: "disk.lan" },
        ]);
    });

    test.each([
        ["192.168.1.20", "192.168.1.20"],
        ["127.0.0.1", "nas.lan"],
    ])("are asked of the address %s at %s", (address, host) => {
        expect(tlsServers(scriptsOf(files(), smoke({ address })))[0]?.host).toBe(host);
    });

    test("are none without TLS", () => {
        expect(tlsServers(scriptsOf(files(), smoke({ scheme: "http" })))).toEqual([]);
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
        expect(find("2027-06-20T00:00:00Z", server, [own])?.[0]?.remedy).toBe("pulumi up --stack dev");
    });

    test("of an authority of the stack's that ends are made anew, and clients trust the new one", () => {
        const authority = made("tls:index/selfSignedCert:SelfSignedCert", ca.certificate);
        expect(find("2029-12-20T00:00:00Z", server, [authority])?.[1]?.remedy).toBe(
            `pulumi up --stack dev --replace '${authority.urn}', and let the clients trust the new authority`,
        );
    });

    test("other than the stack's are found, and the registry's container is to be made anew", () => {
        const container = { ...made("docker:index/container:Container", ""), id: "abc" };
        expect(find("2027-01-01T00:00:00Z", other, [container])).toEqual([
            {
                text: "nas.lan:9160 shows another certificate than the stack's: 'CN=other.lan', which ends on 2027-06-30",
                remedy: mend.container(container.urn),
            },
        ]);
    });

    test("are named without what a terminal would obey", async () => {
        const evil = await issue("nas\u009b2J\u202elrow", { issuer: ca });
        expect(find("2027-01-01T00:00:00Z", evil)?.[0]?.text).toContain("'CN=nas2Jlrow'");
    });

    test("of a server that could not be asked are judged by the stack's", () => {
        const [tls] = tlsServers(scriptsOf(files(), smoke()));
        const ended = new Date("2028-01-01T00:00:00Z");
        expect(tls && certificateFindings(tls, undefined, [], mend, ended)).toHaveLength(1);
    });
});
