import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { capture, type CommandResult } from "../../toolchain/process";
import { repositoryRoot } from "../../toolchain";

const directory = path.join(repositoryRoot, ".demo-test");
const elsewhere = fs.mkdtempSync(path.join(os.tmpdir(), "nas-registry-test-"));
const env = { ...process.env, DEMO_NAMESPACE: "demo-test", ENGINE: "26.1" };
const tsx = (program: string, others: NodeJS.ProcessEnv = {}) =>
    capture(
        process.execPath,
        [path.join(repositoryRoot, "node_modules/.bin/tsx"), path.join(repositoryRoot, program)],
        {
            cwd: elsewhere,
            env: { ...env, ...others },
        },
    );

let demo: CommandResult;
let lines: string[];

beforeAll(async () => {
    demo = await tsx("lab/demo.ts");
    lines = demo.stdout.split("\n");
}, 600_000);
afterAll(async () => {
    await tsx("lab/demoDown.ts");
    fs.rmSync(elsewhere, { recursive: true });
});

/** What stands behind a title, of one of the two NASes. */
const printed = (title: string, vendor?: string): string => {
    const after = vendor ? lines.slice(lines.findIndex((line) => line.startsWith(`${vendor}: https`))) : lines;
    return (
        after
            .find((line) => line.startsWith(`${title} `))
            ?.slice(title.length)
            .trim() ?? `echo no ${title}; exit 1`
    );
};

/** Pastes lines into a shell in a folder that has nothing to do with the demo. */
const paste = (...commands: string[]) =>
    capture("bash", ["-e"], {
        cwd: elsewhere,
        env: { PATH: process.env.PATH, HOME: process.env.HOME },
        input: [printed("Environment"), ...commands].join("\n"),
    });

test("it ends well, on the engine that was asked for", () => {
    expect(demo.stderr).toBe("");
    expect([demo.code, demo.stdout]).toEqual([0, expect.stringContaining("Done in")]);
});

test.each(["synology", "qnap"])("every line that is printed for %s works in any folder", async (vendor) => {
    const expected: Record<string, RegExp> = {
        Password: /^\S{20,}\n$/,
        Stack: /^Current stack is/,
        Push: /Login Succeeded[^]*1: digest: sha256:/,
        Catalog: /^\{"repositories":\["demo\/hello","mine"\]\}\s*$/,
        Check: /nothing found;/,
    };
    for (const [title, answer] of Object.entries(expected)) {
        const { code, stdout, stderr } = await paste(printed(title, vendor));
        expect([title, code, stderr.replace(/WARNING[^]*/, "")]).toEqual([title, 0, ""]);
        expect(stdout).toMatch(answer);
        expect(stdout.split("\n").length, `${title} ends in no pages of scripts`).toBeLessThan(100);
    }
    const { code, stdout } = await paste(
        `${printed("NAS shell", vendor)} /usr/lib/nas-registry-lab/engine/docker --version`,
    );
    expect([code, stdout]).toEqual([0, expect.stringContaining("26.1")]);
});

test("an unknown engine is named before anything ends", async () => {
    const { code, stderr } = await tsx("lab/demo.ts", { ENGINE: "19.03" });
    expect([code, stderr]).toEqual([1, "no engine '19.03': choose one of 20.10, 26.1, 28.5, 28.5-containerd\n"]);
    expect(fs.existsSync(directory)).toBe(true);
});
