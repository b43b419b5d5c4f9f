import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, test } from "vitest";

import { RegistryClient, type RegistryClientArgs } from "../../components";
import { trustValues } from "../../components/clients/clientSetup";
import { caCertificate } from "../publicAuthorities";
import { privateKeyPem } from "./arguments";
import { registered, type Registered } from "./mocks";

const endpoint = {
    host: "build.local",
    hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINac5tHT4rEfdOQYcalxs7rk41DMvMwPsXobLs782iQp",
};
const args: RegistryClientArgs = {
    connection: { ...endpoint, privateKey: privateKeyPem },
    registry: "nas:9160",
    caCertificate,
    username: "admin",
    password: "MY PASSWORD",
};

const commandOf = (resources: Registered[]) => {
    const [command, ...others] = resources.filter(({ type }) => type === "command:remote:Command");
    expect(others).toEqual([]);
    return command ?? expect.unreachable("no remote command was made");
};
const stdinOf = (resources: Registered[]) => commandOf(resources).inputs.stdin as string;
const make = (changed: Partial<RegistryClientArgs> = {}) =>
    registered(() => new RegistryClient("build-server", { ...args, ...changed }));
const withoutLogin = { username: undefined, password: undefined };

describe("one remote command", () => {
    let client: RegistryClient;
    let resources: Registered[];
    beforeAll(async () => {
        resources = await registered(() => {
            client = new RegistryClient("build-server", args);
        });
    });

    test("takes back on destroy what it has set up", () => {
        expect(commandOf(resources).inputs).toMatchObject({ create: "/bin/sh -s apply", delete: "/bin/sh -s revert" });
    });

    test("gets the password on a standard input that is a secret, and nowhere else", () => {
        const { inputs, secretInputs } = commandOf(resources);
        expect(secretInputs).toEqual(expect.arrayContaining(["connection", "stdin"]));
        expect(inputs.stdin).toContain("password='MY PASSWORD'\n");
        expect(JSON.stringify({ ...inputs, stdin: "" })).not.toContain("MY PASSWORD");
    });

    test("checks the host key", () => {
        expect(commandOf(resources).inputs.connection).toMatchObject({ hostKey: endpoint.hostKey });
    });

    test("is another one for another registry, user or machine, so that the old one is taken back", () => {
        expect(commandOf(resources).inputs.triggers).toEqual(["nas:9160", "root", endpoint.hostKey]);
    });

    test("makes no secret of the registry's address", async () => {
        expect(await pulumi.isSecret(client.registry)).toBe(false);
    });
});

test("a password that is an output of the registry stays a secret and leaves the rest readable", async () => {
    const made = await make({ password: pulumi.secret("GENERATED") });
    expect(stdinOf(made)).toContain("password='GENERATED'\n");
    expect(commandOf(made).secretInputs).not.toContain("triggers");
});

test.each<[string, Partial<RegistryClientArgs>, string[]]>([
    ["an own authority", {}, ["trust='authority'", `ca_certificate='${caCertificate}'`]],
    ["a public authority", { caCertificate: "" }, ["trust='public'", "ca_certificate=''"]],
    ["no TLS", { caCertificate: undefined, insecure: true }, ["trust='insecure'"]],
    ["containerd", { containerd: true }, ["containerd='yes'"]],
    ["no containerd", {}, ["containerd=''"]],
    ["no login", withoutLogin, ["username=''", "password=''"]],
])("the script is told of %s", async (_, changed, lines) => {
    const stdin = stdinOf(await make(changed));
    for (const line of lines) {
        expect(stdin).toContain(`${line}\n`);
    }
});

test("the certificate decides what a registry that is not insecure is trusted for", () => {
    expect(trustValues("nas:9160", { insecure: false, caCertificate }).trust).toBe("authority");
    expect(trustValues("nas:9160", { insecure: false, caCertificate: "" }).trust).toBe("public");
    expect(trustValues("nas:9160", { insecure: true, caCertificate: "" }).trust).toBe("insecure");
});

describe("arguments that are wrong are refused before anything is made", () => {
    test.each<[string, Partial<RegistryClientArgs>]>([
        ['registry: "https://nas:9160/a" is not allowed; it must be host:port', { registry: "https://nas:9160/a" }],
        ['registry: "nas" is not allowed', { registry: "nas" }],
        ['caCertificate: "AAAA" is not allowed; it must be a certificate in PEM', { caCertificate: "AAAA" }],
        [
            "several, all of which can be read",
            { caCertificate: `${caCertificate}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n` },
        ],
        ["insecure: true is not allowed together with caCertificate", { insecure: true }],
        ["password: it is missing; a login needs both", { password: undefined }],
        ["username: it is missing; a login needs both", { username: undefined }],
        ['username: "-x" is not allowed', { username: "-x" }],
        ["connection.hostKey: the host key is missing", { connection: { ...endpoint, hostKey: "" } }],
        ['connection.host: "a b" is not allowed', { connection: { ...endpoint, host: "a b" } }],
        ["connection.port: 0 is not allowed", { connection: { ...endpoint, port: 0 } }],
        ['connection.user: "a:b" is not allowed', { connection: { ...endpoint, user: "a:b" } }],
    ])("%s", async (sentence, changed) => {
        const made = await registered(() => {
            expect(() => new RegistryClient("build-server", { ...args, ...changed })).toThrow(sentence);
        });
        expect(made.map(({ type }) => type)).toEqual(["nas-registry:index:RegistryClient"]);
    });

    test("and the password is in none of the sentences", async () => {
        await registered(() => {
            expect(() => new RegistryClient("build-server", { ...args, username: "-x", registry: "" })).toThrow(
                /^(?!.*PASSWORD)[^]*username: [^]*$/s,
            );
        });
    });
});

test("what it depends on, its command waits for", async () => {
    const order: string[] = [];
    const slow = new Promise<string>((resolve) => setTimeout(resolve, 50, "nas:9160"));
    await registered(() => {
        const first = new RegistryClient("first", { ...args, registry: slow });
        first.registry.apply(() => order.push("first"));
        const second = new RegistryClient("second", args, { dependsOn: [first] });
        second.registry.apply(() => order.push("second"));
    });
    expect(order).toEqual(["first", "second"]);
});
