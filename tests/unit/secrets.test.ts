import * as fs from "node:fs";
import * as os from "node:os";

import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { NasRegistry, type NasRegistryArgs } from "../../components";
import { certificatePem, privateKeyPem, required } from "./arguments";
import { registered, type Registered } from "./mocks";

// Transport keys are written into a home of the test's own.
vi.mock("node:os", async (original) => ({
    ...(await original<typeof os>()),
    userInfo: () => ({ homedir: `${os.tmpdir()}/nas-registry-secrets-test` }),
}));
afterAll(() => fs.rmSync(`${os.tmpdir()}/nas-registry-secrets-test`, { recursive: true, force: true }));

/** One that no other text holds. */
const secret = (what: string) => `s3cret-${what}`;
const pem = (what: string) => `-----BEGIN PRIVATE KEY-----\n${what}\n-----END PRIVATE KEY-----\n`;

/** A line of the certificate's key, which must be a real one. */
const [, , certificateKeyLine = ""] = privateKeyPem.split("\n");

/** Every argument that can hold a secret, as the plain text that a careless program gives. */
const args: NasRegistryArgs = {
    ...required,
    connection: { ...required.connection, privateKey: pem("s3cretSshKey") },
    users: [{ name: "anna", password: secret("password") }],
    httpSecret: secret("http").padEnd(32, "."),
    tls: "given",
    certificate: { certificate: certificatePem, privateKey: privateKeyPem },
    externalRedis: {
        addresses: ["redis.lan:6379"],
        password: secret("redis"),
        sentinel: { masterName: "main", password: secret("sentinel") },
        tls: { certificate: certificatePem, privateKey: pem("s3cretRedisKey") },
    },
    storage: { s3: { bucket: "images", region: "eu-central-1", accessKey: "nas", secretKey: secret("bucket") } },
    logLevel: "warn",
    notifications: {
        endpoints: [{ name: "ci", url: "https://ci.lan", headers: { Authorization: [secret("header")] } }],
    },
    extraConfig: `log: {hooks: [{type: mail, options: {smtp: {password: ${secret("extra")}}}}]}`,
    daemonTrust: true,
    daemonConfig: { logDriver: "splunk", logOptions: { "splunk-token": secret("log-token") } },
};
const SECRETS = ["password", "http", "redis", "sentinel", "bucket", "header", "extra", "log-token"]
    .map(secret)
    .concat(certificateKeyLine, "s3cretRedisKey", "s3cretSshKey");

const byName = (all: Registered[]) => new Map(all.map((each) => [`${each.type} ${each.name}`, each]));

let resources: Registered[];
let component: NasRegistry;
beforeAll(async () => {
    resources = await registered(() => (component = new NasRegistry("registry", args)));
});

describe("a value that must not be known", () => {
    test.each(SECRETS)("%s reaches the NAS, and is in inputs that are secrets only", (value) => {
        const holders = resources.flatMap(({ name, inputs, secretInputs }) =>
            Object.entries(inputs)
                .filter(([, input]) => JSON.stringify([input]).includes(value))
                .map(([key]) => ({ name, key, isSecret: secretInputs.includes(key) })),
        );
        // The password is on the NAS as a hash; the smoke test logs in with it.
        expect(holders).not.toEqual([]);
        expect(holders.filter(({ isSecret }) => !isSecret)).toEqual([]);
    });
});

const PUBLIC = [
    "url",
    "registry",
    "catalogUrl",
    "username",
    "caCertificate",
    "certificate",
    "dockerLogin",
    "clientSetup",
] as const;

test("what clients must know is no secret", async () => {
    for (const output of PUBLIC) {
        expect(await pulumi.isSecret(component[output] as pulumi.Output<unknown>), output).toBe(false);
    }
    expect(await pulumi.isSecret(component.password)).toBe(true);
    expect(await pulumi.isSecret(component.passwords)).toBe(true);
});

describe("arguments that arrive as one Output each, as from a program in another language", () => {
    const structural = ["tls", "cache", "networkMode", "tier", "daemonTrust"];
    const asOutputs = (make: (value: unknown) => unknown) =>
        Object.fromEntries(
            Object.entries(args).map(([key, value]) => [key, structural.includes(key) ? value : make(value)]),
        ) as unknown as NasRegistryArgs;
    const confidential = [
        "users",
        "httpSecret",
        "certificate",
        "externalRedis",
        "storage",
        "notifications",
        "extraConfig",
        "daemonConfig",
    ];

    test("give the same resources", async () => {
        const same = await registered(() => new NasRegistry("registry", asOutputs(pulumi.output)));
        expect(byName(same)).toEqual(byName(resources));
    });

    test("give the same resources and public outputs when those with a secret in them are secrets as a whole", async () => {
        let remote: NasRegistry | undefined;
        const outputs = asOutputs(pulumi.output);
        const secrets = Object.fromEntries(
            Object.entries(outputs).map(([key, value]) => [
                key,
                key === "connection" || confidential.includes(key) ? pulumi.secret(value as string) : (value as string),
            ]),
        );
        const same = await registered(() => {
            remote = new NasRegistry("registry", secrets as unknown as NasRegistryArgs);
        });
        expect(byName(same)).toEqual(byName(resources));
        for (const output of PUBLIC) {
            expect(await pulumi.isSecret(remote?.[output] as pulumi.Output<unknown>), output).toBe(false);
        }
    });
});
