import * as fs from "node:fs";
import * as path from "node:path";

import { renderScript, type ScriptValues } from "../../components/nas/script";
import { capture } from "../../toolchain/process";
import type { ScriptAction } from "./shells";

/** A script as a NAS is given it. */
export interface Step {
    files: string[];
    values: ScriptValues;
    action: ScriptAction;
}

/** How a disk is when a script comes: some pages or inodes are left on it, or nobody can write to it. */
export type Room = { pages: number } | { inodes: number } | "read-only";

/** What a script has said and done on such a disk, and what was there when it had ended. */
export interface Outcome {
    code: number;
    said: string;
    /** A copy of the disk; modes and owners as they were. */
    disk: string;
}

/**
 * Runs scripts one after another in a mount namespace where a directory is a disk of its own: what comes before with room, the
 * script with as much as is said, and itself once more with room.
 */
export async function onTightDisk(
    shell: string[],
    { disk, home, scratch }: { disk: string; home: string; scratch: string },
    room: Room,
    before: Step[],
    step: Step,
): Promise<{ tight: Outcome; again: Outcome }> {
    fs.rmSync(scratch, { recursive: true, force: true });
    fs.mkdirSync(scratch);
    const file = (name: string) => path.join(scratch, name);
    const script = `
        go() {
            name=$1 action=$2
            code=0
            HOME='${home}' TMPDIR='${scratch}' ${shell.join(" ")} -s "$action" <"$name" >"$name.said" 2>&1 || code=$?
            echo "$code" >"$name.code"
        }
        cp -a '${disk}' seed
        mount -t tmpfs -o mode=755 none '${disk}'
        cp -a seed/. '${disk}'
        ${before.map((each, i) => `go before-${i} ${each.action}; [ "$(cat before-${i}.code)" = 0 ]`).join("\n        ")}
        set -- $(stat -f -c '%b %f %c %d' '${disk}')
        mount -o remount,${optionsOf(room)} '${disk}'
        go tight ${step.action}
        cp -a '${disk}' tight.disk
        mount -o remount,rw,size=8m,nr_inodes=9999 '${disk}'
        go again ${step.action}
        cp -a '${disk}' again.disk`;
    const render = ({ files, values }: Step) => renderScript(values, "nas/lib.sh", "nas/vendor.sh", ...files);
    before.forEach((each, i) => fs.writeFileSync(file(`before-${i}`), render(each)));
    fs.writeFileSync(file("tight"), render(step));
    fs.writeFileSync(file("again"), render(step));
    const { code, stderr } = await capture(
        "unshare",
        ["--mount", "--", "sh", "-euc", `cd '${scratch}'\n${script}`],
        {},
    );
    if (code !== 0) {
        const said = fs.readdirSync(scratch).filter((name) => name.endsWith(".said"));
        throw new Error(`${stderr}\n${said.map((name) => fs.readFileSync(file(name), "utf8")).join("\n")}`);
    }
    const outcome = (name: string): Outcome => ({
        code: Number(fs.readFileSync(file(`${name}.code`), "utf8")),
        said: fs.readFileSync(file(`${name}.said`), "utf8"),
        disk: file(`${name}.disk`),
    });
    return { tight: outcome("tight"), again: outcome("again") };
}

/** Of `mount`; the positional parameters are all and free pages, all and free inodes. */
function optionsOf(room: Room): string {
    if (room === "read-only") {
        return "ro";
    }
    return "pages" in room
        ? `size=$(( ($1 > $2 - ${room.pages} ? $1 - $2 + ${room.pages} : 1) * 4 ))k`
        : `nr_inodes=$(( $3 - $4 + ${room.inodes} ))`;
}
