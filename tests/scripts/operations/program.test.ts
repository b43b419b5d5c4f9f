import * as fs from "node:fs";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { shellQuote } from "../../../components/nas/script";
import { shells } from "../shells";
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
    describe("when the engine goes away while pushes are refused", () => {
        test.each([
            ["altogether", "*"],
            ["for a command in the container", "exec*garbage-collect*"],
        ])("%s, leaves them refused, and the next one flushes the cache and takes them again", async (_, fails) => {
            program.before = `${engine("none")}
operation_gc() {
    block_writes
    ${engine(fails).trim()}
    die "it went wrong"
}`;
            const values = { cache_container: "registry-redis" };
            expect((await program.run(["perform", "gc"], [], values)).code).toBe(1);
            expect(fs.readFileSync(writes(), "utf8")).toMatch(/^blocked /);
            expect(fs.existsSync(program.host.path("flushed"))).toBe(false);
            program.before = engine("none");
            expect((await program.run(["heal"], [], values)).code).toBe(0);
            expect(fs.existsSync(writes())).toBe(false);
            expect(fs.readFileSync(program.host.path("flushed"), "utf8")).toBe("flushed\n");
        });
    });
});
