import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { shells } from "../shells";
import { Program } from "./program";

const DAY = 86_400;
const now = () => Math.floor(Date.now() / 1000);

describe.each(shells)("what a program says of its registry, under %s,", (_, shell) => {
    let program: Program;
    beforeEach(() => (program = new Program(shell)));
    afterEach(() => program.host.remove());

    /** A blob of some bytes, to which repositories refer as a layer, or as a manifest. */
    const blob = (bytes: number, layerOf: string[], manifestOf: string[] = []) => {
        const digest = createHash("sha256").update(`${bytes}`).digest("hex");
        const file = (...names: string[]) => path.join(program.data, "docker/registry/v2", ...names);
        const put = (name: string, text: string | Buffer) => {
            fs.mkdirSync(path.dirname(name), { recursive: true });
            fs.writeFileSync(name, text);
        };
        put(file("blobs/sha256", digest.slice(0, 2), digest, "data"), Buffer.alloc(bytes));
        for (const each of layerOf) put(file("repositories", each, "_layers/sha256", digest, "link"), "");
        for (const each of manifestOf) {
            put(file("repositories", each, "_manifests/revisions/sha256", digest, "link"), "");
            put(file("repositories", each, "_manifests/tags/latest/index/sha256", digest, "link"), "");
        }
        return file;
    };
    const said = async (...values: Parameters<Program["run"]>[2][]) => {
        const { code, stdout, stderr } = await program.run(["status"], [], ...values);
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
        const [first, ...lines] = stdout.trim().split("\n");
        expect(first).toBe("--");
        return Object.fromEntries(lines.map((line) => line.split(/=(.*)/).slice(0, 2))) as Record<string, string>;
    };

    test("the bytes of each repository, shared ones counted for each and once in all", async () => {
        blob(1000, ["team/app", "tags"]);
        blob(30, ["team/app"]);
        blob(7, [], ["tags"]);
        const file = blob(500, []);
        fs.mkdirSync(file("repositories/team/app/_uploads/1"), { recursive: true });
        fs.writeFileSync(file("repositories/team/app/_uploads/1/link"), "");
        expect(await said()).toMatchObject({
            images_bytes: "1537",
            unused_bytes: "500",
            "repository/team/app": "1030",
            "repository/tags": "1007",
            state: "running healthy",
            version: "3.1.2",
        });
    });

    test("the disk, and that of a registry without images", async () => {
        const { disk_bytes, free_bytes, images_bytes, measured } = await said();
        expect(Number(disk_bytes)).toBeGreaterThan(Number(free_bytes));
        expect([images_bytes, Math.abs(Number(measured) - now()) < 20]).toEqual([undefined, true]);
    });

    test("images are counted once a day, and again when an operation has run since", async () => {
        blob(10, ["app"]);
        await said();
        blob(20, ["app"]);
        expect((await said()).images_bytes).toBe("10");
        const yesterday = new Date(Date.now() - DAY * 1000);
        fs.utimesSync(`${program.control}/operations/usage`, yesterday, yesterday);
        program.write("results/gc", "result=ok\n");
        expect((await said()).images_bytes).toBe("30");
        blob(40, ["app"]);
        program.write("usage", program.read("usage").replace(/measured=\d+/, `measured=${now() - DAY}`));
        expect((await said()).images_bytes).toBe("70");
    });

    test.each(["", "measured=\n", "\0\0\0", "measured=12a\n"])("a damaged count (%j) is made anew", async (text) => {
        blob(10, ["app"]);
        program.write("usage", text);
        expect((await said()).images_bytes).toBe("10");
    });

    test("schedules, results and the last look, and not what a killed write has left", async () => {
        program.schedules = { gc: "30 3 * * 0", verify: "@daily" };
        program.write("results/gc", "result=failed\nbegan=1\nsaid=a=b is wrong\nfreed_bytes=7\n");
        program.write("results/gc.Xa12bc", "result=ok\n");
        program.write("results/gc.output", "result=ok\n");
        program.write("ticked", "1795000000\n");
        const { ticked, ...all } = await said();
        expect(all).toMatchObject({
            "gc.schedule": "30 3 * * 0",
            "verify.schedule": "@daily",
            "gc.result": "failed",
            "gc.said": "a=b is wrong",
            "gc.freed_bytes": "7",
        });
        expect(Object.keys(all).filter((name) => /^gc\.[^a-z]|^gc\.(Xa|output)/.test(name))).toEqual([]);
        expect(Math.abs(Number(ticked) - now())).toBeLessThan(20);
        expect([all.busy, all.writes]).toEqual([undefined, undefined]);
    });

    test("hits of the cache, its password on standard input alone", async () => {
        fs.mkdirSync(`${program.control}/redis`);
        fs.writeFileSync(`${program.control}/redis/redis.conf`, "requirepass s3cret\n");
        expect(await said({ cache_container: "registry-redis" })).toMatchObject({
            cache_hits: "90",
            cache_misses: "10",
        });
        expect(fs.readFileSync(program.host.path("asked"), "utf8")).toBe("AUTH s3cret\nINFO stats\n");
    });

    test("of a registry that does not run what is known", async () => {
        program.before = `container_state=exited`;
        expect(await said()).toMatchObject({ state: "exited" });
        expect((await said()).version).toBeUndefined();
        program.before = `engine() { case $1 in inspect) return 1 ;; esac; }`;
        expect(await said()).toMatchObject({ state: "missing" });
        program.before = `engine() { return 1; }`;
        const { code, stderr } = await program.run(["status"]);
        expect([code, stderr]).toEqual([1, expect.stringMatching(/the Docker Engine on this NAS does not answer/)]);
    });

    test("what it holds is remembered once a day, for 400 days, and not by a clock that was never set", async () => {
        blob(10, ["app"]);
        expect((await program.run(["tick"])).code).toBe(0);
        const [line = ""] = program.read("history").split("\n");
        expect(line).toMatch(/^\d+ 10 \d+$/);
        await program.run(["tick"]);
        expect(program.read("history")).toBe(`${line}\n`);
        const days = Array.from({ length: 450 }, (_, i) => `${now() - (450 - i) * DAY} 1 2`);
        program.write("history", [...days, "\0garbage", `${now() + 999 * DAY} 1 2`, ""].join("\n"));
        await program.run(["tick"]);
        const kept = program.read("history").trim().split("\n");
        expect([kept.length, kept[0], kept.at(-2)]).toEqual([400, days[51], days.at(-1)]);
        const all = program.read("history");
        program.before = `date() { case $1 in +%s) echo 1000 ;; *) command date "$@" ;; esac; }`;
        await program.run(["tick"]);
        expect(program.read("history")).toBe(all);
        program.before = "";
        expect((await said())[`day/${kept.at(-1)?.split(" ")[0]}`]).toMatch(/^10 \d+$/);
    });

    test("while an operation runs a tick counts nothing, and the status says that something runs", async () => {
        const began = fs
            .readFileSync("/proc/self/stat", "utf8")
            .replace(/^.*\) /, "")
            .split(" ")[19];
        fs.symlinkSync(`${process.pid}:${began}`, `${program.control}/operations/lock`);
        fs.mkdirSync(`${program.control}/registry`);
        fs.writeFileSync(`${program.control}/registry/writes`, "blocked 1\n");
        await program.run(["tick"]);
        expect(fs.existsSync(`${program.control}/operations/history`)).toBe(false);
        expect(await said()).toMatchObject({ busy: "yes", writes: "blocked" });
    });
});
