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
        { numRuns: 60 },
    );
});
