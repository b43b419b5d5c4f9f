import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";

import { NasMirror, NasRegistry, RegistryClient } from "../../components";
import { withDefaults } from "../../components/registry/settings";
import type { PlainArgs } from "../../components/registry/sections";
import { asMeant } from "../../components/settings/section";
import { certificatePem, hostKey, problemsOf, required } from "./arguments";
import { capableNas, registered } from "./mocks";

type Connection = Partial<PlainArgs["connection"]>;

const endpointOf = (connection: Connection) => {
    const args = { connection: { host: "nas.local", hostKey, ...connection } };
    expect(problemsOf(args)).toBe("");
    const { host, port, user } = withDefaults("registry", { ...required, ...args }).endpoint;
    return { host, port, user };
};

describe("the address of a NAS is taken as it was meant:", () => {
    const usual = { host: "nas.local", port: 22, user: "root" };
    test.each<[Connection, Partial<typeof usual>]>([
        [{ host: " nas.local\u00a0" }, {}],
        [{ host: "NAS.Local" }, {}],
        [{ host: "nas.local." }, {}],
        [{ host: "nas.local/" }, {}],
        [{ host: "ssh://nas.local" }, {}],
        [{ host: "https://NAS.local/" }, {}],
        [{ host: "nas.local:2222" }, { port: 2222 }],
        [{ host: "ssh://nas.local:2222/" }, { port: 2222 }],
        [{ host: "anna@nas.local" }, { user: "anna" }],
        [{ host: "anna@example.com@nas.local" }, { user: "anna@example.com" }],
        [{ host: "DH-EXAMPLE\\anna@nas.local" }, { user: "DH-EXAMPLE\\anna" }],
        [{ host: "SSH://anna@nas.local:2222" }, { user: "anna", port: 2222 }],
        [
            { host: "anna@nas.local", port: 2222 },
            { user: "anna", port: 2222 },
        ],
        [{ host: "192.168.1.20:22" }, { host: "192.168.1.20" }],
        [{ host: "[FD00::1]" }, { host: "fd00::1" }],
        [{ host: "[fd00::1]:2222" }, { host: "fd00::1", port: 2222 }],
        [{ host: "fd00::1" }, { host: "fd00::1" }],
        [{ host: "fe80::1%eth0" }, { host: "fe80::1%eth0" }],
        [{ host: "müller.example" }, { host: "xn--mller-kva.example" }],
        [{ host: "MU\u0308LLER.example:22" }, { host: "xn--mller-kva.example" }],
        [{ host: "nas。local" }, {}],
        [{ user: " admin " }, { user: "admin" }],
        [{ user: "DH-EXAMPLE\\anna" }, { user: "DH-EXAMPLE\\anna" }],
        [{ user: "DH-EXAMPLE\\\\anna" }, { user: "DH-EXAMPLE\\anna" }],
        [{ user: "anna@example.com" }, { user: "anna@example.com" }],
        [{ user: "Anna" }, { user: "Anna" }],
        [{ user: "jürgen" }, { user: "jürgen" }],
        [{ user: "ju\u0308rgen" }, { user: "jürgen" }],
        [{ user: "anna maria" }, { user: "anna maria" }],
        [{ user: "EXAMPLE+anna" }, { user: "EXAMPLE+anna" }],
    ])("%j", (connection, expected) => expect(endpointOf(connection)).toEqual({ ...usual, ...expected }));
});

const host = "it must be a DNS name or an IP address, without scheme and port.";
const login = "it must be a login name such as anna, DOMAIN\\anna or anna@example.com.";

describe("what may mean several things is refused in a sentence:", () => {
    test.each<[object, string]>([
        [{ host: "https://nas.local:5001/" }, `connection.host: "https://nas.local:5001/" is not allowed; ${host}`],
        [{ host: "nas.local:22", port: 2222 }, `connection.host: "nas.local:22" is not allowed; ${host}`],
        [{ host: "anna@nas", user: "root" }, `connection.host: the value given is not allowed; ${host}`],
        [{ host: "anna:s3cret@nas" }, `connection.host: the value given is not allowed; ${host}`],
        [{ host: "nas.local/share" }, `connection.host: "nas.local/share" is not allowed; ${host}`],
        [{ host: "\\\\nas" }, `connection.host: "\\\\\\\\nas" is not allowed; ${host}`],
        [{ host: "192.168.1.300" }, `connection.host: "192.168.1.300" is not allowed; ${host}`],
        [{ host: "192.168.1" }, `connection.host: "192.168.1" is not allowed; ${host}`],
        [{ host: "nas local" }, `connection.host: "nas local" is not allowed; ${host}`],
        [{ host: "müller/x" }, `connection.host: "müller/x" is not allowed; ${host}`],
        [{ host: " " }, `connection.host: " " is not allowed; ${host}`],
        [{ user: "EXAMPLE/anna" }, `connection.user: "EXAMPLE/anna" is not allowed; ${login}`],
        [{ user: "anna:s3cret" }, `connection.user: "anna:s3cret" is not allowed; ${login}`],
        [{ user: "anna\\" }, `connection.user: "anna\\\\" is not allowed; ${login}`],
        [{ user: "-oProxyCommand=x" }, `connection.user: "-oProxyCommand=x" is not allowed; ${login}`],
        [{ user: "anna -x" }, `connection.user: "anna -x" is not allowed; ${login}`],
        [{ user: "$(id)" }, `connection.user: "$(id)" is not allowed; ${login}`],
        [{ user: "" }, `connection.user: "" is not allowed; ${login}`],
    ])("connection %j", (connection, sentence) =>
        expect(problemsOf({ connection: { host: "nas.local", hostKey, ...connection } })).toBe(sentence),
    );

    test.each<[object, string | RegExp]>([
        [{ hostName: "nas:9160" }, `hostName: "nas:9160" is not allowed; ${host}`],
        [{ hostName: "https://nas:9160/" }, `hostName: "https://nas:9160/" is not allowed; ${host}`],
        [{ upstream: { url: "quay.io" } }, /^upstream.url: "quay.io" is not allowed; it must be an http or https URL/],
        [{ externalUrl: "https:nas" }, /^externalUrl: "https:nas" is not allowed; it must be an http or https URL/],
        [
            { bindAddress: "192.168.1.20:9160" },
            'bindAddress: "192.168.1.20:9160" is not allowed; it must be an IP address of the NAS.',
        ],
        [{ externalRedis: { addresses: ["rediss://redis.lan:6379"] } }, /^externalRedis.addresses\[0\]: "rediss:/],
        [{ externalRedis: { addresses: ["redis.lan"] } }, /^externalRedis.addresses\[0\]: "redis.lan" .* host:port/],
        [{ sharedFolder: "/volume1/docker" }, /^sharedFolder: "\/volume1\/docker" .* without slashes\.$/],
        [{ sharedFolder: "\\\\nas\\docker" }, /^sharedFolder: .* without slashes\.$/],
        [{ dataDirectory: "~/registry" }, /^dataDirectory: "~\/registry" .* an absolute path/],
        [{ dataDirectory: "/volume1/docker\\data" }, /^dataDirectory: .* without backslashes/],
        [
            { containerName: "Müllers Registry" },
            /^containerName: "Müllers Registry" is not allowed; it must be two or more/,
        ],
        [{ users: [{ name: "EXAMPLE\\anna" }] }, /^users\[0\]\.name: .* letters, digits and \. _ @ -/],
    ])("%j", (args, sentence) =>
        typeof sentence === "string"
            ? expect(problemsOf(args)).toBe(sentence)
            : expect(problemsOf(args)).toMatch(sentence),
    );
});

describe("every other name and address is taken as it was meant:", () => {
    test.each<[string, unknown, unknown]>([
        ["vendor", "Synology ", "synology"],
        ["tls", "Reverse-Proxy", "reverse-proxy"],
        ["hostName", "https://Registry.Example/", "registry.example"],
        ["certificateNames", [" NAS ", "[FD00::1]", "nas."], ["nas", "fd00::1", "nas"]],
        ["bindAddress", "[FD00::20] ", "fd00::20"],
        ["transportKeyFrom", [" 192.168.1.0/24"], ["192.168.1.0/24"]],
        ["externalUrl", "HTTPS://Müller.Example:443/", "https://xn--mller-kva.example:443"],
        ["metrics", { address: " 192.168.1.20" }, { address: "192.168.1.20" }],
        ["upstream", { url: " https://Quay.IO/ " }, { url: "https://quay.io" }],
        ["tracing", { endpoint: "http://[FD00::9]:4318/v1" }, { endpoint: "http://[fd00::9]:4318/v1" }],
        ["externalRedis", { addresses: ["redis://Redis.lan:6379/"] }, { addresses: ["redis.lan:6379"] }],
        ["storage", { s3: { bucket: "images ", region: " eu-1" } }, { s3: { bucket: "images", region: "eu-1" } }],
        [
            "daemonConfig",
            { insecureRegistries: ["http://NAS:5000/", "FD00::/8"], registryMirrors: ["https://mirror.lan:5000/"] },
            { insecureRegistries: ["nas:5000", "fd00::/8"], registryMirrors: ["https://mirror.lan:5000"] },
        ],
        ["users", [{ name: " anna", password: " a password " }], [{ name: "anna", password: " a password " }]],
        ["sharedFolder", "/docker/", "docker"],
        ["sharedFolder", " Team Anna ", "Team Anna"],
        ["dataDirectory", " /volume1//docker/./data/ ", "/volume1/docker/data"],
        ["containerName", "images ", "images"],
        ["memory", " 512m", "512m"],
        ["labels", { team: " a " }, { team: " a " }],
        [
            "token",
            {
                jwks: '\uFEFF{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}\r\n',
            },
            {
                jwks: '{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}',
            },
        ],
        ["trustedCertificates", `\uFEFF# mine\r\n${certificatePem.replaceAll("\n", "\r\n")}`, certificatePem],
        ["httpSecret", `${" ".repeat(31)}x `, `${" ".repeat(31)}x `],
        ["hostName", 8, 8],
    ])("%s %j", (name, typed, meant) => {
        const args = asMeant("DeploymentArgs", { [name]: typed }, []);
        expect(args).toEqual({ [name]: meant });
        expect(asMeant("DeploymentArgs", args, [])).toEqual(args);
    });

    test("a password in an address is not looked at, and not shown", () => {
        expect(problemsOf({ upstream: { url: "https://anna:s3cret@quay.io" } })).not.toContain("s3cret");
    });

    test.each(["https://docker.io", "https://hub.docker.com/", "https://index.docker.io/v1/"])(
        "%s is Docker Hub",
        async (url) => {
            const all = await registered(() => new NasMirror("mirror", { ...required, upstream: { url } }));
            const stdin = String(all.find(({ name }) => name === "mirror-files")?.inputs.stdin);
            expect(stdin).toContain("remoteurl: https://registry-1.docker.io\n");
        },
    );
});

describe("what a resource gets", () => {
    const typed = { host: "ssh://NAS.local:2222/", user: "DH-EXAMPLE\\anna", hostKey };
    const connection = { host: "nas.local", port: 2222, user: "DH-EXAMPLE\\anna" };

    test.each([
        ["at once", typed],
        ["as an Output", pulumi.output(typed)],
        ["as Outputs", { ...typed, host: pulumi.output(typed.host), user: pulumi.output(typed.user) }],
    ])("is the same in both halves of an update, given %s", async (_, given) => {
        const args = { ...required, hostName: pulumi.output("NAS.local."), connection: given };
        const all = await registered(() => new NasRegistry("registry", args), { probe: capableNas });
        const inputsOf = (name: string) => all.find((each) => each.name === name)?.inputs;
        expect(inputsOf("registry-probe")?.connection).toMatchObject(connection);
        expect(inputsOf("registry-docker")?.host).toBe("ssh://DH-EXAMPLE%5Canna@nas.local:2222");
        expect(String(inputsOf("registry-smoke-test")?.stdin)).toContain("authority='nas.local:9160'");
    });

    test("is the tier of which the defaults are", () =>
        expect(withDefaults("registry", { ...required, tier: "Basic" as "basic" })).toMatchObject({ tls: "none" }));

    test("is the registry's name in images, with or without port", async () => {
        for (const [given, registry] of [
            ["https://NAS.local:9160/", "nas.local:9160"],
            ["registry.example.com", "registry.example.com"],
        ]) {
            const args = { connection: { host: "build.local", hostKey }, registry: given ?? "" };
            const all = await registered(() => new RegistryClient("client", args));
            const stdin = String(all.find(({ name }) => name === "client-trust")?.inputs.stdin);
            expect(stdin).toContain(`registry='${registry}'\n`);
        }
    });
});
