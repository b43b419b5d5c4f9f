import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { shellQuote, type ScriptValues } from "../../../components/nas/script";
import { shells, type ScriptAction } from "../shells";
import { Program } from "./program";

describe.each(shells)("the program of a registry's operations, under %s,", (_, shell) => {
    let program: Program;
    beforeEach(() => {
        program = new Program(shell);
        fs.mkdirSync(`${program.control}/registry`);
    });
    afterEach(() => program.host.remove());

    const writes = () => `${program.control}/registry/writes`;
    /** An engine whose registry understands what it is to serve by; `fails` is a pattern of commands that it does not answer. */
    const engine = (fails: string) => `
engine() {
    case "$*" in
    ${fails}) return 1 ;;
    *State.Running*) echo true ;;
    *" ps -o args")
        case $(cat ${shellQuote(writes())} 2>/dev/null) in
        blocked*) echo "registry serve /etc/distribution/read-only.yml" ;;
        *) echo "registry serve /etc/distribution/config.yml" ;;
        esac
        ;;
    *redis-cli*) cat >/dev/null && printf 'OK\\nOK\\n' && echo flushed >>${shellQuote(program.host.path("flushed"))} ;;
    esac
}`;
    const performed = () => {
        const file = program.host.path("performed");
        return fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim().split("\n") : [];
    };
    /** In the place of what a tick starts. */
    const record = () => program.write("run", `echo "$*" >>${shellQuote(program.host.path("performed"))}\n`);

    describe("when the engine goes away while pushes are refused", () => {
        test.each([
            ["altogether", "*"],
            ["for a command in the container", "exec*garbage-collect*"],
        ])("%s, leaves them refused, and the next one flushes the cache and takes them again", async (_, fails) => {
            program.before = engine("none");
            const gc = program.own(`operation_gc() {
    block_writes
    ${engine(fails).trim()}
    die "it went wrong"
}`);
            const values = { cache_container: "registry-redis" };
            expect((await program.run(["perform", "gc"], [gc], values)).code).toBe(1);
            expect(fs.readFileSync(writes(), "utf8")).toMatch(/^blocked /);
            expect(fs.existsSync(program.host.path("flushed"))).toBe(false);
            program.before = engine("none");
            expect((await program.run(["heal"], [], values)).code).toBe(0);
            expect(fs.existsSync(writes())).toBe(false);
            expect(fs.readFileSync(program.host.path("flushed"), "utf8")).toBe("flushed\n");
        });
    });

    describe("collects garbage", () => {
        /** What was done to the registry and its cache, and what its writes were meanwhile. */
        const collect = async (found: string, options: string[] = [], more: ScriptValues = {}) => {
            const done = program.host.path("done");
            program.before = `${engine("none")}
answer() { engine "$@"; }
is_done() { echo "$1 $(cut -d ' ' -f 1 ${shellQuote(writes())} 2>/dev/null || echo open)" >>${shellQuote(done)}; }
run_engine() {
    case "$*" in
    *" ps -o pid"*) ;;
    *"garbage-collect"*--dry-run*) is_done looked; printf '%s\\n' ${found} "ended: 0" ;;
    *"garbage-collect"*) is_done collected; printf '%s\\n' ${found} "ended: 0" ;;
    *" xargs stat "*) cat >/dev/null ;;
    *redis-cli*) is_done flushed; answer "$@" ;;
    *) answer "$@" ;;
    esac
}`;
            const values = {
                ...{ docker: "run_engine", cache_container: "registry-redis" },
                ...{ collect_options: "", upload_patience: 0, ...more },
            };
            const { code } = await program.run(["perform", "gc", ...options], ["collection/collection.sh"], values);
            expect(code).toBe(0);
            expect(fs.existsSync(writes())).toBe(false);
            return fs.readFileSync(done, "utf8").trim().split("\n");
        };
        const blob = `"blob eligible for deletion: sha256:${"a".repeat(64)}"`;

        test("while pushes are refused, until the cache has forgotten what is gone", async () => {
            const [first, second, ...rest] = await collect(blob);
            expect([first, second]).toEqual(["looked open", "collected blocked"]);
            expect(new Set(rest)).toEqual(new Set(["flushed blocked"]));
        });

        test("of an object store, of which it does not say how much that was", async () => {
            await collect(blob, [], { data_directory: "" });
            expect(program.read("results/gc")).toMatch(/^said=freed 1 blobs and 0 manifests /m);
            expect(program.read("results/gc")).not.toContain("bytes");
        });

        test.each([
            ["there is none", '"nothing"', []],
            ["it is to be seen alone", blob, ["dry_run=yes"]],
        ])("and refuses no push when %s", async (_, found, options) => {
            expect(await collect(found, options)).toEqual(["looked open"]);
        });
    });

    test.runIf(process.getuid?.() === 0)("collects garbage on a disk that is full since it ran last", async () => {
        const onFullDisk = `
            cd "$TMPDIR"
            cat >program
            mount -t tmpfs -o size=100m,mode=755 none control
            mkdir -m 700 control/registry control/operations control/operations/results
            ${shell.join(" ")} program perform gc
            cat /dev/zero >control/fill || true
            ${shell.join(" ")} program perform gc || true
            cat control/operations/results/gc`;
        const other = new Program(["unshare", "--mount", "--", "sh", "-euc", onFullDisk, "sh"]);
        const gc = other.own(`operation_gc() {
    make_scratch
    echo "what is collected" >"$scratch/collected"
    [ ! -e "$control_directory/fill" ] || said "freed something"
}`);
        const { stdout } = await other.run(["perform", "gc"], [gc]);
        other.host.remove();
        expect(stdout).toMatch(/^result=ok$[^]*^said=freed something$/m);
    });

    describe("an operation that was interrupted", () => {
        beforeEach(() => {
            program.schedules = { gc: "@yearly" };
            record();
        });

        test("runs again, three times", async () => {
            for (const [before, expected] of [
                ["0", ["perform gc scheduled=yes interrupted=1"]],
                ["2", ["perform gc scheduled=yes interrupted=3"]],
                ["3", []],
            ] as const) {
                fs.rmSync(program.host.path("performed"), { force: true });
                program.write("results/gc", `result=running\nbegan=1\ninterrupted=${before}\n`);
                await program.run(["tick"]);
                expect(performed()).toEqual(expected);
            }
        });

        test("is not counted as interrupted any more when it is due the next time", async () => {
            program.schedules = { gc: "*/5 * * * *" };
            program.write("results/gc", "result=ok\nbegan=1\ninterrupted=3\n");
            await program.run(["tick"]);
            expect(performed()).toEqual(["perform gc scheduled=yes interrupted=0"]);
        });

        test("does not take their turn from those that were due with it", async () => {
            program.schedules = { backup: "*/5 * * * *", prune: "*/5 * * * *", gc: "*/5 * * * *", verify: "@yearly" };
            // Otherwise they might become due once more, between two ticks.
            program.before = `date() { case $1 in +%s) echo 2000000100 ;; *) command date "$@" ;; esac; }`;
            const cutAt = (operation: string) => `[ -e cut ] || case $2 in
${operation}) echo >cut; printf 'result=running\\nbegan=1\\ninterrupted=0\\n' >results/$2; kill -9 $PPID; exit ;;
esac`;
            for (const [operation, before, after] of [
                ["backup", [], ["backup scheduled=yes interrupted=1", "prune scheduled=yes interrupted=0"]],
                ["prune", ["backup scheduled=yes interrupted=0"], ["prune scheduled=yes interrupted=1"]],
            ] as const) {
                for (const each of ["ticked", "cut", "results/prune", "results/backup"]) {
                    fs.rmSync(`${program.control}/operations/${each}`, { force: true });
                }
                fs.rmSync(program.host.path("performed"), { force: true });
                program.write(
                    "run",
                    `cd ${shellQuote(`${program.control}/operations`)}
${cutAt(operation)}
shift
echo "$*" >>${shellQuote(program.host.path("performed"))}
rm -f "results/$1"
`,
                );
                await program.run(["tick"]);
                expect(performed()).toEqual(before);
                await program.run(["tick"]);
                await program.run(["tick"]);
                expect(performed().slice(before.length)).toEqual([...after, "gc scheduled=yes interrupted=0"]);
            }
        });

        test("and was to delete nothing, does not run again, and nobody is told", async () => {
            const logged = program.host.path("logged");
            program.before = `logger() { echo "$*" >${shellQuote(logged)}; }
operation_gc() { command kill -9 "$(sh -c 'echo $PPID')"; }`;
            await program.run(["perform", "gc", "dry_run=yes"]);
            expect(program.read("results/gc.dry")).toMatch(/^result=running$/m);
            await program.run(["tick"]);
            expect(program.read("results/gc.dry")).toMatch(/^result=failed$/m);
            expect(performed()).toEqual([]);
            expect(fs.existsSync(logged)).toBe(false);
        });
    });

    test("runs one operation at a time, and the other when that has ended", async () => {
        const log = program.host.path("log");
        const name = (operation: string) => `operation_${operation}() {
    echo "${operation} begins" >>${shellQuote(log)}
    command sleep 1
    echo "${operation} ends" >>${shellQuote(log)}
}`;
        program.before = ["gc", "backup", "prune"].map(name).join("\n");
        await Promise.all(["gc", "backup", "prune"].map((each) => program.run(["perform", each])));
        const lines = fs.readFileSync(log, "utf8").trim().split("\n");
        const inTurn = lines.filter((_, i) => i % 2 === 0).flatMap((line) => [line, line.replace("begins", "ends")]);
        expect([lines.length, lines]).toEqual([6, inTurn]);
    });

    test("keeps how one went although it was tried since, and what it printed", async () => {
        program.before = `operation_gc() { if [ -z "\${option_dry_run:-}" ]; then die "it failed"; else said "it would do"; fi; }`;
        await program.run(["perform", "gc"]);
        await program.run(["perform", "gc", "dry_run=yes"]);
        expect(program.read("results/gc")).toMatch(/^result=failed$/m);
        expect((await program.run(["logs", "gc"])).stdout).toMatch(/failed: it failed\n$/);
        expect((await program.run(["status"])).stdout).not.toContain("it would do");
    });

    describe("that is run from a desk", () => {
        const desk = (operation: string) => {
            program.write(
                "run",
                `cd ${shellQuote(`${program.control}/operations/results`)}
printf 'pid=%s\\nresult=running\\n' $$ >gc
{ ${operation}
} >gc.output
printf 'pid=%s\\nresult=ok\\n' $$ >gc
`,
            );
            return program.run(["run", "gc"]);
        };

        test("shows each line once, also one that is printed while it looks", async () => {
            // Between what is shown and the count of it.
            program.before = `wc() { sleep 0.3 && command wc "$@"; }`;
            const { stdout } = await desk("for i in 1 2 3 4 5 6 7 8 9; do echo line $i; sleep 0.29; done");
            const lines = stdout.split("\n--\n")[0]?.split("\n");
            expect(lines).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => `line ${i}`));
        });

        test.each([
            ["was killed before it has a result", "kill -9 $$", "'gc' was ended before it could begin"],
            ["had no result, by its reason", "echo 'nas-registry: it has one' >&2; exit 1", "nas-registry: it has one"],
            [
                "was killed since",
                "printf 'pid=%s\\nresult=running\\n' $$ >gc; : >gc.output; kill -9 $$",
                "'gc' was ended in the middle",
            ],
        ])("says of one that %s", async (_, text, said) => {
            program.write("run", `cd ${shellQuote(`${program.control}/operations/results`)}\n${text}\n`);
            const { code, stderr } = await program.run(["run", "gc"]);
            expect(code).toBe(1);
            expect(stderr).toContain(said);
            expect(fs.existsSync(`${program.control}/operations/results/gc.start`)).toBe(false);
        });

        test("says every ten seconds that it goes on", async () => {
            program.before = "sleep() { command sleep 0.1; }";
            const { stdout } = await desk("echo begins; command sleep 2.5; echo ends");
            expect(stdout.split("\n--\n")[0]).toMatch(/^begins\n([\d:]+ goes on\n)+ends$/);
        });
    });

    describe("when it is installed", () => {
        const install = (action: ScriptAction, scheduled: string, text = "") =>
            program.host.run(
                ["operations/install.sh"],
                {
                    ...{ control_directory: program.control, container_name: "registry", program: text, scheduled },
                    ...{ docker: "/bin/true", docker_env: "", sudo: "", vendor_ground: "", snapshots_of: "" },
                },
                action,
                "nas_schedule() { :; }\nnas_unschedule() { :; }\n",
            );
        const place = () => `${program.control}/operations`;

        test("what was due while nothing had a schedule is not due later", async () => {
            program.write("ticked", "1\n");
            const text = `[ "$1" != skip ] || date +%s >${shellQuote(`${place()}/ticked`)}\n`;
            expect(await install("apply", "", text)).toMatchObject({ code: 0, stderr: "" });
            expect(await install("apply", "yes", text)).toMatchObject({ code: 0, stderr: "" });
            expect(Number(program.read("ticked"))).toBeGreaterThan(1_700_000_000);
        });

        test("and taken away, what is due after the one that runs does not begin", async () => {
            const log = program.host.path("log");
            program.write("run", `echo "$1" >>${shellQuote(log)}\nsleep 1\n`);
            // As a tick does.
            const tick = spawn("sh", ["-c", `sleep 60 & echo $!; wait; exec sh ${place()}/run perform`]);
            const [pid] = (await once(tick.stdout, "data")) as [Buffer];
            const began = fs
                .readFileSync(`/proc/${Number(pid)}/stat`, "utf8")
                .replace(/^.*\) /, "")
                .split(" ")[19];
            fs.symlinkSync(`${Number(pid)}:${began}`, `${place()}/lock`);
            const ended = once(tick, "close");
            expect(await install("revert", "")).toMatchObject({ code: 0, stderr: "" });
            await ended;
            expect(fs.readFileSync(log, "utf8")).toBe("heal\n");
            expect(fs.existsSync(place())).toBe(false);
        });
    });
});
