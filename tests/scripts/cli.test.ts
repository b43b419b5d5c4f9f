import * as fs from "node:fs";
import * as path from "node:path";

import { expect, test } from "vitest";

import { capture } from "../../toolchain/process";

const main = path.join(__dirname, "../../components/cli/main.ts");
const command = (...args: string[]) => capture(process.execPath, ["--import", "tsx", main, ...args]);

test.each([["--help"], ["check", "--help"], ["-h"]])(
    "%j says which commands there are, and what the exit codes mean",
    async (...args) => {
        const { code, stdout, stderr } = await command(...args);
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
        expect(stdout).toMatch(
            /^Usage: [^]*\n {2}check .*\n {2}chain .*\n {2}client-setup .*\n.*\n {2}client-undo .*\n[^]*exit code/,
        );
        expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(120);
    },
);

test.each([
    [["chek", "--stack", "x"], "'chek' is not a command; did you mean check?"],
    [["check", "--stak", "x"], "Unknown option '--stak'"],
    [
        ["restore", "--from-replica", "--repository", "app"],
        "--from-replica goes with --missing and --dry-run alone, and not with --repository.",
    ],
    [["restore", "--rehearse", "--dry-run"], "--rehearse goes with --snapshot alone, and not with --dry-run."],
    [
        ["restore", "--replace", "--missing"],
        "--missing goes with --snapshot, --from-replica, --dry-run and --damaged alone, and not with --replace.",
    ],
    [["check", "synology"], "Unexpected argument 'synology'. This command does not take positional arguments"],
])("%j is refused in one line", async (args, sentence) => {
    expect(await command(...args)).toEqual({ code: 2, stdout: "", stderr: `nas-registry: ${sentence}\n` });
});

test.each(["", "reboot", "toString"])(
    "%j is no command, and those that there are, as the help has them, are named",
    async (name) => {
        const help = await command("--help");
        const names = new Set([...help.stdout.matchAll(/^ {2}([a-z-]+) /gm)].map(([, each]) => each));
        const { code, stderr } = await command(...(name ? [name] : []));
        const [, told, listed = ""] = /^nas-registry: (.*) is not a command; give (.*)\.\n$/.exec(stderr) ?? [];
        expect([code, told]).toEqual([2, `'${name}'`]);
        expect(listed.split(", ").sort()).toEqual([...names].sort());
    },
);

test("each option of the help is one of its command", async () => {
    const { stdout } = await command("--help");
    const named = [...stdout.matchAll(/^ {2}([a-z-]+) (.*)$/gm)].map(([, name = "", line = ""]) => [
        name,
        ...[...line.matchAll(/(--[a-z-]+)( [^\]]+\])?/g)].flatMap(([, option = "", value]) =>
            value ? [option, "value"] : [option],
        ),
    ]);
    expect(named).toContainEqual(["replicate", "--dry-run"]);
    for (const words of named.filter(({ length }) => length > 1)) {
        // What follows is refused before anything is asked.
        expect((await command(...words, "another")).stderr, words.join(" ")).not.toContain("Unknown option");
    }
});

test("is what the package installs", () => {
    const root = path.join(__dirname, "../..");
    const { bin } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")) as {
        bin: Record<string, string>;
    };
    expect(Object.keys(bin)).toEqual(["nas-registry"]);
    const source = path.join(root, bin["nas-registry"]?.replace(/^bin\/(.*)\.js$/, "$1.ts") ?? "");
    expect(source).toBe(main);
    expect(fs.readFileSync(source, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
});
