import * as fs from "node:fs";
import * as path from "node:path";

import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { ScriptHost, shells } from "./shells";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINac5tHT4rEfdOQYcalxs7rk41DMvMwPsXobLs782iQp";
const values = {
    public_key: key,
    marker: "nas-registry:0123456789ab",
    forced_command: "/usr/local/bin/docker system dial-stdio",
    from: "",
};
const ours = (changes: string) => `restrict,command="${values.forced_command}" ${key} ${values.marker}:${changes}\n`;

describe.each(shells)("authorized_keys under %s", (_, shell) => {
    let host: ScriptHost;
    let file: string;
    beforeEach(() => {
        host = new ScriptHost(shell);
        file = path.join(host.home, ".ssh", "authorized_keys");
    });
    afterEach(() => host.remove());

    const given = (content: string, mode = 0o600) => {
        fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
        fs.writeFileSync(file, content, { mode });
    };
    const content = () => fs.readFileSync(file, "utf8");
    const run = async (action: "apply" | "revert", changed = {}) => {
        expect(await host.run(["nas/transport.sh"], { ...values, ...changed }, action)).toEqual({
            code: 0,
            stdout: "",
            stderr: "",
        });
    };

    test("the key may run one command and nothing else", async () => {
        given("");
        await run("apply");
        expect(content()).toBe(ours(""));
    });

    test.each([
        "",
        "ssh-rsa AAAA somebody\n",
        "ssh-rsa AAAA no newline",
        "# only a comment\n\n\n",
        "a\r\nb\r\n",
        "a\n\n",
    ])("apply and revert leave %j as it was", async (before) => {
        given(before, 0o644);
        await run("apply");
        expect(content()).toContain(before);
        await run("revert");
        expect(content()).toBe(before);
        expect(fs.statSync(file).mode & 0o777).toBe(0o644);
    });

    test("a second apply does not touch the file", async () => {
        given("ssh-rsa AAAA no newline");
        await run("apply");
        const { ino, mtimeMs } = fs.statSync(file);
        await run("apply");
        expect(fs.statSync(file)).toMatchObject({ ino, mtimeMs });
    });

    test("another command replaces the line", async () => {
        given("ssh-rsa AAAA no newline");
        await run("apply");
        await run("apply", { forced_command: "/opt/docker system dial-stdio" });
        expect(content().match(/nas-registry/g)).toHaveLength(1);
        await run("revert");
        expect(content()).toBe("ssh-rsa AAAA no newline");
    });

    describe("with addresses from which it is let in", () => {
        const from = { from: "192.168.1.0/24,*.lan" };
        const limited = (changes: string) => ours(changes).replace("restrict,", `restrict,from="${from.from}",`);

        test("the key is let in from those alone", async () => {
            given("");
            await run("apply", from);
            expect(content()).toBe(limited(""));
        });

        test.each([
            ["other addresses", { from: "10.0.0.1" }, from],
            ["the first addresses", {}, from],
            ["no addresses any more", from, {}],
        ])("%s come into the place of the line, and the rest stays", async (_, first, second) => {
            given("ssh-rsa AAAA no newline", 0o644);
            await run("apply", first);
            fs.appendFileSync(file, "ssh-rsa BBBB later\n");
            await run("apply", second);
            const line = second === from ? limited("n") : ours("n");
            expect(content()).toBe(`ssh-rsa AAAA no newline\n${line}ssh-rsa BBBB later\n`);
            expect(fs.statSync(file).mode & 0o777).toBe(0o644);
            const { ino, mtimeMs } = fs.statSync(file);
            await run("apply", second);
            expect(fs.statSync(file)).toMatchObject({ ino, mtimeMs });
            await run("revert", second);
            expect(content()).toBe("ssh-rsa AAAA no newline\nssh-rsa BBBB later\n");
        });
    });

    describe("a check", () => {
        const check = async (changed = {}) => {
            const before = fs.existsSync(file) ? content() : undefined;
            const { code, stdout, stderr } = await host.run(["nas/transport.sh"], { ...values, ...changed }, "check");
            expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
            expect(fs.existsSync(file) ? content() : undefined).toBe(before);
            return stdout;
        };
        const edit = (before: string, after: string) => fs.writeFileSync(file, content().replace(before, after));

        test("finds nothing after apply", async () => {
            given("ssh-rsa AAAA no newline");
            for (const from of ["", "10.0.0.1", "10.0.0.0/8,*.lan"]) {
                await run("apply", { from });
                expect(await check({ from })).toBe("");
            }
        });

        test("finds a line that is gone", async () => {
            expect(await check()).toBe(`'${file}' has no line that lets this stack reach the Docker Engine\n`);
            given("ssh-rsa AAAA somebody\n");
            expect(await check()).toContain("has no line that lets this stack");
        });

        test.each([
            ["from elsewhere", "10.0.0.1", 'from="10.0.0.1"', 'from="*"'],
            ["from anywhere", "10.0.0.1", 'from="10.0.0.1",', ""],
            ["from somewhere only", "", "restrict,", 'restrict,from="10.0.0.1",'],
            ["with another option before it", "", "restrict,", "pty,restrict,"],
            ["with another command", "", "dial-stdio", "df"],
        ])("finds a line that lets the key in %s", async (_, from, before, after) => {
            await run("apply", { from });
            edit(before, after);
            expect(await check({ from })).toBe(
                `the line in '${file}' that lets this stack reach the Docker Engine is not as this stack wrote it\n`,
            );
            await run("apply", { from });
            expect(await check({ from })).toBe("");
        });

        test("finds another line with the key", async () => {
            await run("apply");
            fs.appendFileSync(file, `${key} somebody\n`);
            expect(await check()).toBe(`'${file}' has another line with this stack's key\n`);
        });
    });

    test("another key is let in beside the old one, whose line goes then, and everything at the end", async () => {
        given("ssh-rsa AAAA no newline");
        const rotated = { public_key: key.replace("AAAAINac", "AAAAIOac"), marker: "nas-registry:ffffffffffff" };
        await run("apply");
        await run("apply", rotated);
        expect(content().match(/restrict,/g)).toHaveLength(2);
        await run("revert");
        expect(content()).toContain(rotated.public_key);
        expect(content()).not.toContain(key);
        await run("revert", rotated);
        expect(content()).toBe("ssh-rsa AAAA no newline");
    });

    test("what was made is taken away again", async () => {
        await run("apply");
        expect(fs.statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
        expect(fs.statSync(file).mode & 0o777).toBe(0o600);
        await run("revert");
        expect(fs.existsSync(path.dirname(file))).toBe(false);
    });

    test("a key that somebody added meanwhile stays whole", async () => {
        given("ssh-rsa AAAA no newline");
        await run("apply");
        fs.appendFileSync(file, "ssh-rsa BBBB later\n");
        await run("revert");
        expect(content()).toBe("ssh-rsa AAAA no newline\nssh-rsa BBBB later\n");
    });

    test("another stack's key stays", async () => {
        await run("apply");
        await run("apply", { marker: "nas-registry:ffffffffffff" });
        await run("revert");
        expect(content()).toContain("nas-registry:ffffffffffff:");
        await run("revert", { marker: "nas-registry:ffffffffffff" });
    });

    test.each(["", "ssh-rsa AAAA no newline", undefined])(
        "two stacks leave %j as it was, whichever goes first",
        async (before) => {
            const other = { marker: "nas-registry:ffffffffffff" };
            if (before !== undefined) {
                given(before);
            }
            await run("apply");
            await run("apply", other);
            await run("revert");
            await run("revert", other);
            expect(fs.existsSync(path.dirname(file)) ? content() : undefined).toBe(before);
        },
    );

    test("a link leads to the file and stays a link", async () => {
        fs.mkdirSync(host.path("flash"));
        fs.symlinkSync(host.path("flash"), path.join(host.home, ".ssh"));
        fs.writeFileSync(host.path("flash", "authorized_keys"), "ssh-rsa AAAA somebody\n");
        await run("apply");
        expect(fs.lstatSync(path.join(host.home, ".ssh")).isSymbolicLink()).toBe(true);
        expect(fs.readFileSync(host.path("flash", "authorized_keys"), "utf8")).toContain(key);
    });

    test("revert without apply does nothing", async () => {
        await run("revert");
        expect(fs.existsSync(path.dirname(file))).toBe(false);
    });

    describe("with another script at work on the same NAS", () => {
        // What a script's command does is what the other one did a moment before.
        test.each([
            ["making the directory of the locks", 'mkdir() { command mkdir "$@"; command mkdir "$@"; }\n'],
            [
                "taking the directory of the locks away",
                'chmod() { [ -e "$TMPDIR/away" ] || { : >"$TMPDIR/away"; rmdir "$2"; }; command chmod "$@"; }\n',
            ],
        ])("that is %s: the key is let in", async (_doing, before) => {
            given("");
            expect(await host.run(["nas/transport.sh"], values, "apply", before)).toMatchObject({
                code: 0,
                stderr: "",
            });
            expect(content()).toBe(ours(""));
        });
    });

    test("a missing home says what to switch on", async () => {
        fs.rmSync(host.home, { recursive: true });
        const { code, stderr } = await host.run(["nas/transport.sh"], values, "apply");
        expect(code).toBe(1);
        expect(stderr).toContain("enable the user home service");
    });
});

test("any file is the same after apply and revert", async () => {
    const line = fc.string({ unit: "grapheme-ascii", maxLength: 40 });
    await fc.assert(
        fc.asyncProperty(fc.array(line, { maxLength: 5 }), fc.boolean(), async (lines, newline) => {
            const host = new ScriptHost(["dash"]);
            try {
                const before = lines.join("\n") + (newline ? "\n" : "");
                const file = path.join(host.home, ".ssh", "authorized_keys");
                fs.mkdirSync(path.dirname(file));
                fs.writeFileSync(file, before);
                await host.run(["nas/transport.sh"], values, "apply");
                await host.run(["nas/transport.sh"], values, "revert");
                expect(fs.readFileSync(file, "utf8")).toBe(before);
            } finally {
                host.remove();
            }
        }),
        // One that begins like the record of what was changed.
        { numRuns: 60, examples: [[[":", "f"], false]] },
    );
});
