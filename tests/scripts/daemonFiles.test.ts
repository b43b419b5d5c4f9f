import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { isDeepStrictEqual } from "node:util";

import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { capture } from "../../toolchain/process";
import { awks, program } from "./daemon/nas";
import { asOwnerReads } from "./owner";

/** A key's name in one of the spellings that mean the same. */
const spelled = (text: string, escape: boolean) =>
    escape
        ? `"${text
              .split("")
              .map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`)
              .join("")}"`
        : JSON.stringify(text);

/** White space that one file has everywhere. */
const spacings: [string, string, string][] = [
    ["", ":", ""],
    [" ", ": ", " "],
    ["\n   ", ": ", "\n"],
    ["\r\n\t", " :\t", "\r\n"],
    ["\n\n", "\n:\n", " \t\n "],
];

/** One JSON text of a value, in this spacing. */
function text(value: unknown, spacing: [string, string, string], escapeKeys: boolean): string {
    const [lead, colon, tail] = spacing;
    const wrap = (open: string, parts: string[], close: string) =>
        parts.length === 0
            ? `${open}${tail}${close}`
            : `${open}${parts.map((part) => lead + part).join(",")}${tail}${close}`;
    if (Array.isArray(value)) {
        return wrap(
            "[",
            value.map((each) => text(each, spacing, escapeKeys)),
            "]",
        );
    }
    if (typeof value === "object" && value !== null) {
        const members = Object.entries(value).map(
            ([key, each]) => spelled(key, escapeKeys) + colon + text(each, spacing, escapeKeys),
        );
        return wrap("{", members, "}");
    }
    return JSON.stringify(value);
}

const entry = fc.oneof(
    fc.constantFrom("nas:5000", "10.0.0.0/8", "ünïcode:1", 'quo"te\\', "a/b"),
    fc.string({ maxLength: 12 }),
);
const optional = { requiredKeys: [] };
const foreign = fc.dictionary(
    // "__proto__" is no key of a JavaScript object literal.
    fc.string({ unit: "grapheme", maxLength: 12 }).filter((key) => key !== "__proto__"),
    fc.jsonValue({ maxDepth: 4, stringUnit: "grapheme" }),
    { maxKeys: 6 },
);
const known = fc.record(
    {
        "insecure-registries": fc.array(entry, { maxLength: 4 }),
        "registry-mirrors": fc.array(entry, { maxLength: 3 }),
        "log-driver": fc.constantFrom("db", "json-file", "local"),
        "log-opts": fc.dictionary(fc.string({ maxLength: 6 }), fc.string({ maxLength: 6 }), { maxKeys: 3 }),
    },
    optional,
);
// Sixteen thousand bytes; few, since they take most of the time.
const large = fc
    .constantFrom(0, 0, 0, 0, 0, 0, 0, 100)
    .map((count) =>
        Object.fromEntries(
            Array.from({ length: count }, (_, i) => [`key-${i}`, { nested: ["x".repeat(80), i, i / 7, 1e-9 * i] }]),
        ),
    );
const file = fc.record({
    content: fc.oneof(
        {
            weight: 15,
            arbitrary: fc
                .tuple(foreign, known, foreign, large)
                // As JSON has it, which knows no -0.
                .map((parts) => JSON.parse(JSON.stringify(Object.assign({}, ...parts))) as Record<string, unknown>),
        },
        { weight: 1, arbitrary: fc.constant<Record<string, unknown>>({}) },
    ),
    spacing: fc.constantFrom(...spacings),
    escapeKeys: fc.boolean(),
    before: fc.constantFrom("", "\n", "\uFEFF", " \r\n"),
    after: fc.constantFrom("", "\n", "\r\n\r\n", "  "),
});
const wanted = fc.record(
    {
        "insecure-registries": fc.array(entry, { minLength: 1, maxLength: 3 }),
        "registry-mirrors": fc.array(entry, { minLength: 1, maxLength: 2 }),
        "log-driver": fc.constantFrom("json-file", "local"),
        "log-opts": fc.dictionary(fc.string({ maxLength: 6 }), fc.string({ maxLength: 6 }), { maxKeys: 3 }),
    },
    optional,
);

const nested = (value: unknown) => typeof value === "object" && value !== null;

/** What a file shows; all of it must come up among the 200. */
const features: Record<string, (original: string, content: Record<string, unknown>) => boolean> = {
    "an object in an object": (_, content) =>
        Object.values(content).some((value) => nested(value) && !Array.isArray(value)),
    "a list in a list": (_, content) =>
        Object.values(content).some((value) => Array.isArray(value) && value.some(nested)),
    "other than ASCII": (original) => /[^\0-\x7f\uFEFF]/.test(original),
    escapes: (original) => /\\u[0-9a-f]{4}/.test(original),
    "a single line": (original) => !/[\r\n]/.test(original),
    CRLF: (original) => original.includes("\r\n"),
    tabs: (original) => original.includes("\t"),
    "a byte order mark": (original) => original.startsWith("\uFEFF"),
    "no final newline": (original) => original.endsWith("}"),
    "more than 10,000 bytes": (original) => original.length > 10_000,
    "nothing in it": (_, content) => Object.keys(content).length === 0,
    "a list that settings go into": (_, content) => Array.isArray(content["insecure-registries"]),
};

describe.each(awks)("under %s", (_, [command = "awk", ...args]) => {
    let directory: string;
    const at = (name: string) => path.join(directory, name);
    beforeAll(() => {
        directory = fs.mkdtempSync(path.join(os.tmpdir(), "nas-registry-awk-"));
    });
    afterAll(() => fs.rmSync(directory, { recursive: true, force: true }));

    /** What the stack of own.record asks for from now on: changes the file and its base, and says which keys changed. */
    const merge = async (settings: object) => {
        fs.writeFileSync(at("new"), JSON.stringify({ stack: "project/stack/name", settings }));
        const names = ["file", "base", "own.record", "new", "next", "next-base", "own.record"];
        const { code, stdout, stderr } = await capture(command, [...args, program, "merge", ...names.map(at)], {
            env: { PATH: process.env.PATH, LC_ALL: "C" },
        });
        expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: "" });
        fs.renameSync(at("new"), at("own.record"));
        fs.renameSync(at("next"), at("file"));
        fs.renameSync(at("next-base"), at("base"));
        return stdout.split("\n").filter(Boolean);
    };
    const read = (name: string) => fs.readFileSync(at(name), "utf8");
    const parsed = (name: string) => JSON.parse(read(name).replace("\uFEFF", "")) as Record<string, unknown>;

    test("200 generated files: the settings are in them, all else is as it was, revert leaves the same bytes, and what others have changed", async () => {
        const shown = new Set<string>();
        await fc.assert(
            fc.asyncProperty(file, wanted, async ({ content, spacing, escapeKeys, before, after }, settings) => {
                const original = before + text(content, spacing, escapeKeys) + after;
                for (const [name, shows] of Object.entries(features)) {
                    if (shows(original, content)) {
                        shown.add(name);
                    }
                }
                for (const name of ["base", "own.record"]) {
                    fs.rmSync(at(name), { force: true });
                }
                fs.writeFileSync(at("file"), original);
                const changed = await merge(settings);
                const merged = parsed("file");
                expect(Object.keys(merged).slice(0, Object.keys(content).length)).toEqual(Object.keys(content));
                for (const [key, value] of Object.entries(content)) {
                    const list = settings[key as keyof typeof settings];
                    if (list === undefined) {
                        expect(merged[key]).toEqual(value);
                    } else if (Array.isArray(list)) {
                        expect((merged[key] as unknown[]).slice(0, (value as unknown[]).length)).toEqual(value);
                    }
                }
                for (const [key, value] of Object.entries(settings)) {
                    if (Array.isArray(value)) {
                        expect(new Set(merged[key] as string[])).toEqual(
                            new Set([...((content[key] as string[] | undefined) ?? []), ...value]),
                        );
                    } else {
                        expect(merged[key]).toEqual(value);
                    }
                }
                expect(changed).toEqual(
                    Object.keys(merged).filter((key) => !isDeepStrictEqual(merged[key], content[key])),
                );
                const layout = read("file");
                expect(await merge(settings)).toEqual([]);
                expect(read("file")).toBe(layout);
                expect(read("base")).toBe(original);
                const applied = ["base", "own.record"].map((name) => [name, read(name)] as const);
                expect(await merge({})).toEqual(expect.arrayContaining(changed));
                expect(read("file")).toBe(original);

                // Somebody else changes it, in a layout of their own, while the settings are in it.
                const change = (value: Record<string, unknown>) => ({
                    ...value,
                    "insecure-registries": [
                        ...((value["insecure-registries"] as string[] | undefined) ?? []),
                        "theirs:1",
                    ],
                    theirs: [{}, 1.5, { a: null }],
                });
                fs.writeFileSync(at("file"), JSON.stringify(change(merged), null, 3));
                applied.forEach(([name, was]) => fs.writeFileSync(at(name), was));
                await merge({});
                const left = JSON.stringify(change(content), null, 3);
                // What comes back is spelled as it was.
                expect(escapeKeys ? JSON.stringify(parsed("file"), null, 3) : read("file")).toBe(left);
            }),
            { numRuns: 200 },
        );
        expect([...shown].sort()).toEqual(Object.keys(features).sort());
    }, 300_000);

    test.each([
        ["nothing", ""],
        ["white space", " \n\t\r\n"],
        ["a byte order mark alone", "\uFEFF"],
        ["null", "null\n"],
        ["a byte order mark and Windows' line ends", '\uFEFF{\r\n\t"debug": true\r\n}\r\n'],
        ["white space that JSON does not have at its ends", '\f\v\u00A0{"debug":true}\u00A0\f\n'],
        ["escapes in keys and values", '{"insecure\\u002dregistries":["a\\u003a1"],"\\u0061":"\\ud83d\\ude00\\/"}'],
        ["a lone half of a pair", '{"a":"\\ud800"}'],
        ["the list twice", '{"insecure-registries":["b:1"],"insecure-registries":["a:1"]}'],
        ["null for the list", '{"insecure-registries":null}'],
        ["long and small numbers", '{"a":123456789012345678901234567890,"b":[1e300,-0,0.10,1E-5]}'],
        ["depth", `{"a":${"[".repeat(99)}${"]".repeat(99)}}`],
        ["a key with nothing in it, and a delete character", '{"":1,"\u007F":{}}'],
    ])("%s in the file is what Docker's own reader makes of it", async (_name, original) => {
        ["base", "own.record"].forEach((name) => fs.rmSync(at(name), { force: true }));
        fs.writeFileSync(at("file"), original);
        const meaning = await asOwnerReads("daemon.json", original);
        const list = (meaning?.["insecure-registries"] as string[] | undefined) ?? [];
        expect(await merge({ "insecure-registries": ["nas:5000"] })).toEqual(["insecure-registries"]);
        expect(await asOwnerReads("daemon.json", read("file"))).toEqual({
            ...meaning,
            "insecure-registries": [...list, "nas:5000"],
        });
        await merge({});
        expect(read("file")).toBe(original);
    });
});
