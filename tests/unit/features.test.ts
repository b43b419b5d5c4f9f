import * as fs from "node:fs";
import * as path from "node:path";

import { describe, expect, test } from "vitest";

const root = path.join(__dirname, "../..");
const page = fs.readFileSync(path.join(root, "docs/features.md"), "utf8");
const spans = [...new Set([...page.matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span))];

describe("docs/features.md", () => {
    const named = spans.flatMap((span) => {
        const [, file, title] = /^(\S+\.test\.ts): (.+)$/.exec(span) ?? [];
        return file && title ? [{ file, title }] : [];
    });

    test.each(named)("$file has a test '$title'", ({ file, title }) => {
        const text = fs.readFileSync(path.join(root, "tests", file), "utf8");
        expect(text).toContain(`"${title}", `);
    });

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
