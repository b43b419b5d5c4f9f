import * as fs from "node:fs";
import * as path from "node:path";

import { describe, expect, test } from "vitest";
import { parse } from "yaml";

import type { NasRegistryArgs } from "../../components";
import { blocksOf, commandsOf, pages } from "../pages";
import { made } from "./made";

const tests = path.join(__dirname, "..");
/** The commands that tests take from pages. */
const run = fs
    .readdirSync(tests, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .flatMap((name) => [
        ...fs.readFileSync(path.join(tests, name), "utf8").matchAll(/\bshown\(\s*(["'`])((?:\\.|(?!\1).)+)\1/g),
    ])
    .map(([, , literal = ""]) => literal.replaceAll(/\\(.)/g, "$1"));
/** Whatever the example's stack is called. */
const anyStack = (command: string) => command.replace(/--stack \S+/, "--stack STACK");
const onPages = pages.flatMap(commandsOf);

test.each(pages)("a test runs each command of docs/%s", (page) => {
    const known = run.map(anyStack);
    expect(commandsOf(page).filter((command) => !known.includes(anyStack(command)))).toEqual([]);
});

test("each command that a test takes from a page is there", () => {
    expect(run.filter((command) => !onPages.includes(command))).toEqual([]);
    expect(onPages.length).toBeGreaterThan(30);
});

test("commands are where they are looked for", () => {
    const languages = new Set(pages.flatMap(blocksOf).map(({ language }) => language));
    expect([...languages].sort()).toEqual(["", "sh", "toml", "ts", "yaml"]);
});

const configurations = pages.flatMap((page) =>
    blocksOf(page)
        .filter(({ language }) => language === "yaml")
        .map(({ text }) => ({ page, of: parse(text) as Record<string, unknown> })),
);

describe("the configuration of docs/", () => {
    const stacks = configurations.filter(({ of }) => "config" in of);

    test.each(stacks)("$page is one that an update takes", async ({ of }) => {
        const { "nas-registry:registry": args, ...others } = of.config as Record<string, Partial<NasRegistryArgs>>;
        expect(others).toEqual({});
        expect((await made(args ?? {})).container()).toMatchObject({ name: "registry" });
    });

    test("of other programs is what is left", () => {
        const left = configurations.filter((each) => !stacks.includes(each));
        expect(left.map(({ of }) => Object.keys(of))).toEqual([["scrape_configs", "rule_files"], ["mirrors"]]);
        expect(stacks.length).toBeGreaterThan(6);
    });
});
