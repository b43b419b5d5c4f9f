import * as fs from "node:fs";
import * as path from "node:path";

import { describe, expect, test } from "vitest";

const root = path.join(__dirname, "../..");
const read = (file: string) => fs.readFileSync(path.join(root, file), "utf8");
const spansOf = (text: string) => [...new Set([...text.matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span))];
const page = read("docs/reference/features.md");
const security = read("SECURITY.md");
const spans = spansOf(page);

describe("the tests named in docs/reference/features.md and SECURITY.md exist:", () => {
    const named = [...new Set([...spans, ...spansOf(security)])].flatMap((span) => {
        const [, file, title] = /^(\S+\.ts): (.+)$/.exec(span) ?? [];
        return file && title ? [{ file, title }] : [];
    });

    test.each(named)("$file has a test '$title'", ({ file, title }) => {
        // The title of a test, or its name in a table of them.
        expect(read(`tests/${file}`)).toMatch(new RegExp(`["\`]${title.replace(/[^\w\s]/g, "\\$&")}["\`](,|: \\()`));
    });
});

describe("SECURITY.md", () => {
    test("promises of every container what a test tries on each, and nothing else", () => {
        const [, section = ""] = /## Every container([^]*?)\n## /.exec(security) ?? [];
        const promised = [...section.matchAll(/^- (.+)$/gm)].map(([, promise = ""]) => promise);
        const tried = [...read("tests/e2e/hardening.test.ts").matchAll(/^ {4}"([^"]+)": \(/gm)].map(([, name]) => name);
        expect(promised).toEqual(tried);
        expect(promised.length).toBeGreaterThan(10);
    });

    test("names a test beside everything that an attacker cannot do", () => {
        const [, table = ""] = /\| attacker([^]*?)\n\n/.exec(security) ?? [];
        const rows = table.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| ---"));
        expect(rows.filter((row) => !row.split("|")[3]?.includes(".ts: "))).toEqual([]);
        expect(rows.length).toBeGreaterThan(8);
    });
});

describe("docs/reference/features.md", () => {
    test("has a test beside every feature", () => {
        const [, deploying = ""] = /## Deploying([^]*?)\n## /.exec(page) ?? [];
        const rows = deploying.split("\n").filter((line) => line.startsWith("| ") && !/^\| (feature|-+) /.test(line));
        expect(rows.filter((row) => !row.includes(".test.ts: "))).toEqual([]);
        expect(rows.length).toBeGreaterThan(20);
    });

    test("names arguments that exist", () => {
        const { resources } = JSON.parse(fs.readFileSync(path.join(root, "schema.json"), "utf8")) as {
            resources: Record<string, { inputProperties: object }>;
        };
        const known = Object.values(resources).flatMap(({ inputProperties }) => Object.keys(inputProperties));
        const args = spans.filter((span) => /^\w+(\.\w+)*$/.test(span)).map((span) => span.split(".")[0] ?? "");
        expect(args.filter((arg) => !known.includes(arg))).toEqual([]);
        expect(args).toContain("extraConfig");
    });
});
