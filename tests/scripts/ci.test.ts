import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { capture, which, type CommandResult } from "../../toolchain/process";
import { Forge, type Comment } from "../forge";
import { shells } from "./shells";

const ci = path.join(__dirname, "..", "..", "ci");

let directory: string;
let forge: Forge | undefined;
beforeEach(() => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), "nas-registry-ci-"));
    fs.mkdirSync(path.join(directory, "bin"));
});
afterEach(async () => {
    fs.rmSync(directory, { recursive: true, force: true });
    await forge?.stop();
    forge = undefined;
});

/** A program on PATH that stands for another. */
function program(name: string, script: string): void {
    fs.writeFileSync(path.join(directory, "bin", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

const read = (name: string) => fs.readFileSync(path.join(directory, name), "utf8");

describe.each(shells)("under %s", (_, [shell = "sh", ...shellArgs]) => {
    const run = (script: string, args: string[], env: Record<string, string> = {}): Promise<CommandResult> =>
        capture(shell, [...shellArgs, path.join(ci, script), ...args], {
            cwd: directory,
            env: { PATH: `${path.join(directory, "bin")}:${process.env.PATH}`, TMPDIR: directory, ...env },
            timeout: 30_000,
        });

    describe("preview.sh", () => {
        const preview = (env: Record<string, string> = {}) => run("preview.sh", ["synology", "reports/a.md"], env);

        test("asks for the stack with the policy pack, and nothing else", async () => {
            program("pulumi", `printf '%s\\n' "$@" >arguments`);
            expect((await preview()).code).toBe(0);
            expect(read("arguments").trim().split("\n")).toEqual(
                "preview --stack synology --policy-pack policy --diff --non-interactive --color never".split(" "),
            );
        });

        test("ends as the preview ended, and says so in the report", async () => {
            program("pulumi", "echo 'error: no stack named synology' >&2; exit 255");
            const { code, stdout } = await preview();
            expect(code).toBe(255);
            expect(stdout).toContain("no stack named synology");
            expect(read("reports/a.md")).toMatch(/synology: preview \*\*failed\*\*[^]*no stack named synology/);
        });

        test("shows the number of changes above the details", async () => {
            program("pulumi", `printf 'planned\\nResources:\\n    ~ 1 to update\\n    20 unchanged\\n'`);
            await preview();
            expect(read("reports/a.md")).toMatch(/preview succeeded\n\n<pre>\nResources:\n.*1 to update[^]*<details>/);
        });

        test("hides the values of secret variables, of several lines too", async () => {
            program(
                "pulumi",
                `p=$PULUMI_CONFIG_PASSPHRASE; printf 'pass %s, twice %s\\n%s\\n' "$p" "$p" "$NAS_SSH_KEY"`,
            );
            const { stdout } = await preview({
                PULUMI_CONFIG_PASSPHRASE: "a.*b&\\c",
                NAS_SSH_KEY: "FIRST LINE\nSECOND LINE",
            });
            expect(stdout).toBe("pass [secret], twice [secret]\n[secret]\n[secret]\n");
            expect(read("reports/a.md")).not.toMatch(/a\.\*b|FIRST|SECOND/);
        });

        test("shows nothing that a terminal would obey", async () => {
            fs.writeFileSync(path.join(directory, "evil"), "\x1b[2J\x07\b\rred");
            program("pulumi", "cat evil");
            expect((await preview()).stdout).toBe("[2Jred\n");
        });

        test("does not let the output become Markdown or call people", async () => {
            program("pulumi", `echo '</pre><img src=x> @anna & co'`);
            await preview();
            expect(read("reports/a.md")).toContain("&lt;/pre&gt;&lt;img src=x&gt; &#64;anna &amp; co");
        });

        test("fits two reports into a comment", async () => {
            program("pulumi", `i=0; while [ $i -lt 3000 ]; do echo "line $i of a long <preview>"; i=$((i + 1)); done`);
            await preview();
            const report = read("reports/a.md");
            expect(report.length).toBeLessThan(32_000);
            expect(report).toMatch(/line 0 of[^]*\n… \d+ more lines are in the log of this job\.\n<\/pre>/);
        });
    });

    describe("comment.sh", () => {
        const comment = (env: Record<string, string> = {}) => {
            fs.writeFileSync(path.join(directory, "a.md"), 'first report: "quoted" \\ $HOME\n');
            return run("comment.sh", ["a.md", "absent.md"], { ...forge?.environment, ...env });
        };
        const others = (count: number): Comment[] =>
            Array.from({ length: count }, (_, index) => ({ id: index + 1, body: `remark ${index}` }));

        test("makes one comment with all reports, and says which is missing", async () => {
            forge = await Forge.start({ pages: true });
            expect(await comment()).toEqual({ code: 0, stdout: "", stderr: "" });
            expect(forge.comments.map(({ body }) => body)).toEqual([
                '<!-- nas-registry: preview -->\nfirst report: "quoted" \\ $HOME\n\n### absent.md was not written; see the log of the job.\n\n',
            ]);
        });

        test.each([
            ["GitHub", true],
            ["Gitea", false],
        ])("finds its comment again among 250 of %s", async (_, pages) => {
            forge = await Forge.start({ pages, comments: others(250) });
            await comment();
            await comment();
            expect(forge.comments).toHaveLength(251);
            expect(forge.requests.filter((request) => !request.startsWith("GET"))).toEqual([
                "POST /api/v1/repos/anna/nas/issues/7/comments",
                "PATCH /api/v1/repos/anna/nas/issues/comments/1250",
            ]);
        });

        test("leaves alone a comment that quotes its own", async () => {
            const quoting = { id: 5, body: "> <!-- nas-registry: preview -->" };
            forge = await Forge.start({ pages: true, comments: [quoting] });
            await comment();
            expect(forge.comments[0]?.body).toBe("> <!-- nas-registry: preview -->");
            expect(forge.comments).toHaveLength(2);
        });

        test("has the token on no command line", async () => {
            forge = await Forge.start({ pages: true });
            program("curl", `printf '%s\\n' "$@" >>arguments; exec ${which("curl")} "$@"`);
            expect((await comment()).code).toBe(0);
            expect(read("arguments")).toContain("/issues/7/comments");
            expect(read("arguments")).not.toContain(forge.token);
        });

        test("fails with the server's words", async () => {
            forge = await Forge.start({ pages: true });
            const { code, stderr } = await comment({ COMMENT_TOKEN: "of somebody else" });
            expect(code).not.toBe(0);
            expect(stderr).toContain("bad credentials");
        });

        test("takes nothing but a number for the pull request", async () => {
            forge = await Forge.start({ pages: true });
            const { code, stderr } = await comment({ PULL_REQUEST: "7/../../x" });
            expect([code, stderr]).toEqual([1, "PULL_REQUEST: '7/../../x' is not the number of a pull request.\n"]);
            expect(forge.requests).toEqual([]);
        });
    });

    describe("at the end of a job", () => {
        const home = () => path.join(directory, ".nas-registry");
        const transports = (): string[] => fs.readdirSync(home()).sort();
        let key: string;
        let multiplexed: net.Server | undefined;

        beforeEach(async () => {
            const file = path.join(directory, "key");
            await capture("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
            key = fs.readFileSync(file, "utf8");
            fs.mkdirSync(path.join(home(), "before000000"), { recursive: true, mode: 0o700 });
            fs.writeFileSync(path.join(home(), "before000000", "key"), "of another stack");
            program("ssh", `printf '%s ' "$@" >>${directory}/ssh-arguments`);
        });
        afterEach(() => {
            multiplexed?.close();
            multiplexed = undefined;
            for (const pid of ["pid", "agent-pid"].map(pidIn).filter(isRunning)) {
                process.kill(pid, "SIGKILL");
            }
        });

        /** 0 where there is none. */
        const pidIn = (name: string) => (fs.existsSync(path.join(directory, name)) ? Number(read(name)) : 0);
        const isRunning = (pid: number) => pid > 1 && fs.existsSync(`/proc/${pid}/exe`);

        /** A Pulumi whose program makes a transport as components/nas/transport.ts does, and that then does as the script says. */
        const pulumi = (then: string) =>
            program(
                "pulumi",
                `echo $$ >pid
                echo "$SSH_AUTH_SOCK" >agent
                echo "\${SSH_AGENT_PID-}" >agent-pid
                transport=${home()}/0123456789ab
                mkdir "$transport"
                echo "$transport" >>"$NAS_REGISTRY_TRANSPORTS"
                echo secret >"$transport/key"
                ${then}`,
            );
        /** What ssh leaves for a minute: a socket on which it listens. */
        const holdsConnection = () => {
            const socket = path.join(home(), "0123456789ab", "mux");
            multiplexed = net.createServer();
            return new Promise<void>((resolve) => multiplexed?.listen(socket, () => resolve()));
        };
        const start = (script: string, args: string[]) => {
            const env = { PATH: `${path.join(directory, "bin")}:${process.env.PATH}`, TMPDIR: directory };
            const child = spawn(shell, [...shellArgs, path.join(ci, script), ...args], {
                cwd: directory,
                env: { ...env, NAS_SSH_KEY: key },
                stdio: "ignore",
            });
            const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
            return { child, ended };
        };
        const until = (name: string) =>
            expect.poll(() => fs.existsSync(path.join(directory, name)), { timeout: 10_000 }).toBe(true);
        const agentIsGone = () =>
            expect
                .poll(() => [fs.existsSync(read("agent").trim()), isRunning(pidIn("agent-pid"))], {
                    timeout: 10_000,
                })
                .toEqual([false, false]);
        const expectClean = async () => {
            expect(transports()).toEqual(["before000000"]);
            expect(fs.existsSync(path.join(directory, ".nas-registry-jobs"))).toBe(false);
            expect(
                fs.readdirSync(directory).filter((name) => name.startsWith("ssh-") && name !== "ssh-arguments"),
            ).toEqual([]);
            await agentIsGone();
        };

        test.each([0, 3])("that ends with %d there are no key, no connection and no agent of it", async (code) => {
            pulumi(`touch made; until [ -e go ]; do sleep 0.1; done; exit ${code}`);
            const { ended } = start("up.sh", ["qnap"]);
            await until("made");
            await holdsConnection();
            fs.writeFileSync(path.join(directory, "go"), "");
            expect(await ended).toBe(code);
            expect(read("ssh-arguments")).toBe(`-F /dev/null -S ${home()}/0123456789ab/mux -O exit nas `);
            await expectClean();
        });

        test.each([
            ["SIGINT", 130],
            ["SIGTERM", 143],
        ] as const)("that %s ends it is the same, and Pulumi has ended before", async (signal, code) => {
            pulumi(`trap 'sleep 0.3; ls ${home()} >at-the-end; exit 1' TERM; touch made; while :; do sleep 0.1; done`);
            const { child, ended } = start("up.sh", ["qnap"]);
            await until("made");
            child.kill(signal);
            expect(await ended).toBe(code);
            expect(read("at-the-end")).toBe("0123456789ab\nbefore000000\n");
            await expectClean();
        });

        test("that was killed the step that follows does the same", async () => {
            pulumi("touch made; while :; do sleep 0.1; done");
            const { child, ended } = start("up.sh", ["qnap"]);
            await until("made");
            await holdsConnection();
            child.kill("SIGKILL");
            await ended;
            expect(transports()).toEqual(["0123456789ab", "before000000"]);
            expect(await run("forget.sh", [])).toEqual({ code: 0, stdout: "", stderr: "" });
            expect(read("ssh-arguments")).toContain("-O exit");
            await expectClean();
            expect(await run("forget.sh", [])).toEqual({ code: 0, stdout: "", stderr: "" });
        });

        test("a preview's output is gone, also when it is ended", async () => {
            pulumi("echo secret; trap 'exit 1' TERM; touch made; while :; do sleep 0.1; done");
            const { child, ended } = start("preview.sh", ["qnap", "reports/a.md"]);
            await until("made");
            child.kill("SIGTERM");
            expect(await ended).toBe(143);
            expect(transports()).toEqual(["before000000"]);
            expect(fs.existsSync(path.join(directory, ".nas-registry-jobs"))).toBe(false);
            expect(fs.readdirSync(directory).filter((name) => name.startsWith("tmp."))).toEqual([]);
        });

        test("nothing of it could be read by others meanwhile", async () => {
            fs.chmodSync(directory, 0o755);
            const before = fs.readdirSync(directory);
            // What others may read, and what lies in a directory that they may read.
            pulumi("find . -mindepth 1 ! -perm /077 -prune -o -print >readable; touch to-be-seen");
            expect(await start("up.sh", ["qnap"]).ended).toBe(0);
            expect(fs.statSync(path.join(directory, "to-be-seen")).mode & 0o077).toBe(0);
            const readable = read("readable").trim().split("\n");
            expect(readable.filter((each) => !before.includes(each.split("/")[1] ?? ""))).toEqual([]);
        });

        test("the agent that was there before goes on, and so does a directory that is no transport", async () => {
            const precious = path.join(directory, "precious");
            fs.mkdirSync(precious);
            program(
                "pulumi",
                `echo ${precious} >>"$NAS_REGISTRY_TRANSPORTS"; echo ${home()} >>"$NAS_REGISTRY_TRANSPORTS"`,
            );
            const socket = path.join(directory, "agent.sock");
            const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
            try {
                await until("agent.sock");
                const env = { NAS_SSH_KEY: "", SSH_AUTH_SOCK: socket, SSH_AGENT_PID: String(agent.pid) };
                expect((await run("up.sh", ["qnap"], env)).code).toBe(0);
                expect(fs.existsSync(socket)).toBe(true);
                expect(fs.existsSync(precious)).toBe(true);
                expect(transports()).toEqual(["before000000"]);
            } finally {
                agent.kill();
            }
        });
    });

    describe("up.sh", () => {
        test("has the key in an agent for the time of the update alone", async () => {
            const key = path.join(directory, "key");
            expect(
                (await capture("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "of-the-job", "-f", key])).code,
            ).toBe(0);
            program(
                "pulumi",
                `ssh-add -l >keys; printf %s "$SSH_AUTH_SOCK" >agent; printf '%s' "\${NAS_SSH_KEY-unset}" >left; exit 3`,
            );
            const { code } = await run("up.sh", ["qnap"], {
                NAS_SSH_KEY: fs.readFileSync(key, "utf8").trim().replaceAll("\n", "\r\n"),
            });
            expect(code).toBe(3);
            expect(read("keys")).toMatch(/^256 SHA256:\S+ of-the-job \(ED25519\)\n$/);
            expect(read("left")).toBe("unset");
            await expect.poll(() => fs.existsSync(read("agent")), { timeout: 10_000 }).toBe(false);
        });

        test("uses the agent that runs when it is given no key", async () => {
            program("pulumi", `echo "$SSH_AUTH_SOCK" >agent; printf '%s\\n' "$@" >arguments`);
            expect((await run("up.sh", ["qnap"], { NAS_SSH_KEY: "", SSH_AUTH_SOCK: "/run/agent" })).code).toBe(0);
            expect(read("agent")).toBe("/run/agent\n");
            expect(read("arguments").trim().split("\n")).toEqual(
                "up --stack qnap --policy-pack policy --yes --diff --non-interactive --color never".split(" "),
            );
        });

        test("does not go on with a key that cannot be read", async () => {
            program("pulumi", "touch called");
            const { code, stderr } = await run("up.sh", ["qnap"], { NAS_SSH_KEY: "no key" });
            expect(code).toBe(1);
            expect(stderr).toContain("NAS_SSH_KEY: it must be the text of a private key in OpenSSH format");
            expect(fs.existsSync(path.join(directory, "called"))).toBe(false);
        });
    });
});
