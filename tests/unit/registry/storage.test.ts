import { describe, expect, test } from "vitest";
import { parse } from "yaml";

import { knownKeys } from "../../../components/registry/sections/extraConfig";
import { renderConfig } from "../../../components/registry/sections/rendered";
import { withDefaults } from "../../../components/registry/settings";
import { readSchema, type Property } from "../../schema";
import { configOf, problemsOf, required } from "../arguments";

const { types } = readSchema();

/** A value for every property of a type in the schema. */
function exampleOf(typeName: string): Record<string, unknown> {
    const properties = types[`nas-registry:index:${typeName}`]?.properties ?? {};
    return Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, example(property)]));
}

function example({ type, $ref = "" }: Property): unknown {
    const scalars: Record<string, unknown> = { string: "{}", number: 5, boolean: true };
    return scalars[type ?? ""] ?? exampleOf($ref.split(":").pop() ?? "");
}

const drivers = knownKeys().properties?.storage?.properties ?? {};
const keysOf = (tree: object) => Object.keys(tree).sort();

const storageOf = (storage: object) => {
    const secrets = { httpSecret: "", cache: { kind: "none" }, storage } as const;
    const config = parse(renderConfig(withDefaults("registry", required), secrets)) as Record<"storage", object>;
    return config.storage as Partial<Record<string, Record<string, object>>>;
};

describe.each([
    ["s3", "S3StorageArgs", []],
    ["azure", "AzureStorageArgs", []],
    // The registry's own process has the file's content, in `credentials`.
    ["gcs", "GcsStorageArgs", ["keyfile"]],
] as const)("driver %s", (driver, typeName, leftOut) => {
    const rendered = storageOf({ [driver]: exampleOf(typeName) })[driver] ?? {};
    const known = drivers[driver]?.properties ?? {};

    test("has a property for every parameter, and a parameter for every property", () => {
        expect([...keysOf(rendered), ...leftOut].sort()).toEqual(keysOf(known));
    });
});

test("the same for Azure's credentials", () => {
    const { azure } = storageOf({ azure: exampleOf("AzureStorageArgs") });
    expect(keysOf(azure?.credentials ?? {})).toEqual(keysOf(drivers.azure?.properties?.credentials?.properties ?? {}));
});

const s3 = { bucket: "images", region: "eu-central-1" };
const azure = { accountName: "nas", container: "images" };
const gcs = { bucket: "images", credentials: '{"type": "service_account"}' };

describe("config.yml", () => {
    test.each<[object, string, unknown]>([
        [{}, "filesystem", { rootdirectory: "/var/lib/registry" }],
        [{ storage: { s3 } }, "s3", s3],
        [
            { storage: { s3: { ...s3, chunkSize: "6m", multipartCopyThresholdSize: "0" } } },
            "s3",
            { ...s3, chunksize: 6_291_456, multipartcopythresholdsize: 0 },
        ],
        [
            { storage: { s3: { bucket: "images", regionEndpoint: "https://s3.lan" } } },
            "s3",
            { bucket: "images", region: "us-east-1", regionendpoint: "https://s3.lan", forcepathstyle: true },
        ],
        [
            { storage: { s3: { ...s3, regionEndpoint: "https://s3.lan", forcePathStyle: false } } },
            "s3",
            { ...s3, regionendpoint: "https://s3.lan", forcepathstyle: false },
        ],
        [
            { storage: { azure: { ...azure, maxRetries: 3, retryDelay: "50ms" } } },
            "azure",
            { accountname: "nas", container: "images", max_retries: 3, retry_delay: "50ms" },
        ],
        [{ storage: { gcs } }, "gcs", { bucket: "images", credentials: { type: "service_account" } }],
        [{ deletes: false }, "delete.enabled", false],
        [{ readOnly: true }, "maintenance.readonly.enabled", true],
        [{ redirect: false }, "redirect", { disable: true }],
        [{ tagConcurrency: 2 }, "tag.concurrencylimit", 2],
        [
            { uploadPurging: { enabled: false, age: "48h", interval: "12h", dryRun: true } },
            "maintenance.uploadpurging",
            { enabled: false, age: "48h", interval: "12h", dryrun: true },
        ],
        [
            { uploadPurging: { age: "48h" } },
            "maintenance.uploadpurging",
            { enabled: true, age: "48h", interval: "24h", dryrun: false },
        ],
    ])("with %j has storage.%s", (args, key, value) => expect(configOf(args)).toHaveProperty(`storage.${key}`, value));

    test("has one driver", () => {
        expect(configOf({ storage: { s3 } })).not.toHaveProperty("storage.filesystem");
    });
});

describe("what is refused", () => {
    const oneOf = "give exactly one of s3, azure, gcs, or leave storage out for the NAS's own disks.";
    const url = "an http or https URL without user name and password";
    const part = "it must be a size such as 512m or 1g, from 5m to 5g.";
    test.each<[object, string]>([
        [{}, `storage: nothing is not allowed; ${oneOf}`],
        [{ s3, gcs }, `storage: s3 and gcs is not allowed; ${oneOf}`],
        [{ s3: { ...s3, bucket: "a/b" } }, `storage.s3.bucket: "a/b" is not allowed; it must be the name of a bucket.`],
        [
            { s3: { bucket: "images" } },
            "storage.s3.region: it is missing; give Amazon's region, or regionEndpoint for another server.",
        ],
        [
            { s3: { ...s3, regionEndpoint: "s3.lan" } },
            `storage.s3.regionEndpoint: "s3.lan" is not allowed; it must be ${url}.`,
        ],
        [
            { s3: { ...s3, regionEndpoint: "https://key:s3cret@s3.lan" } },
            `storage.s3.regionEndpoint: the value given is not allowed; it must be ${url}.`,
        ],
        [
            { s3: { ...s3, redirectEndpoint: "s3.lan" } },
            `storage.s3.redirectEndpoint: "s3.lan" is not allowed; it must be ${url}, and without path.`,
        ],
        [{ s3: { ...s3, chunkSize: "4m" } }, `storage.s3.chunkSize: "4m" is not allowed; ${part}`],
        [
            { s3: { ...s3, multipartCopyChunkSize: "6g" } },
            `storage.s3.multipartCopyChunkSize: "6g" is not allowed; ${part}`,
        ],
        [
            { s3: { ...s3, multipartCopyThresholdSize: "6g" } },
            'storage.s3.multipartCopyThresholdSize: "6g" is not allowed; it must be a size such as 512m or 1g, from 0 to 5g.',
        ],
        [
            { s3: { ...s3, multipartCopyMaxConcurrency: 0 } },
            "storage.s3.multipartCopyMaxConcurrency: 0 is not allowed; it must be a whole number from 1 to 10000.",
        ],
        [
            { s3: { ...s3, storageClass: "COLD" } },
            `storage.s3.storageClass: "COLD" is not allowed; it must be one of NONE, STANDARD, REDUCED_REDUNDANCY, STANDARD_IA, ONEZONE_IA, INTELLIGENT_TIERING, OUTPOSTS, GLACIER_IR, EXPRESS_ONEZONE.`,
        ],
        [
            { s3: { ...s3, objectAcl: "public" } },
            `storage.s3.objectAcl: "public" is not allowed; it must be one of private, public-read, public-read-write, authenticated-read, aws-exec-read, bucket-owner-read, bucket-owner-full-control.`,
        ],
        [
            { s3: { ...s3, logLevel: "warn" } },
            `storage.s3.logLevel: "warn" is not allowed; it must be one of off, debug, debugwithsigning, debugwithhttpbody, debugwithrequestretries, debugwithrequesterrors, debugwitheventstreambody.`,
        ],
        [{ s3: { ...s3, secretKey: 5 } }, "storage.s3.secretKey: the value given is not allowed; it must be text."],
        [{ s3: { ...s3, chunksize: "5m" } }, "storage.s3.chunksize: there is no such setting; did you mean chunkSize?"],
        [
            { azure: { ...azure, container: "" } },
            `storage.azure.container: "" is not allowed; it must be the name of a container.`,
        ],
        [
            { azure: { ...azure, accountName: "" } },
            `storage.azure.accountName: "" is not allowed; it must be the name of a storage account.`,
        ],
        [
            { azure: { ...azure, serviceUrl: "nas" } },
            `storage.azure.serviceUrl: "nas" is not allowed; it must be ${url}.`,
        ],
        [
            { azure: { ...azure, maxRetries: 0 } },
            "storage.azure.maxRetries: 0 is not allowed; it must be a whole number from 1 to 1000.",
        ],
        [
            { azure: { ...azure, retryDelay: "0" } },
            'storage.azure.retryDelay: "0" is not allowed; it must be a duration such as 90s or 24h, from 1ms to 1h.',
        ],
        [
            { azure: { ...azure, credentials: { type: "password", secret: "s3cret" } } },
            `storage.azure.credentials.type: "password" is not allowed; it must be one of client_secret, shared_key, default_credentials.`,
        ],
        [{ gcs: { ...gcs, bucket: "" } }, `storage.gcs.bucket: "" is not allowed; it must be the name of a bucket.`],
        [
            { gcs: { ...gcs, credentials: "s3cret" } },
            "storage.gcs.credentials: the value given is not allowed; it must be JSON of a service account's key.",
        ],
        [
            { gcs: { ...gcs, chunkSize: "100k" } },
            'storage.gcs.chunkSize: "100k" is not allowed; it must be a size such as 16m, a multiple of 256k.',
        ],
        [
            { gcs: { ...gcs, maxConcurrency: 5 } },
            "storage.gcs.maxConcurrency: 5 is not allowed; it must be a whole number from 25 to 10000.",
        ],
    ])("%j", (storage, sentence) => expect(problemsOf({ storage })).toBe(sentence));

    test.each<[object, string]>([
        [{ deletes: 1 }, "deletes: 1 is not allowed; it must be true or false."],
        [{ readOnly: "no" }, `readOnly: "no" is not allowed; it must be true or false.`],
        [{ redirect: "no" }, `redirect: "no" is not allowed; it must be true or false.`],
        [{ tagConcurrency: 0 }, "tagConcurrency: 0 is not allowed; it must be a whole number from 1 to 1000."],
        [
            { uploadPurging: { age: "0" } },
            'uploadPurging.age: "0" is not allowed; it must be a duration such as 90s or 24h, from 1m to 87600h.',
        ],
        [
            { uploadPurging: { interval: "30s" } },
            'uploadPurging.interval: "30s" is not allowed; it must be a duration such as 90s or 24h, from 1m to 87600h.',
        ],
        [{ uploadPurging: { dryRun: "yes" } }, `uploadPurging.dryRun: "yes" is not allowed; it must be true or false.`],
    ])("%j", (args, sentence) => expect(problemsOf(args)).toBe(sentence));
});
