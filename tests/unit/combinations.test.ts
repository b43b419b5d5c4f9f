import { describe, expect, test } from "vitest";

import { NasMirror, NasRegistry } from "../../components";
import type { Schema } from "../../components/settings/schema";
import * as table from "./combinations";
import { argsOf, groupsOf, labelsOf, nameOf, pairsOf, properties, saidOf, settingOf, settings } from "./combinations";
import { registered } from "./mocks";

/** Whether an entry of the table means a setting: it alone, or any with its name. */
const means = (entry: string, label: string) => entry === label || entry === nameOf(label);
const entryOf = (pairs: table.Pair[], a: string, b: string) =>
    pairs.find(([x, y]) => (means(x, a) && means(y, b)) || (means(x, b) && means(y, a)));

const valuesOf = (label: string): unknown[] => [settingOf(label).value, ...(settingOf(label).also ?? [])];

/** A setting and those that it needs, unless another value is given. */
const broughtBy = (label: string, other: string) => [
    label,
    ...Object.entries(settingOf(label).needs ?? {})
        .filter(([name]) => name !== nameOf(other) && name !== nameOf(label))
        .flatMap(([name, value]) =>
            Object.keys(settings).filter(
                (each) => nameOf(each) === name && JSON.stringify(settingOf(each).value) === JSON.stringify(value),
            ),
        ),
];

test("every argument is in the table, with each of the words that it may be", () => {
    const given = (name: string) => Object.keys(settings).filter((label) => nameOf(label) === name);
    const wordsOf = ({ enum: words }: Schema) => words ?? [];
    const missing = Object.entries(properties).flatMap(([name, property]) => [
        ...(given(name).length === 0 ? [name] : []),
        ...wordsOf(property).filter((word) => !given(name).flatMap(valuesOf).includes(word)),
    ]);
    expect(missing).toEqual([]);
    expect(Object.keys(settings).filter((label) => !(nameOf(label) in properties))).toEqual([]);
});

describe.each([
    ["NasRegistry", NasRegistry],
    ["NasMirror", NasMirror],
] as const)("the arguments of a %s", (kind, Component) => {
    test.each(labelsOf(kind))("%s alone, with what it needs, is right and does something", (label) => {
        for (const value of valuesOf(label)) {
            const args = { ...argsOf(kind, label), [nameOf(label)]: value };
            expect(saidOf(args)).toEqual({ problems: [], warnings: [] });
        }
    });

    test("each pair is refused, warned of or right, as the table says", () => {
        const wrong = pairsOf(kind).flatMap(({ a, b, problems, warnings }) => {
            const all = broughtBy(a, b).flatMap((x) => broughtBy(b, a).map((y) => [x, y] as const));
            const isIn = (pairs: table.Pair[]) => all.some(([x, y]) => entryOf(pairs, x, y));
            const expected = isIn(table.refused) ? "refused" : isIn(table.meaningless) ? "meaningless" : "right";
            const found = problems.length > 0 ? "refused" : warnings.length > 0 ? "meaningless" : "right";
            const sentences = [...problems, ...warnings];
            // Of a pair that is in the table itself, a sentence names both.
            const entry = entryOf([...table.refused, ...table.meaningless], a, b);
            const names = entry?.[2] === undefined ? [nameOf(a), nameOf(b)] : [entry[2]];
            const isNamed = !entry || sentences.some((each) => names.every((name) => each.includes(name)));
            return expected === found && isNamed
                ? []
                : [`${a} with ${b}: ${found}, not ${expected}: ${sentences.join(" ")}`];
        });
        expect(wrong).toEqual([]);
    });

    test("each pair that is right is built", async () => {
        for (const group of groupsOf(kind)) {
            const { cache: _, deletes: __, ...ofMirror } = argsOf(kind, ...group);
            const args = kind === "NasMirror" ? ofMirror : argsOf(kind, ...group);
            const all = await registered(() => new Component("registry", args as never));
            expect(all.map(({ name }) => name)).toContain("registry-smoke-test");
        }
    }, 300_000);
});

test.each(Object.keys(settings).filter((label) => properties[nameOf(label)]?.only))(
    "%s is refused by the component that does not have it",
    async (label) => {
        const { only } = properties[nameOf(label)] ?? {};
        const [Other, kind] = only === "NasRegistry" ? [NasMirror, "NasMirror"] : [NasRegistry, "NasRegistry"];
        const args = { ...argsOf("NasRegistry"), [nameOf(label)]: settingOf(label).value };
        await registered(() => {
            expect(() => new (Other as typeof NasRegistry)("registry", args as never)).toThrow(
                `${nameOf(label)}: it is an argument of ${only}, and this is a ${kind}; leave it out.`,
            );
        });
    },
);

test.each<[object, string[]]>([
    [
        { uploadPurging: { enabled: false, age: "24h", dryRun: true } },
        [
            "uploadPurging.age: it does nothing with enabled false",
            "uploadPurging.dryRun: it does nothing with enabled false",
        ],
    ],
    [
        { validation: { disabled: true, indexPlatforms: "none" } },
        ["validation.indexPlatforms: it does nothing with disabled true"],
    ],
    [{ redirect: true }, ["redirect: it does nothing with images on the NAS's disks, since there is no storage"]],
    [
        { storage: { s3: { bucket: "images", regionEndpoint: "https://s3.lan", redirectEndpoint: "https://s3.lan" } } },
        ["storage.s3.redirectEndpoint: it does nothing with redirect false, its default here"],
    ],
    [
        { storage: { s3: { bucket: "images", region: "eu-central-1", keyId: "key" } } },
        ["storage.s3.keyId: it does nothing with encrypt false"],
    ],
    [
        { auth: "token", token: { ...(settingOf("token").value as object), autoRedirectPath: "/token" } },
        ["token.autoRedirectPath: it does nothing with autoRedirect false"],
    ],
])("what does nothing beside another part of the same argument is said: %j", (args, sentences) => {
    const { problems, warnings } = saidOf({ ...argsOf("NasRegistry"), ...args });
    expect(problems).toEqual([]);
    expect(warnings).toEqual(sentences.map((each) => `${each}; leave it out, or change that.`));
});

test.each<[object, string]>([
    [
        { storage: { s3: { bucket: "images", region: "eu-central-1", accessKey: "nas" } } },
        "storage.s3: accessKey and secretKey go together; give both or neither.",
    ],
    [
        { cache: "external", externalRedis: { addresses: ["redis.lan:6379"], username: "nas" } },
        "externalRedis.username: it is used with password only; give both, or leave username out.",
    ],
    [
        { logs: { driver: "default", options: { tag: "registry" } } },
        "logs.options: they go with a driver; name one in logs.driver, or leave options out.",
    ],
    [
        { logs: { maxSize: "5m", options: { "max-size": "10m" } } },
        "logs.options: max-size is what maxSize sets; leave one of the two out.",
    ],
    [
        { daemonTrust: true, tls: "none", restart: "no" },
        'restart: "no" is not allowed with daemonTrust and tls none, for which the Docker daemon restarts, and would not start the registry again; it must be one of always, unless-stopped.',
    ],
])("what cannot work within one argument, or of three, is refused: %j", (args, sentence) => {
    expect(saidOf({ ...argsOf("NasRegistry"), ...args }).problems).toEqual([sentence]);
});
