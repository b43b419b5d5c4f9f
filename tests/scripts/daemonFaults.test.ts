import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import * as fs from "node:fs";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { which } from "../../toolchain/process";
import { delivered, FakeNas, awks, settings } from "./daemon/nas";
import { asOwnerReads } from "./owner";
import { shells } from "./shells";

const dash = ["dash"];
const awk = awks[0]?.[1] ?? [];
const meaning = (nas: FakeNas) => JSON.parse(nas.daemonFile) as unknown;

let nas: FakeNas;
afterEach(() => nas.remove());

/** A dockerd that knows --validate, and what it answers to `--validate --config-file FILE` when the condition holds. */
const refusing = (condition: string, reason: string) => `#!/bin/sh
    [ "$*" != --help ] || exec echo "  --validate"
    if ${condition}; then echo "unable to configure: ${reason}" >&2; exit 1; fi
`;

/** It fails with these words, and the NAS is as before. */
const fails = async (words: string, expected: { file?: string; restarts?: number } = {}) => {
    const { code, stderr } = await nas.run("apply");
    expect(stderr).toContain(words);
    expect(code).toBe(1);
    expect(nas.daemonFile).toBe(expected.file ?? delivered);
    expect(nas.restarts).toBe(expected.restarts ?? 0);
    expect(nas.leftovers).toEqual([]);
    expect(nas.has("docker-info")).toBe(true);
};

describe.each(awks)("%s finds", (_, command) => {
    beforeEach(() => {
        nas = new FakeNas(dash, command);
    });

    test.each([
        ["a comma too many", '{"a":1,}', "a key is expected (line 1)"],
        ["a comma too few", '{\n"a":1\n"b":2}', "a comma or '}' is expected (line 3)"],
        ["an end too early", '{"a":[1,2', "a comma or ']' is expected (line 1)"],
        ["a string without end", '{"a":"b}', "a string has no end (line 1)"],
        ["a bad escape", '{"a":"\\x"}', "a string has an unknown escape in it (line 1)"],
        ["text behind the end", "{} {}", "something follows the end (line 1)"],
        ["a list", "[]", "it is no object (line 1)"],
        ["a byte order mark behind a blank", " \uFEFF{}", "a value is expected (line 1)"],
        ["two empty lines before a fault", '\n\n{"a" 1}', "a colon is expected (line 3)"],
        ["a comment", '// mine\n{"a":1}', "a value is expected (line 1)"],
        ["a number with a zero before it", '{"a":01}', "a comma or '}' is expected (line 1)"],
        ["no number", '{"a":NaN}', "a value is expected (line 1)"],
        ["a zero byte", '{"a":\0 1}', "is not JSON in UTF-8"],
        ["a line break in a string", '{"a":"b\nc"}', "a string has a control character in it"],
    ])("%s in the file", async (_name, text, words) => {
        nas.write("dockerd.json", text);
        expect(await asOwnerReads("daemon.json", text)).toBeUndefined();
        await fails(words, { file: text });
    });

    test.each([
        ["UTF-16", Buffer.from("\uFEFF{}", "utf16le"), "is not JSON in UTF-8: mend it or save it so"],
        ["depth", `{"a":${"[".repeat(101)}${"]".repeat(101)}}`, "it is nested more than 100 deep (line 1)"],
        [
            "nothing where a package has its settings",
            " \n",
            "has nothing in it, though Docker's package writes its settings",
        ],
    ])("%s in the file, which Docker takes", async (_name, text, words) => {
        fs.writeFileSync(nas.path("dockerd.json"), text);
        expect(await asOwnerReads("daemon.json", text)).toBeDefined();
        await fails(words, { file: nas.daemonFile });
    });

    test("a key that is no list where a list belongs", async () => {
        const file = '{"insecure-registries":"nas:5000"}';
        nas.write("dockerd.json", file);
        await fails(`'insecure-registries' in '${nas.path("dockerd.json")}' on this NAS is no list`, { file });
    });

    test("no room for temporary files", async () => {
        // Nothing can be written into a file, as on a full disk.
        nas.command(
            "awk",
            `trap "" XFSZ; ulimit -f 0; exec ${command.map((word) => which(word) ?? word).join(" ")} "$@"`,
        );
        await fails("a temporary file could not be written on this NAS: see whether");
    });
});

describe.each(shells)("under %s", (_, shell) => {
    beforeEach(() => {
        nas = new FakeNas(shell, awk);
    });

    test("a file that cannot be replaced", async () => {
        nas.command(
            "mv",
            'case $* in *dockerd.json) echo "mv: Read-only file system" >&2; exit 1 ;; esac; exec /bin/mv "$@"',
        );
        await fails("could not be written: see whether it is writable and the disk has room; the NAS is as before");
    });

    test("a daemon that does not come back", async () => {
        nas.write("refuse", "nas.local:5000");
        await fails(
            "was restarted with the configuration asked for, and it did not come back (failed to start daemon: it refuses); the old file was put back, and the daemon runs with it as before",
            { restarts: 2 },
        );
    });

    test("a connection that is cut does not stop it", async () => {
        nas.write("slow", "0.5");
        const child = start(nas, shell, "apply", ["pipe", "pipe", "pipe"]);
        // Nobody reads what it prints, and its terminal is gone.
        child.stdout?.destroy();
        child.stderr?.destroy();
        await expect.poll(() => nas.has("restarts"), { timeout: 30_000 }).toBe(true);
        // Again and again: one of them is there when the restart ends.
        const cut = setInterval(() => child.kill("SIGHUP"), 1);
        await new Promise((resolve) => child.on("exit", resolve));
        clearInterval(cut);
        // It came to its end, and left nothing for the next run to put right.
        expect(fs.readdirSync(nas.path("dockerd.json.nas-registry"))).not.toContain("journal");
        expect(meaning(nas)).toMatchObject(settings);
        expect(nas.restarts).toBe(1);
        await nas.succeed("revert");
        expect(nas.daemonFile).toBe(delivered);
    });
});

// The same in every shell.
describe("when something is wrong", () => {
    beforeEach(() => {
        nas = new FakeNas(dash, awk);
    });

    test.each(["*/backup-*.??????", "*/base.json.??????", "*.record.pending.??????", "*/dockerd.json.??????"])(
        "a disk that is full when %s is written",
        async (target) => {
            // ENOSPC in the middle: the file is there, half of it.
            const full = `echo '{"data' >"$last"; echo "No space left on device" >&2; exit 1`;
            nas.command("cp", `for last; do :; done; case $last in ${target}) ${full} ;; esac; exec /bin/cp "$@"`);
            nas.command(
                "cat",
                `case $(readlink /proc/$$/fd/1) in ${target}) echo '{"data'; exit 1 ;; esac; exec /bin/cat "$@"`,
            );
            await fails("has room");
        },
    );

    test("a directory that others can change", async () => {
        fs.chmodSync(nas.directory, 0o777);
        await fails(`'${nas.directory}' on this NAS is not a directory that only root can change`);
        expect((await nas.run("check")).stdout).toContain(`others than root can change '${nas.directory}'`);
        fs.rmSync(nas.path("dockerd.json"));
        const { code, stderr } = await nas.run("apply", nas.values("one", settings, { makes_file: "yes" }));
        expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining("only root") as string });
        expect(nas.leftovers).toEqual([]);
        expect(nas.has("dockerd.json")).toBe(false);
    });

    test.runIf(process.getuid?.() === 0)(
        "a directory of the user whose the file is, as a package's may be",
        async () => {
            fs.mkdirSync(nas.path("package"));
            fs.renameSync(nas.path("dockerd.json"), nas.path("package", "dockerd.json"));
            fs.symlinkSync(nas.path("package", "dockerd.json"), nas.path("dockerd.json"));
            [nas.path("package"), nas.path("package", "dockerd.json")].forEach((each) => fs.chownSync(each, 1027, 100));
            await nas.succeed("apply");
            await nas.succeed("revert");
            expect(nas.daemonFile).toBe(delivered);
        },
    );

    test("a daemon that comes back without the settings", async () => {
        nas.write("deaf", delivered);
        await fails('it came back without insecure-registries "nas.local:5000"', { restarts: 2 });
    });

    test("a package whose start writes the file anew", async () => {
        nas.write("rewrite", delivered);
        await fails('it came back without insecure-registries "nas.local:5000"', { restarts: 2 });
    });

    test("a restart that does nothing: the file is put back, and the next run knows that a restart is due", async () => {
        nas.write("docker.pid", "77");
        nas.command("jq", `echo 77 >'${nas.path("docker.pid")}'; exec /usr/bin/jq "$@"`);
        const { code, stderr } = await nas.run("apply");
        expect(code).toBe(1);
        expect(stderr).toContain("it did not stop; the old file was put back, but the restart with it failed, too");
        expect(nas.daemonFile).toBe(delivered);
        fs.rmSync(nas.path("bin", "jq"));
        await nas.succeed("apply", nas.values("one", {}));
        expect(nas.restarts).toBe(3);
        expect(nas.leftovers).toEqual([]);
    });

    test("an engine that refuses the file before it is written", async () => {
        nas.write("engine/dockerd", refusing('grep -q mirror.local "$3"', "bad mirror"), 0o755);
        await fails("the Docker Engine of this NAS refuses the configuration (unable to configure: bad mirror)");
    });

    test("an engine that refuses every file, whatever it says, is not asked to judge this one", async () => {
        nas.write(
            "engine/dockerd",
            refusing("true", "userland-proxy is enabled, but userland-proxy-path is not set"),
            0o755,
        );
        await nas.succeed("apply");
        expect(nas.restarts).toBe(1);
    });

    test("an engine that looks for the programs beside it", async () => {
        nas.write("engine/docker-proxy", "#!/bin/sh\n", 0o755);
        nas.write("engine/dockerd", refusing('! docker-proxy || grep -q mirror.local "$3"', "bad mirror"), 0o755);
        await fails("the Docker Engine of this NAS refuses the configuration (unable to configure: bad mirror)");
    });

    test("a user who is not root", async () => {
        nas.command("sudo", "exit 1");
        const { code, stderr } = await nas.run("apply", nas.values("one", settings, { uid: 1026 }));
        expect(code).toBe(1);
        expect(stderr).toContain(
            "connection.user: tester may not change the Docker daemon's configuration, which needs root",
        );
        expect(stderr).toContain("sudo tee /etc/sudoers.d/nas-registry");
    });

    test("a failing revert leaves the settings, and says so", async () => {
        await nas.run("apply");
        const applied = nas.daemonFile;
        nas.write("refuse", '"db"');
        const { code, stderr } = await nas.run("revert");
        expect(code).toBe(1);
        expect(stderr).toContain("it did not come back");
        expect(nas.daemonFile).toBe(applied);
        fs.rmSync(nas.path("refuse"));
        await nas.succeed("revert");
        expect(nas.daemonFile).toBe(delivered);
        expect(nas.leftovers).toEqual([]);
    });
});

/** Rounds at a time: they wait more than they compute. */
const atOnce = 4;

/** Commands that change files, and those around them. */
const commands = ["cat", "cp", "mkdir", "mktemp", "mv", "rm", "rmdir", "ln", "jq", "date", "tr"];

/** Lets the script and all its children be killed at the n-th of these commands. */
function killAt(nas: FakeNas, n: number): void {
    nas.write("kill-at", String(n));
    for (const name of commands) {
        nas.command(
            name,
            `if [ -f '${nas.path("kill-at")}' ]; then
                printf x >>'${nas.path("count")}'
                [ "$(/usr/bin/wc -c <'${nas.path("count")}')" != "$(/bin/cat '${nas.path("kill-at")}')" ] || kill -9 0
            fi
            exec ${which(name)} "$@"`,
        );
    }
}

/** Starts the script in a process group of its own. */
function start(nas: FakeNas, [command = "", ...args]: string[], action: string, stdio: StdioOptions): ChildProcess {
    const env = { PATH: process.env.PATH, TMPDIR: nas.directory };
    const child = spawn(command, [...args, "-s", action], { detached: true, stdio, env });
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(nas.script());
    return child;
}

/** Whether it came to its end. */
function ends(nas: FakeNas, action: "apply" | "revert"): Promise<boolean> {
    const child = start(nas, dash, action, ["pipe", "ignore", "ignore"]);
    return new Promise((resolve) => child.on("close", (code) => resolve(code === 0)));
}

test("killed with settings that the daemon refuses: the next apply fails, and puts the last good file back", async () => {
    nas = new FakeNas(dash, awk);
    await nas.succeed("apply", nas.values("one", { "insecure-registries": ["good:1"] }));
    const good = nas.daemonFile;
    nas.write("refuse", "nas.local:5000");
    // Cut off while the daemon restarts.
    nas.write("slow", "1000");
    const child = start(nas, dash, "apply", ["pipe", "ignore", "ignore"]);
    await expect.poll(() => nas.restarts, { timeout: 30_000 }).toBe(2);
    process.kill(-(child.pid ?? 0), "SIGKILL");
    fs.rmSync(nas.path("slow"));
    const { code, stderr } = await nas.run("apply");
    expect(code).toBe(1);
    expect(stderr).toContain("the old file was put back, and the daemon runs with it as before");
    expect(nas.daemonFile).toBe(good);
    await nas.succeed("revert");
    expect(nas.daemonFile).toBe(delivered);
    expect(nas.leftovers.filter((name) => !name.startsWith("tmp."))).toEqual([]);
}, 60_000);

describe.each([
    ["apply", "apply"],
    ["apply", "revert"],
    ["revert", "revert"],
] as const)("%s killed at any command", (killed, next) => {
    test(`${next} ends as it should: the file, the running daemon, and nothing left`, async () => {
        const once = async (n: number): Promise<boolean> => {
            // In a layout that nothing would write.
            const original = `  ${delivered.replace(",", " ,")} \n`;
            const nas = new FakeNas(dash, awk, original);
            if (killed === "revert") {
                await nas.succeed("apply");
            }
            killAt(nas, n);
            const ended = await ends(nas, killed);
            fs.rmSync(nas.path("kill-at"));
            await nas.succeed(next);
            const info = JSON.parse(nas.read("docker-info")) as Record<string, unknown>;
            const hasSettings = next === "apply";
            expect(info["registry-mirrors"] ?? [], `killed at ${n}`).toEqual(
                hasSettings ? ["https://mirror.local/"] : [],
            );
            if (hasSettings) {
                expect(meaning(nas), `killed at ${n}`).toMatchObject(settings);
                await nas.succeed("revert");
            }
            expect(nas.daemonFile, `killed at ${n}`).toBe(original);
            expect(
                nas.leftovers.filter((name) => !name.startsWith("tmp.")),
                `killed at ${n}`,
            ).toEqual([]);
            nas.remove();
            return ended;
        };
        // Until it is too far to be killed at.
        let ended = 0;
        for (let n = 1; ended === 0; n += atOnce) {
            const rounds = Array.from({ length: atOnce }, (_, i) => n + i);
            const ends = await Promise.all(rounds.map(once));
            ended = rounds.find((_, i) => ends[i]) ?? 0;
        }
        expect(ended).toBeGreaterThan(20);
    }, 600_000);
});
