/**
 * The keys into which distribution's parser does not look, and what the program does with a wrong value of each. (That the
 * known keys are all of them, and no other, is read from the drivers' sources: knownKeys.test.ts.)
 */
import { generateKeyPairSync } from "node:crypto";

import { expect, test } from "vitest";

import { CONFIG_MOUNT, DATA_MOUNT } from "../../components/registry/sections/container";
import { knownKeys } from "../../components/registry/sections/extraConfig";
import type { ConfigTree, ConfigValue } from "../../components/registry/sections/yaml";
import { flatten, isForDriver } from "./keys";
import { readConfig, startFailure, startRegistry } from "./server";

/** A configuration with something wrong at one key, and the words with which the program shows that it looked. */
interface Case {
    key: string;
    config: ConfigTree;
    says: string;
}

const filesystem = { filesystem: { rootdirectory: DATA_MOUNT } };
const base: ConfigTree = { version: 0.1, log: { accesslog: { disabled: true } }, storage: filesystem };

/** Cases that differ in one key of one mapping. */
const cases = (
    path: string,
    configOf: (parameters: ConfigTree) => ConfigTree,
    wrong: Record<string, [value: ConfigValue, says: string]>,
    others: ConfigTree = {},
): Case[] =>
    Object.entries(wrong).map(([name, [value, says]]) => ({
        key: `${path}.${name}`,
        config: configOf({ ...others, [name]: value }),
        says,
    }));

const each = (names: string[], says: (name: string) => string): Record<string, [ConfigValue, string]> =>
    Object.fromEntries(names.map((name) => [name, ["x", says(name)]]));

const s3 = {
    ...each(
        [
            "accelerate",
            "encrypt",
            "forcepathstyle",
            "secure",
            "skipverify",
            "usedualstack",
            "usefipsendpoint",
            "v4auth",
        ],
        (name) => `the ${name} parameter should be a boolean`,
    ),
    ...each(
        ["chunksize", "multipartcopychunksize", "multipartcopymaxconcurrency", "multipartcopythresholdsize"],
        (name) => `${name} parameter must be an integer, x invalid`,
    ),
    region: ["nowhere", "invalid region provided: nowhere"],
    bucket: ["", "no bucket parameter provided"],
    storageclass: ["x", "the storageclass parameter must be one of"],
    objectacl: ["x", "invalid value for objectacl parameter: x"],
} satisfies Record<string, [ConfigValue, string]>;

const driver = (name: string) => (parameters: ConfigTree) => ({ version: 0.1, storage: { [name]: parameters } });
const bucket = { region: "us-east-1", bucket: "b" };

/** Seen when the storage is opened. */
const atOpening: Case[] = [
    ...cases("storage.filesystem", driver("filesystem"), { maxthreads: [[], "maxthreads config error"] }),
    ...cases("storage.s3", driver("s3"), s3, bucket),
    ...cases("storage.s3aws", driver("s3aws"), s3, bucket),
    ...cases(
        "storage.gcs",
        driver("gcs"),
        {
            bucket: ["", "no bucket parameter provided"],
            chunksize: ["x", "chunksize must be an integer"],
            keyfile: ["/nowhere.json", "open /nowhere.json"],
            credentials: ["x", "the credentials were not specified in the correct format"],
        },
        { bucket: "b" },
    ),
];

const rsaKey = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "pkcs1", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
}).privateKey;

const storage = (section: string) => (parameters: ConfigTree) => ({
    ...base,
    storage: { ...filesystem, [section]: parameters },
});
const maintenance = (section: string) => (parameters: ConfigTree) => storage("maintenance")({ [section]: parameters });
const auth = (provider: string) => (options: ConfigTree) => ({ ...base, auth: { [provider]: options } });
const middleware = (name: string) => (options: ConfigTree) => ({
    ...base,
    middleware: { storage: [{ name, options }] },
});
const mustBeString = (names: string[]) => each(names, (name) => `${name} must be a string`);
const numbers = (wrong: Record<string, [ConfigValue, string]>): Record<string, [ConfigValue, string]> =>
    Object.fromEntries(Object.entries(wrong).map(([name, [, says]]) => [name, [5, says]]));

/** Seen when the registry starts. */
const atStart: Case[] = [
    ...cases("storage.cache", storage("cache"), {
        blobdescriptor: ["redis", "redis configuration required"],
        layerinfo: ["redis", "redis configuration required"],
    }),
    ...cases(
        "storage.cache",
        storage("cache"),
        { blobdescriptorsize: ["x", "invalid blobdescriptorsize value x"] },
        { blobdescriptor: "inmemory" },
    ),
    ...cases("storage.maintenance.readonly", maintenance("readonly"), {
        enabled: ["true", "readonly's enabled config key must have a boolean value"],
    }),
    ...cases(
        "storage.maintenance.uploadpurging",
        maintenance("uploadpurging"),
        {
            age: [5, "age is not a string"],
            interval: [5, "interval is not a string"],
            dryrun: ["x", "cannot parse dryrun"],
        },
        { enabled: true, age: "1h", interval: "1h", dryrun: false },
    ),
    ...cases("storage.redirect", storage("redirect"), { disable: ["true", "invalid type for redirect config"] }),
    ...cases("storage.tag", storage("tag"), {
        concurrencylimit: ["8", "tag lookup concurrency limit config key must have a integer value"],
    }),
    ...cases(
        "auth.htpasswd",
        auth("htpasswd"),
        numbers(each(["realm", "path"], (name) => `"${name}" must be set for htpasswd`)),
        { realm: "r", path: `${CONFIG_MOUNT}/htpasswd` },
    ),
    ...cases(
        "auth.silly",
        auth("silly"),
        numbers(each(["realm", "service"], (name) => `"${name}" must be set for silly`)),
        { realm: "r", service: "s" },
    ),
    ...cases(
        "auth.token",
        auth("token"),
        {
            ...numbers(each(["realm", "issuer", "service"], (name) => `a valid option string: "${name}"`)),
            autoredirect: ["true", "a valid option bool: autoredirect"],
            autoredirectpath: [5, "a valid option string: autoredirectpath"],
            jwks: ["/nowhere", 'unable to open jwks file "/nowhere"'],
            rootcertbundle: ["/nowhere", 'certificate bundle file "/nowhere"'],
            signingalgorithms: ["RS256", "signingalgorithms must be a list"],
        },
        { realm: "r", issuer: "i", service: "s", autoredirect: true },
    ),
    ...cases(
        "middleware.storage[].options",
        middleware("cloudfront"),
        {
            ...numbers(mustBeString(["baseurl", "privatekey", "keypairid", "iprangesurl"])),
            duration: ["x", "invalid duration"],
            updatefrequency: ["x", "invalid updatefrequency"],
            updatefrenquency: ["x", "invalid updatefrequency"],
            ipfilteredby: ["x", "ipfilteredby only allows"],
            awsregion: [5, "awsRegion must be a comma separated string"],
        },
        {
            baseurl: "http://a",
            privatekey: `${CONFIG_MOUNT}/rsa.pem`,
            keypairid: "k",
            ipfilteredby: "awsregion",
            awsregion: "us-east-1",
        },
    ),
    ...cases(
        "middleware.storage[].options",
        middleware("rewrite"),
        numbers(mustBeString(["scheme", "host", "trimpathprefix"])),
    ),
];

test.each(atOpening)("$key", async ({ config, says }) => {
    expect(await readConfig({ config })).toContain(says);
});

test.each(atStart)("$key", async ({ config, says }) => {
    expect(await startFailure({ config, files: { "rsa.pem": rsaKey } })).toContain(says);
});

/** Azure's driver names all of its keys in one answer. */
const azure = flatten(knownKeys().properties?.storage?.properties?.azure ?? {});
test("storage.azure", async () => {
    const wrong = azure.reduce<ConfigTree>((tree, key) => {
        const [section, name] = key.split(".");
        const inner = name ? { ...(tree[section ?? ""] as ConfigTree | undefined), [name]: [5] } : [5];
        return { ...tree, [section ?? ""]: inner };
    }, {});
    const output = (await readConfig({ config: driver("azure")(wrong) })).toLowerCase();
    for (const key of azure) {
        expect(output).toContain(`'${key}' expected type`);
    }
});

test("storage.filesystem.rootdirectory", async () => {
    const registry = await startRegistry({ config: base });
    await registry.fetch("/v2/a/blobs/uploads/", { method: "POST" });
    expect(registry.files()).toContain("docker/registry/v2/repositories/a/_uploads");
});

test("storage.maintenance.uploadpurging.enabled", async () => {
    // Without it, the others would be missed.
    await startRegistry({ config: maintenance("uploadpurging")({ enabled: false }) });
});

test.each([true, false])("storage.delete.enabled: %s", async (enabled) => {
    const registry = await startRegistry({ config: storage("delete")({ enabled }) });
    const response = await registry.fetch(`/v2/a/blobs/sha256:${"0".repeat(64)}`, { method: "DELETE" });
    expect(response.status).toBe(enabled ? 404 : 405);
});

test("auth.none", async () => {
    const registry = await startRegistry({ config: auth("none")({}) });
    expect((await registry.fetch("/v2/")).status).toBe(200);
});

test("every key is looked at, but for those that only a far service would see", () => {
    const farService = [
        ...["s3", "s3aws"].flatMap((name) =>
            [
                "accesskey",
                "keyid",
                "loglevel",
                "redirectendpoint",
                "regionendpoint",
                "rootdirectory",
                "secretkey",
                "useragent",
            ].map((key) => `storage.${name}.${key}`),
        ),
        ...["maxconcurrency", "rootdirectory", "useragent"].map((key) => `storage.gcs.${key}`),
    ];
    const shown = [
        ...[...atOpening, ...atStart].map(({ key }) => key),
        ...azure.map((key) => `storage.azure.${key}`),
        "storage.filesystem.rootdirectory",
        "storage.maintenance.uploadpurging.enabled",
        "storage.delete.enabled",
    ];
    const all = flatten(knownKeys())
        .map((key) => key.replace(/(credentials)\.\*$/, "$1").replace(/signingalgorithms\[\]$/, "signingalgorithms"))
        .filter((key) => isForDriver(key) && !key.endsWith(".*"));
    expect([...new Set([...shown, ...farService])].sort()).toEqual(all.sort());
});
