import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { shells } from "../shells";
import { BackupNas } from "./backupNas";

const unchanged = "nothing has changed since the backup of ";
let nas: BackupNas;

beforeEach(async () => {
    const [, shell] = shells[1] ?? [];
    nas = await BackupNas.make(shell ?? []);
    nas.beginsQuickly();
    await nas.push("team/app", "1", "one");
    await nas.push("team/app", "2", "two");
});
afterEach(() => nas.remove());

const snapshots = () => fs.readdirSync(path.join(nas.target, "snapshots"));

async function backsUp(said: string, result = "ok"): Promise<Record<string, string>> {
    const found = await nas.perform("backup");
    expect(found, found.output).toMatchObject({ result, said: expect.stringContaining(said) as unknown });
    return found;
}

const tag = (name: string) => nas.v2("repositories/team/app/_manifests/tags", name, "current/link");
const inTarget = (folder: string) => {
    const names = fs.readdirSync(path.join(nas.target, folder), { recursive: true, encoding: "utf8" });
    return names.map((name) => path.join(nas.target, folder, name)).filter((file) => fs.statSync(file).isFile());
};

/** In an order in which each can be made after those before it. */
const changes: [string, () => unknown][] = [
    ["a new image", () => nas.push("team/app", "3", "three")],
    [
        "another image of a tag, with a file of the same size, inode and time",
        () => {
            const { mtime } = fs.statSync(tag("1"));
            fs.writeFileSync(tag("1"), fs.readFileSync(tag("2")));
            fs.utimesSync(tag("1"), mtime, mtime);
        },
    ],
    ["a tag that was pushed again", () => fs.utimesSync(tag("2"), 1_700_000_000, 1_700_000_000)],
    ["a deleted tag", () => fs.rmSync(path.dirname(path.dirname(tag("2"))), { recursive: true })],
    [
        "a collected blob",
        () => fs.rmSync(nas.v2("blobs/sha256", fs.readdirSync(nas.v2("blobs/sha256"))[0] ?? ""), { recursive: true }),
    ],
    ["a user", () => fs.writeFileSync(path.join(nas.files.control, "registry/htpasswd"), "someone", { mode: 0o644 })],
    ["the configuration", () => fs.appendFileSync(path.join(nas.files.control, "registry/config.yml"), "# another")],
    ["the policy", () => (nas.args = { ...nas.args, keepDaily: 3 })],
    ["backups that were taken away", () => fs.rmSync(path.join(nas.target, "snapshots"), { recursive: true })],
];

describe("a backup without changes", () => {
    test("is the last one, and after any change a new one", async () => {
        const first = await backsUp("in a new repository");
        const second = await backsUp(unchanged);
        expect(second).toMatchObject({ snapshot: first.snapshot, added_bytes: "0" });
        expect(snapshots()).toEqual([first.snapshot]);
        for (const [name, change] of changes) {
            expect(fs.existsSync(path.join(nas.files.control, "operations/backup-last")), `before ${name}`).toBe(true);
            await change();
            const { output, said } = await nas.perform("backup");
            expect(said, `${name}: ${output}`).not.toContain(unchanged);
        }
        nas.password = "another s3cret";
        await backsUp("operations.backup.password", "failed");
    });

    test.each(["index", "data", "keys"])(
        "is tried again where its repository has lost some of '%s'",
        async (folder) => {
            await backsUp("backed up");
            fs.rmSync(inTarget(folder)[0] ?? "");
            const { output, said } = await nas.perform("backup");
            expect(said, output).not.toContain(unchanged);
        },
    );

    test("is made where that is said", async () => {
        await backsUp("backed up");
        expect(await nas.perform("backup", "new_target=yes")).toMatchObject({ result: "ok" });
        expect(snapshots()).toHaveLength(2);
    });

    test("is one after the last has begun: what was pushed meanwhile is in the next", async () => {
        nas.wrap("restic", `case "$*" in *backup*) sleep 2 ;; esac`);
        const first = nas.perform("backup");
        await expect
            .poll(() => fs.existsSync(path.join(nas.files.control, "operations/staging/staged")), { timeout: 60_000 })
            .toBe(true);
        await sleep(500);
        await nas.push("team/app", "1", "pushed meanwhile");
        expect(await first).toMatchObject({ result: "ok" });
        await backsUp("backed up");
        await backsUp(unchanged);
    });

    test.each([
        ["old ones could not be taken away", `case "$*" in *forget*) exit 1 ;; esac`],
        ["something could not be read", `case "$*" in *backup*) restic.real "$@"; exit 3 ;; esac`],
    ])("is made again where of the last %s", async (said, fault) => {
        nas.wrap("restic", fault);
        await backsUp(said, "warning");
        await backsUp(said, "warning");
    });

    test("still has its repository checked, and one that is found damaged is backed up to anew", async () => {
        nas.args = { ...nas.args, check: true };
        await backsUp("backed up");
        const checked = path.join(nas.files.control, "operations/backup-checked");
        fs.writeFileSync(checked, "1");
        fs.writeFileSync(path.join(nas.target, "locks", "0".repeat(64)), "of one that was killed");
        await backsUp(unchanged);
        expect(Number(fs.readFileSync(checked, "utf8"))).toBeGreaterThan(1);
        fs.writeFileSync(checked, "1");
        nas.wrap("restic", `case "$*" in *check*) exit 1 ;; esac`);
        await backsUp("the repository is damaged", "failed");
        fs.writeFileSync(checked, String(Math.floor(Date.now() / 1000)));
        await backsUp("backed up");
    });
});
