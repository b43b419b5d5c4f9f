import { readdirSync } from "node:fs";
import * as path from "node:path";

import { describe, expect, test } from "vitest";

import { renderReadableScript, renderScript, shellQuote } from "../../components/nas/script";
import { capture, run } from "../../toolchain/process";

const components = path.join(__dirname, "../../components");
const shellScripts = readdirSync(components, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".sh"),
);

describe("values of scripts", () => {
    test.each(["", "a'b", "$HOME `id` \\", "line\nline", "'; rm -rf / #"])(
        "%j reaches the shell as it is",
        async (text) => {
            const { stdout } = await capture("sh", ["-c", `printf %s ${shellQuote(text)}`]);
            expect(stdout).toBe(text);
        },
    );
    test("come before the scripts", () => {
        expect(renderReadableScript({ a: "1", b: 2 }, "nas/lib.sh")).toMatch(
            /^a='1'\nb='2'\n# What every script begins with/,
        );
    });
    test("stay as they are where comments are left out", () => {
        const values = { text: "line\n# no comment\n" };
        const rendered = renderScript(values, "nas/lib.sh");
        expect(rendered).toContain("# no comment");
        expect(rendered.match(/^\s*#.*/gm)).toEqual(["# no comment"]);
        expect(rendered.length).toBeLessThan(renderReadableScript(values, "nas/lib.sh").length * 0.7);
    });
    test.each(shellScripts)("no line of %s looks like a comment and is none", async (file) => {
        // Bash prints what it has understood: of comments nothing, of texts all.
        expect(await run("bash", ["--pretty-print", file], { cwd: components })).not.toMatch(/^\s*#/m);
    });
});

/** A script as bash has understood it: its functions by name, in the form that bash prints, and all else. */
async function understood(script: string): Promise<{ functions: Map<string, string>; rest: string }> {
    const FUNCTION = /^(\w+) \(\) \n\{[^]*?^\}\n/gm;
    const printed = await run("bash", ["--pretty-print"], { input: script });
    return {
        functions: new Map(Array.from(printed.matchAll(FUNCTION), ([text, name = ""]) => [name, text])),
        rest: printed.replace(FUNCTION, "").replace(/^\n/gm, ""),
    };
}

describe("of the functions that a script is given", () => {
    const shared = ["nas/lib.sh", "nas/vendor.sh"];
    const programs = shellScripts.filter((file) => file.startsWith("operations/"));

    test.each([
        ...shellScripts.map((file) => [file]),
        ["nas/synology/synology.sh", "nas/data.sh", "nas/files.sh"],
        ["nas/qnap/qnap.sh", "nas/qnap/schedule.sh", ...programs],
    ])("all stay that anything else names, as they are: %s", async (...files) => {
        const [all, sent] = await Promise.all(
            [renderReadableScript, renderScript].map((render) => understood(render({}, ...shared, ...files))),
        );
        expect(sent?.rest).toBe(all?.rest);
        const text = [sent?.rest, ...(sent?.functions.values() ?? [])].join("");
        const words = new Set(text.match(/\w+/g));
        for (const [name, body] of all?.functions ?? []) {
            expect(sent?.functions.get(name) ?? name).toBe(words.has(name) ? body : name);
        }
    });

    test("those that nothing names are left out, also what only they call, and defaults of what nobody asks the vendor", () => {
        const trial = renderScript({}, ...shared, "nas/synology/synology.sh", "registry/trial.sh");
        expect(trial).toContain("\nrun_docker() {");
        expect(trial).not.toMatch(/take_lock|break_lock|nas_firmware|nas_warnings/);
    });

    test("those stay that are called by a name in parts", () => {
        const calls = renderScript({}, "nas/lib.sh", "nas/vendor.sh", ...programs);
        expect(calls).toContain("\noperation_gc() {");
        expect(calls).toContain("\nput_down_restore() {");
        const client = renderScript({}, ...["lib", "containerd", "main"].map((file) => `clients/kinds/${file}.sh`));
        expect(client).toContain("\ncontainerd_settle() {");
    });
});
