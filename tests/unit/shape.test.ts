import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";

import { checkOf } from "../../components/settings/schema";
import { knownOf, problemsOf as problemsIn } from "../../components/settings/section";
import { findProblems } from "../../components/registry/settings";
import { certificatePem, hostKey, privateKeyPem, problemsOf } from "./arguments";
import { readSchema } from "../schema";

const { inputProperties } = readSchema().resources["nas-registry:index:NasRegistry"] ?? { inputProperties: {} };
const confidential = /^(certificate|externalRedis|extraConfig|httpSecret|notifications|storage|token|users)\b/;

describe("a value of another type than the argument's is refused in a sentence, as JavaScript and a stack's configuration can give it", () => {
    // Whatever else is wrong with the arguments, they are read without an exception.
    test.each(
        Object.keys(inputProperties).flatMap((name) =>
            [null, "s3cret", 5, true, ["s3cret"], { s3cret: 1 }].map((value) => ({ name, value })),
        ),
    )("$name: $value", ({ name, value }) => {
        const problems = problemsOf({ [name]: value });
        if (confidential.test(name)) {
            expect(problems).not.toContain(`"s3cret"`);
        }
        for (const sentence of problems ? problems.split("\n") : []) {
            expect(sentence).toMatch(/^[a-zA-Z]+[^ ]*(, [^ ]+)*: .+\.$/);
        }
    });

    test.each<[object, string]>([
        [{ port: "8" }, `port: "8" is not allowed; it must be a number.`],
        [{ cpus: "2" }, `cpus: "2" is not allowed; it must be a number.`],
        [{ deletes: "false" }, `deletes: "false" is not allowed; it must be true or false.`],
        [{ hostName: 8 }, "hostName: 8 is not allowed; it must be text."],
        [{ memory: null }, "memory: null is not allowed; it must be text."],
        [{ certificateNames: "nas" }, `certificateNames: "nas" is not allowed; it must be a list.`],
        [{ certificateNames: [8] }, "certificateNames[0]: 8 is not allowed; it must be text."],
        [{ labels: ["a"] }, `labels: ["a"] is not allowed; it must be a mapping.`],
        [{ labels: { team: 5 } }, "labels.team: 5 is not allowed; it must be text."],
        [{ headers: { "X-A": "b" } }, `headers.X-A: "b" is not allowed; it must be a list.`],
        [{ logs: { maxFiles: "3" } }, `logs.maxFiles: "3" is not allowed; it must be a number.`],
        [{ vendor: 5 }, "vendor: 5 is not allowed; it must be one of synology, qnap, linux."],
        [{ connection: "nas" }, `connection: "nas" is not allowed; it must be a mapping.`],
        [{ users: "s3cret" }, "users: the value given is not allowed; it must be a list."],
        [{ users: ["s3cret"] }, "users[0]: the value given is not allowed; it must be a mapping."],
        [
            { users: [{ name: "anna", password: 12345678 }] },
            "users[0].password: the value given is not allowed; it must be text.",
        ],
        [{ httpSecret: 5 }, "httpSecret: the value given is not allowed; it must be text."],
    ])("%j", (args, sentence) => expect(problemsOf(args)).toBe(sentence));
});

test.each<[object, string]>([
    [{ memroy: 512 }, "memroy: there is no such setting; did you mean memory?"],
    [{ users: [{ nmae: "anna" }] }, "users[0].nmae: there is no such setting; did you mean name?"],
    [
        { uploadPurging: { frequency: 5 } },
        "uploadPurging.frequency: there is no such setting; there are enabled, age, interval, dryRun.",
    ],
    [{ labels: { constructor: "a", anything: "b" } }, ""],
    [{ constructor: "a" }, expect.stringMatching(/^constructor: there is no such setting; there are /) as string],
])("a property that there is not is refused: %j", (args, sentence) =>
    expect(problemsOf(args).split("\n")[0]).toEqual(sentence),
);

describe("what must be given", () => {
    test.each<[object, string]>([
        [{ connection: { host: "nas" } }, "connection.hostKey: it is missing."],
        [{ storage: { gcs: { bucket: "images" } } }, "storage.gcs.credentials: it is missing."],
        [{ metrics: {} }, "metrics.address: it is missing."],
    ])("in %j", (args, sentence) => expect(problemsOf(args)).toBe(sentence));

    test("of the arguments themselves", () => {
        expect(findProblems({}, "registry")).toEqual(["connection: it is missing.", "vendor: it is missing."]);
    });

    test("is not missed when an Output gives it", () => {
        const storage = knownOf({ s3: { bucket: pulumi.output("images"), region: pulumi.output("eu-central-1") } });
        expect(problemsOf({ storage })).toBe("");
    });
});

test.each<[string, object, string[]]>([
    [
        "RegistryClientArgs",
        { connection: { host: "a", hostKey }, registry: 5, insecure: "no" },
        ["registry: 5 is not allowed; it must be text.", 'insecure: "no" is not allowed; it must be true or false.'],
    ],
    ["ServerCertificateArgs", { names: "nas" }, ['names: "nas" is not allowed; it must be a list.']],
    [
        "NasProbeArgs",
        { vendor: "dell" },
        ['vendor: "dell" is not allowed; it must be one of synology, qnap, linux.', "connection: it is missing."],
    ],
    [
        "DaemonConfigArgs",
        { logOptions: { "max-file": 3 } },
        [
            'logOptions.max-file: the value given is not allowed; it must be a text; the engine takes numbers as texts, too: "3".',
        ],
    ],
])("the arguments of every component are looked at: %s", (type, args, sentences) =>
    expect(problemsIn(type, knownOf(args)).sort()).toEqual(sentences.sort()),
);

test("a comment that names a check that there is not is refused when the schema is made", () => {
    expect(() => checkOf({ is: "prot" })).toThrow("@is prot: there is no such check in settings/is.ts.");
});

describe("what an Output will give is not judged before", () => {
    const later = pulumi.output("later");
    test.each<[string, object]>([
        [
            "platforms",
            { validation: { indexPlatforms: later, platformList: [{ os: "linux", architecture: "arm64" }] } },
        ],
        ["a list of platforms", { validation: { indexPlatforms: "list", platformList: later } }],
        ["a log level", { logLevel: later, notifications: { endpoints: [{ name: "a", url: later, headers: {} }] } }],
        ["a private key", { externalRedis: { addresses: ["a:1"], tls: { certificate: later, privateKey: later } } }],
        ["sentinels", { externalRedis: { addresses: ["a:1", "b:1"], database: 2, sentinel: later } }],
        ["the memory below memorySwap", { memory: later, memorySwap: "64m" }],
        ["one storage beside none", { storage: { s3: later, gcs: undefined } }],
    ])("%s", (_, args) => expect(problemsOf(knownOf(args))).toBe(""));
});

describe("a text with control characters is refused, without being shown", () => {
    const rule = "the value given is not allowed; it must be text without line breaks and other control characters.";
    test.each<[object, string]>([
        [{ hostName: "nas\n127.0.0.1 other" }, "hostName"],
        [{ certificateNames: ["nas", "a\tb"] }, "certificateNames[1]"],
        [{ dataDirectory: "/volume1/docker/a\nb" }, "dataDirectory"],
        [{ sharedFolder: "docker\n" }, "sharedFolder"],
        [{ labels: { team: "a\u0000b" } }, "labels.team"],
        [{ labels: { certificate: "a\nb" } }, "labels.certificate"],
        [{ logFields: { rack: "4\r\n" } }, "logFields.rack"],
        [{ headers: { "X-A": ["b\u0085c"] } }, "headers.X-A[0]"],
        [{ externalUrl: "https://registry\n.example.com" }, "externalUrl"],
        [{ logs: { options: { tag: "a\nb" } } }, "logs.options.tag"],
        [{ tracing: { endpoint: "http://a:4318\n" } }, "tracing.endpoint"],
        [{ users: [{ name: "anna\nroot:x" }] }, "users[0].name"],
        [
            { notifications: { endpoints: [{ name: "ci\n", url: "https://ci.lan" }] } },
            "notifications.endpoints[0].name",
        ],
        [{ storage: { s3: { bucket: "b", region: "r\n" } } }, "storage.s3.region"],
        [{ connection: { host: "nas\n", hostKey } }, "connection.host"],
    ])("%j", (args, at) => expect(problemsOf(args)).toBe(`${at}: ${rule}`));

    test.each<[object, string]>([
        [{ labels: { "a\nb": "c" } }, "labels"],
        [{ logFields: { "a\nb": "c" } }, "logFields"],
    ])("also as a name: %j", (args, at) =>
        expect(problemsOf(args)).toBe(
            `${at}: the value given is not allowed; it must be a mapping whose names have no control characters.`,
        ),
    );

    // A file's text, as PEM, JSON and YAML.
    test.each<[object]>([
        [{ trustedCertificates: certificatePem }],
        [{ tls: "given", certificate: { certificate: certificatePem, privateKey: privateKeyPem } }],
        [{ extraConfig: "catalog:\n    maxentries: 5\n" }],
        [{ storage: { gcs: { bucket: "images", credentials: "{\n}" } } }],
    ])("%j is let through", (args) => expect(problemsOf(args)).toBe(""));
});
