import * as fs from "node:fs";
import * as path from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { evilText, unprintable } from "../evilText";
import { ScriptHost, shells } from "./shells";

const components = path.join(__dirname, "../../components");

describe.each(shells)("a script's verb in %s", (_, shell) => {
    let host: ScriptHost;
    beforeEach(() => (host = new ScriptHost(shell)));
    afterEach(() => host.remove());

    const script = (text: string, verb?: string) => {
        const file = host.path("script.sh");
        fs.writeFileSync(file, `${text}\ndispatch "$@" </dev/null\n`);
        return host.run([path.relative(components, file)], {}, verb);
    };
    const run = (functions: string[], verb?: string) =>
        script(functions.map((name) => `${name}() { echo "${name} $*"; }`).join("\n"), verb);

    test("is the function that runs, after what the script prepares for it", async () => {
        expect(await run(["prepare", "apply", "revert"], "revert")).toMatchObject({
            code: 0,
            stdout: "prepare revert\nrevert \n",
        });
    });

    test("is apply when none is given", async () => {
        expect(await run(["apply"])).toMatchObject({ code: 0, stdout: "apply \n" });
    });

    test.each(["collect", "ls"])("that the script does not have, %s, is refused before anything runs", async (verb) => {
        expect(await run(["prepare", "apply"], verb)).toMatchObject({
            code: 1,
            stdout: "",
            stderr: `nas-registry: '${verb}' is not known: it is no verb of this script.\n`,
        });
    });

    describe.each(["apply", "revert", "check", "own"])("%s", (verb) => {
        /** What a command prints that is not the NAS's own, and all that happens to the script then. */
        const hostile = async (ending: string) => {
            const command = host.path("mkdir");
            fs.writeFileSync(command, `#!/bin/sh\ncat '${host.path("evil")}'; cat '${host.path("evil")}' >&2; false`, {
                mode: 0o755,
            });
            fs.writeFileSync(host.path("evil"), `seen ${evilText}\n`);
            const text = `verbs="apply revert check own"; prepare() { '${command}' || true; }; ${verb}() { ${ending}; }`;
            return script(text.replaceAll("COMMAND", `'${command}'`), verb);
        };

        test.each([
            ["succeeds", "COMMAND || true", 0, /^(.*seen.*\n){2}$/],
            ["fails", "COMMAND; echo never", 1, /^(.*seen.*\n){2}nas-registry: not all was done.*\n$/],
            ["is at its end", "exit 7", 1, /^.*seen.*\nnas-registry: not all was done.*\n$/],
            ["stops it in a shell of its own", "(COMMAND)", 1, /^(.*seen.*\n){2}nas-registry: not all was done.*\n$/],
            ["dies", 'COMMAND || die "first, $(COMMAND)"', 1, /^(.*seen.*\n){3}nas-registry: first, seen.*\n$/],
            [
                "does more at its end",
                "at_exit=more; more() { COMMAND; }; false",
                1,
                /^(.*seen.*\n){2}nas-registry: not/,
            ],
        ])("of a script that %s leaves nothing that a terminal obeys", async (_name, ending, code, told) => {
            const result = await hostile(ending);
            expect(result.stdout + result.stderr).not.toMatch(unprintable);
            expect(result.stdout).toContain("seen [2J");
            expect(result).toMatchObject({ code, stderr: expect.stringMatching(told) as string });
        });
    });

    test("is told by how it ends, also when it is killed", async () => {
        const { code, stdout } = await script("apply() { echo before; sh -c 'kill -9 $PPID'; echo after; }");
        expect({ code, stdout }).toEqual({ code: 137, stdout: "before\n" });
    });

    test("that the script streams is seen at once, and as it is", async () => {
        const seen = host.path("seen");
        const text = `verbs=run streams=run; run() { echo first; until [ -e '${seen}' ]; do sleep 0.1; done; echo second >&2; }`;
        const ended = script(text, "run");
        setTimeout(() => fs.writeFileSync(seen, ""), 300);
        expect(await ended).toMatchObject({ code: 0, stdout: "first\n", stderr: "second\n" });
    });
});
