import * as fs from "node:fs";
import * as path from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { shells } from "../shells";
import { BackupNas } from "./backupNas";

/** Two NASes with a registry of the same name, whose backups go to one repository. */
let nas: BackupNas, other: BackupNas;
beforeEach(async () => {
    const [, shell] = shells[1] ?? [];
    nas = await BackupNas.make(shell ?? []);
    other = await BackupNas.make(shell ?? []);
    nas.beginsQuickly();
    nas.args = { ...nas.args, keepLast: 1, keepDaily: 0, keepWeekly: 0, keepMonthly: 0 };
    other.args = { ...nas.args };
    await nas.push("team/app", "1", "one");
    await other.push("team/other", "1", "other");
    await done(nas, "backup", "ok", "in a new repository");
});
afterEach(() => [nas, other].forEach((each) => each.remove()));

const inTarget = (folder: string) => fs.readdirSync(path.join(nas.target, folder)).filter((name) => name.length === 64);

async function done(of: BackupNas, operation: string, result: string, said: string, ...options: string[]) {
    const found = await of.perform(operation, ...options);
    expect(found, found.output).toMatchObject({ result, said: expect.stringContaining(said) as unknown });
    return found;
}

/**
 * A program of the other NAS that has the repository for itself is killed.
 *
 * @returns a function that lets it run to its end
 */
async function leaveLock(): Promise<() => void> {
    const isLocked = "ls /backup/locks | grep -qx '[0-9a-f]*'";
    const until = (number: number) => `p=0; until [ "$p" -ge ${number} ]; do p=$(sh -c 'echo $$'); done`;
    other.wrap(
        "restic",
        `case "$*" in
*forget*)
    # It may have ended before it is killed.
    until ${isLocked}; do
        ${until(402)}
        restic.real "$@" &
        tries=0
        until ${isLocked} || [ $((tries += 1)) = 300 ]; do sleep 0.01; done
        kill -9 $!
    done
    exit 137 ;;
unlock*)
    # Its first process is one of the numbers that the lock may name.
    [ -e /tmp/unlocked ] || { : >/tmp/unlocked && ${until(396)}; restic.real "$@"; exit; } ;;
esac`,
    );
    const { output } = await other.perform("backup");
    expect(inTarget("locks"), output).toHaveLength(1);
    const wrapped = path.join(other.engine, "bin/restic");
    const text = fs.readFileSync(wrapped, "utf8");
    return () => fs.writeFileSync(wrapped, text.replace("*forget*", "never"));
}

describe("a repository of two registries", () => {
    test("is left to another one that has locked it, until that one's next backup", async () => {
        const letEnd = await leaveLock();
        await nas.push("team/app", "2", "two");
        await done(nas, "backup", "failed", "is locked by another program, such as another registry's backup");
        expect(inTarget("locks")).toHaveLength(1);
        letEnd();
        const last = [await done(other, "backup", "ok", "backed up")];
        expect(inTarget("locks")).toEqual([]);
        last.unshift(await done(nas, "backup", "ok", "backed up"));
        // Each keeps one, and finds its own.
        expect(inTarget("snapshots")).toHaveLength(2);
        for (const [i, each] of [nas, other].entries()) {
            const found = await done(each, "restore", "ok", "", "replace=yes", "dry_run=yes");
            expect(found.snapshot).toBe(last[i]?.snapshot);
        }
    });
});
