import * as fs from "node:fs";
import * as os from "node:os";

import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { NasProbe, NasRegistry, type NasRegistryArgs } from "../../components";
import { connected } from "../../components/cli/check/session";
import { shellQuote } from "../../components/nas/script";
import { withoutStackTraces } from "../../components/settings/component";
import { issue } from "../certificates";
import { caCertificate } from "../publicAuthorities";
import { valuesOf } from "../scriptValues";
import { privateKeyPem } from "./arguments";
import { registered, resourceOf, type Registered } from "./mocks";

vi.mock("node:os", async (original) => ({
    ...(await original<typeof os>()),
    userInfo: () => ({ homedir: `${os.tmpdir()}/nas-registry-unit-test` }),
}));

const endpoint = {
    host: "diskstation.local",
    hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINac5tHT4rEfdOQYcalxs7rk41DMvMwPsXobLs782iQp",
};
const args: NasRegistryArgs = {
    vendor: "synology",
    connection: { ...endpoint, privateKey: privateKeyPem },
    certificateNames: ["192.168.1.20"],
};
const container = "docker:index/container:Container";
const remoteCommand = "command:remote:Command";

let component: NasRegistry;
let resources: Registered[];
const resource = (type: string, name: string, among = resources) => resourceOf(among, type, name);
const valueOf = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => void output.apply(resolve));

afterAll(() => {
    fs.rmSync(`${os.tmpdir()}/nas-registry-unit-test`, { recursive: true, force: true });
});

beforeAll(async () => {
    resources = await registered(() => {
        component = new NasRegistry("registry", args);
    });
});

describe("what stays secret", () => {
    test.each(["registry-probe", "registry-transport", "registry-files", "registry-smoke-test"])(
        "standard input of %s",
        (name) => {
            expect(resource(remoteCommand, name).secretInputs).toContain("stdin");
        },
    );

    test("no command line holds a value", () => {
        for (const { inputs } of resources.filter(({ type }) => type === remoteCommand)) {
            expect(inputs.create ?? inputs.update).toMatch(/^(sudo -n )?\/bin\/sh -s apply$/);
        }
    });

    test("the user's SSH key", () => {
        for (const { secretInputs } of resources.filter(({ type }) => type === remoteCommand)) {
            expect(secretInputs).toContain("connection");
        }
    });

    test("the passwords, and no other output", async () => {
        expect(await pulumi.isSecret(component.password)).toBe(true);
        expect(await pulumi.isSecret(component.passwords)).toBe(true);
        for (const output of [
            component.url,
            component.username,
            component.caCertificate,
            component.certificate,
            component.dockerLogin,
            component.clientSetup,
        ]) {
            expect(await pulumi.isSecret(output)).toBe(false);
        }
    });
});

describe("the registry's files", () => {
    const stdin = (among = resources) => resource(remoteCommand, "registry-files", among).inputs.stdin as string;
    const configLabel = (among = resources) =>
        (resource(container, "registry", among).inputs.labels as { label: string; value: string }[]).find(
            ({ label }) => label === "nas-registry.config",
        )?.value;

    test("are the containers' user's to read", () => expect(stdin()).toContain("owner='91600:91600'\n"));

    test("that a registry does not have are taken away", () => {
        const { files = "", known_files: known = "" } = valuesOf(stdin());
        expect(known.split(" ")).toEqual(expect.arrayContaining(files.split(" ")));
        expect(known.split(" ")).toEqual(
            expect.arrayContaining(["registry/token-jwks.json", "registry/redis-private-key.pem"]),
        );
        expect(files).not.toContain("token-jwks");
    });

    test("are looked at, and with them the data directory, before a container is replaced", async () => {
        const other = await registered(() => new NasRegistry("registry", { ...args, memory: "512m" }));
        expect(stdin(other)).not.toBe(stdin());
        const { dependencies } = resource(container, "registry", other).options;
        expect(dependencies.some((urn) => urn.endsWith("::registry-files"))).toBe(true);
    });

    test("with a data directory that takes a lost one's place replace the registry's container", async () => {
        const other = await registered(() => new NasRegistry("registry", { ...args, lostDataDirectory: "3f2a9c01" }));
        expect(configLabel(other)).not.toBe(configLabel());
    });

    test("with other users are written anew, and nothing restarts", async () => {
        const other = await registered(() => new NasRegistry("registry", { ...args, users: [{ name: "builder" }] }));
        expect(stdin(other)).not.toBe(stdin());
        expect(configLabel(other)).toBe(configLabel());
    });

    test("with another configuration replace the registry's container", async () => {
        const other = await registered(() => new NasRegistry("registry", { ...args, deletes: false }));
        expect(configLabel(other)).not.toBe(configLabel());
    });
});

describe("outputs", () => {
    test("addresses name the host that clients use", async () => {
        expect(await valueOf(component.url)).toBe("https://diskstation.local:9160");
        expect(await valueOf(component.catalogUrl)).toBe("https://diskstation.local:9160/v2/_catalog");
        expect(await valueOf(component.dockerLogin)).toBe("docker login diskstation.local:9160 --username admin");
    });

    test("the client's script carries the certificate", async () => {
        expect(await valueOf(component.clientSetup)).toContain(`ca_certificate='${caCertificate}'`);
    });

    test("the certificate is the one on the NAS", async () => {
        const files = resource(remoteCommand, "registry-files").inputs.stdin as string;
        expect(files).toContain(`file_registry_certificate_pem=${shellQuote(await valueOf(component.certificate))}\n`);
    });
});

test("of the files of a private authority clients get the certificates and nothing else", async () => {
    const [ca, next] = [await issue("home CA", { authority: true }), await issue("next CA", { authority: true })];
    const server = await issue("diskstation.local", { issuer: ca, names: ["diskstation.local", "192.168.1.20"] });
    const certificate = {
        // Also given as an Output, which is read when it resolves.
        certificate: pulumi.output(`${server.privateKey}${ca.certificate}# the server\r\n${server.certificate}`),
        privateKey: `${server.certificate}${server.privateKey.replaceAll("\n", "\r\n")}`,
        caCertificate: `$(reboot)\n${ca.certificate}${next.certificate}# the end\n`,
    };
    let given: NasRegistry | undefined;
    const made = await registered(() => {
        given = new NasRegistry("registry", { ...args, tls: "given", certificate });
    });
    expect(given && (await valueOf(given.caCertificate))).toBe(ca.certificate + next.certificate);
    // The server's alone, and no key, which was in the same file.
    expect(given && (await valueOf(given.certificate))).toBe(server.certificate);
    const files = JSON.stringify(made);
    expect(files).toContain(JSON.stringify(shellQuote(server.privateKey)).slice(1, -1));
});

describe("arguments that are wrong", () => {
    test("are not promises, which are settled later", async () => {
        const made = await registered(() => new NasRegistry("registry", { ...args, memory: Promise.resolve("512m") }));
        expect(resource(container, "registry", made).inputs.memory).toBe(512);
    });

    test("are refused at once, all together, and nothing is made but the component", async () => {
        const wrong = { ...args, port: 0, connection: { ...endpoint, hostKey: "" } };
        const made = await registered(() => {
            expect(() => new NasRegistry("registry", wrong)).toThrow(
                /port: 0 is not allowed[^]*\nconnection\.hostKey: /,
            );
        });
        expect(made.map(({ type }) => type)).toEqual(["nas-registry:index:NasRegistry"]);
    });
});

test("what takes a registry's place is tried when there is one: a first up does not log in for it", () => {
    const { inputs } = resource(remoteCommand, "registry-trial");
    expect([inputs.create, inputs.update]).toEqual([undefined, "/bin/sh -s apply"]);
});

test("a registry is declared without the stack traces of its thousands of promises", async () => {
    let traces = 0;
    const declared = await registered(() => {
        // eslint-disable-next-line @typescript-eslint/unbound-method -- put back below
        const { prepareStackTrace } = Error;
        // As in a program.
        Error.stackTraceLimit = 10;
        Error.prepareStackTrace = (_, frames) => {
            if (frames.length > 0) traces++;
        };
        try {
            new NasRegistry("registry", args);
        } finally {
            Error.prepareStackTrace = prepareStackTrace;
        }
        expect(Error.stackTraceLimit).toBe(10);
    });
    // Each resource has one for its place in the program, whatever the limit is.
    expect(traces).toBeLessThan(2 * declared.length);
    const limit = Error.stackTraceLimit;
    expect(() => withoutStackTraces(() => fs.readFileSync("/does/not/exist"))).toThrow("ENOENT");
    expect(Error.stackTraceLimit).toBe(limit);
});

test("an image with known holes is refused", async () => {
    await registered(() => {
        expect(() => new NasRegistry("registry", { ...args, image: "registry:3.1.1" })).toThrow(
            /^image: "registry:3\.1\.1" is older than 3\.1\.2 and open to .*CVE-2026-85747/,
        );
    });
});

test("metrics for everybody are refused", async () => {
    await registered(() => {
        expect(() => new NasRegistry("registry", { ...args, metrics: { address: "0.0.0.0" } })).toThrow(
            'metrics.address: "0.0.0.0" is not allowed; it must be one private address of the NAS.',
        );
    });
});

test("a higher version of TLS is heard", async () => {
    const strict = await registered(() => new NasRegistry("registry", { ...args, minimumTls: "tls1.3" }));
    expect(resource(remoteCommand, "registry-files", strict).inputs.stdin).toContain("minimumtls: tls1.3\n");
});

test("a registry that is open to everybody says so", async () => {
    const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
    await registered(() => new NasRegistry("registry", { ...args, auth: "none" }));
    expect(warn.mock.calls.map(([message]) => message)).toEqual([
        "auth is none: whoever reaches port 9160 on 0.0.0.0 may read, overwrite and delete every image without a password.",
    ]);
    warn.mockRestore();
});

test("the server certificate is for every name and address", () => {
    expect(resource("tls:index/certRequest:CertRequest", "registry-server").inputs).toMatchObject({
        dnsNames: ["diskstation.local"],
        ipAddresses: ["192.168.1.20"],
    });
});

describe("the key that reaches the Docker Engine", () => {
    const privateKey = "tls:index/privateKey:PrivateKey";
    const key = (among: Registered[]) => resource(privateKey, "registry-transport", among);
    const authorized = (among: Registered[]) => resource(remoteCommand, "registry-transport", among);
    const withKey = (changed: Partial<NasRegistryArgs>) =>
        registered(() => new NasRegistry("registry", { ...args, ...changed }));

    test("is another one for another rotation, known now or later, and the same one otherwise", async () => {
        const rotation = async (changed: Partial<NasRegistryArgs>) =>
            key(await withKey(changed)).options.replacementTrigger;
        // The engine takes no value at all for no trigger, and would then not see the first rotation.
        expect(await rotation({})).toBe("");
        expect(await rotation({ transportKeyRotation: "2026" })).toBe("2026");
        expect(await rotation({ transportKeyRotation: pulumi.output("2027") })).toBe("2027");
    });

    test("is let in by a line of its own before that of the old key goes", () => {
        expect(authorized(resources).inputs.triggers).toEqual(["root", "ssh-ed25519 AAAApublic"]);
        expect(authorized(resources).options.deleteBeforeReplace).toBe(false);
        expect(key(resources).options.deleteBeforeReplace).toBe(false);
    });

    test("is let in from the addresses that are given, without another key or line for others", async () => {
        const limited = await withKey({ transportKeyFrom: ["192.168.1.0/24", pulumi.output("*.lan")] });
        expect(authorized(resources).inputs.stdin).toContain("\nfrom=''\n");
        expect(authorized(limited).inputs.stdin).toContain("\nfrom='192.168.1.0/24,*.lan'\n");
        expect(authorized(limited).inputs.triggers).toEqual(authorized(resources).inputs.triggers);
        expect(key(limited).options.replacementTrigger).toBe("");
    });
});

test("the host key is always checked", () => {
    for (const { inputs } of resources.filter(({ type }) => type === remoteCommand)) {
        expect(inputs.connection).toMatchObject({ hostKey: endpoint.hostKey });
    }
});

test("a docker provider of the caller's own makes the transport needless", async () => {
    const docker = await import("@pulumi/docker");
    const own = await registered(() => {
        const provider = new docker.Provider("own", { host: "ssh://root@nas" });
        new NasRegistry("registry", args, { providers: [provider] });
    });
    expect(own.map(({ name }) => name)).not.toContain("registry-transport");
    expect(own.filter(({ type }) => type === "pulumi:providers:docker")).toHaveLength(1);
});

describe("on native Windows", () => {
    beforeAll(() => vi.stubGlobal("process", Object.create(process, { platform: { value: "win32" } })));
    afterAll(() => vi.unstubAllGlobals());

    test("a registry is refused before anything is made, in a sentence that names WSL", async () => {
        const made = await registered(() => {
            expect(() => new NasRegistry("registry", args)).toThrow(/^this machine runs Windows, .* in WSL, .*\.$/);
        });
        expect(made.map(({ type }) => type)).toEqual(["nas-registry:index:NasRegistry"]);
    });

    test("what needs no ssh of the machine's works: a docker provider of one's own, and NasProbe", async () => {
        const docker = await import("@pulumi/docker");
        const made = await registered(() => {
            const provider = new docker.Provider("own", { host: "ssh://root@nas" });
            new NasRegistry("registry", args, { providers: [provider] });
            new NasProbe("probe", { vendor: "synology", connection: endpoint });
        });
        expect(made.map(({ name }) => name)).toEqual(expect.arrayContaining(["registry-smoke-test", "probe-probe"]));
    });

    test("so is the check, which names WSL", async () => {
        const machine = { host: "nas", port: 22, user: "root", hostKey: endpoint.hostKey };
        await expect(connected(machine, () => Promise.resolve())).rejects.toThrow("in WSL");
    });
});

test("without a key the ssh-agent is asked and nothing is stored", async () => {
    const agent = await registered(() => new NasRegistry("registry", { ...args, connection: endpoint }));
    expect(resource(remoteCommand, "registry-probe", agent).inputs.connection).not.toHaveProperty("privateKey");
});

test("a connection that arrives as one secret, as from a program in another language, makes a secret of the key only", async () => {
    let remote: NasRegistry | undefined;
    const same = await registered(() => {
        remote = new NasRegistry("registry", { ...args, connection: pulumi.secret(args.connection) });
    });
    const byName = (all: Registered[]) => new Map(all.map((each) => [`${each.type} ${each.name}`, each]));
    expect(byName(same)).toEqual(byName(resources));
    expect(await pulumi.isSecret(remote?.url ?? pulumi.secret(""))).toBe(false);
    expect(await pulumi.isSecret(remote?.clientSetup ?? pulumi.secret(""))).toBe(false);
});

test("a connection that depends on another resource and has no key asks the ssh-agent", async () => {
    const agent = await registered(() => new NasRegistry("registry", { ...args, connection: pulumi.output(endpoint) }));
    expect(resource(remoteCommand, "registry-probe", agent).inputs.connection).not.toHaveProperty("privateKey");
});

test("the scripts for all kinds of clients are an output, and not in the state", async () => {
    const recorded = vi.spyOn(
        NasRegistry.prototype as unknown as { registerOutputs(outputs: object): void },
        "registerOutputs",
    );
    let made: NasRegistry | undefined;
    await registered(() => (made = new NasRegistry("registry", args)));
    const [[outputs] = [{}]] = recorded.mock.calls;
    recorded.mockRestore();
    expect(Object.keys(outputs)).toEqual(expect.arrayContaining(["url", "caCertificate", "clientSetup"]));
    expect(outputs).not.toHaveProperty("clientSetups");
    expect(Object.keys(made ? await valueOf(made.clientSetups) : {})).toContain("k3s");
});
