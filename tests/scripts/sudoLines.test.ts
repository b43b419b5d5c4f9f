import * as fs from "node:fs";
import * as path from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { capture } from "../../toolchain/process";
import { ScriptHost, shells } from "./shells";

const components = path.join(__dirname, "../../components");

describe.each(shells)("the lines by which an administrator lets somebody use sudo, by %s", (_, shell) => {
    let host: ScriptHost;
    beforeEach(() => (host = new ScriptHost(shell)));
    afterEach(() => host.remove());

    /** What sudo then reads. */
    const sudoersOf = async (user: string, said: string) => {
        const file = host.path("script.sh");
        fs.writeFileSync(file, 'apply() { sudo_lines /etc/sudoers.d/x; }\ndispatch "$@" </dev/null\n');
        const fakes = `id() { [ "$1" != -un ] && echo 1000 || printf '%s\\n' '${user}'; }\nsudo() { echo '${said}' >&2; return 1; }\n`;
        const { stdout } = await host.run([path.relative(components, file)], {}, "apply", fakes);
        const [, first = "", second] = stdout.split("\n");
        expect(second).toBe("  sudo chmod 440 /etc/sudoers.d/x");
        // An administrator's own shell.
        return (await capture(shell[0] ?? "", [...shell.slice(1), "-c", first.replace(/\| sudo tee .*/, "")])).stdout;
    };

    test.each([
        ["anna", "anna"],
        ["anna-1107.x", "anna-1107.x"],
        // man sudoers: these must be escaped with a backslash when used as part of a name.
        ["DH-EXAMPLE\\anna", "DH-EXAMPLE\\\\anna"],
        ["anna@example.com", "anna\\@example.com"],
        ["anna maria", "anna\\ maria"],
        ["jürgen", "jürgen"],
    ])("name %s so that sudo reads the name", async (user, name) => {
        expect(await sudoersOf(user, "sudo: a password is required")).toBe(`${name} ALL=(ALL) NOPASSWD: ALL\n`);
    });

    test("are none where there is no sudo", async () => {
        const file = host.path("script.sh");
        fs.writeFileSync(file, 'apply() { PATH=/nowhere; sudo_lines /etc/sudoers.d/x; }\ndispatch "$@" </dev/null\n');
        const { stdout } = await host.run([path.relative(components, file)], {}, "apply");
        expect(stdout).toBe("There is no sudo here: let connection.user be root.\n");
    });

    test("lift the terminal that some sudoers ask for", async () => {
        expect(await sudoersOf("DH\\anna", "sudo: sorry, you must have a tty to run sudo")).toBe(
            "DH\\\\anna ALL=(ALL) NOPASSWD: ALL\nDefaults:DH\\\\anna !requiretty\n",
        );
    });
});
