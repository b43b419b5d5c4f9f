import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

import type { Operation, Workspace } from "../../lab/workspace";

/**
 * Runs `pulumi up` and kills it at some moment, together with all its plugins; they have process groups of their own, but
 * one session.
 *
 * @returns whether it was still running
 */
export async function killUp(workspace: Workspace, stack: string, moment: () => Promise<unknown>): Promise<boolean> {
    const cli = spawn("pulumi", ["up", "--yes", "--skip-preview", "--non-interactive", "--stack", stack], {
        cwd: path.join(workspace.directory, "project"),
        // Plugins of its own, which die, too.
        env: { ...workspace.env, PULUMI_DEBUG_PROVIDERS: undefined },
        // A session of its own.
        detached: true,
        stdio: "ignore",
    });
    const ended = new Promise<void>((resolve, reject) => {
        cli.on("close", () => resolve());
        cli.on("error", reject);
    });
    await Promise.race([ended, moment()]);
    const wasRunning = cli.exitCode === null;
    // Until none is left: one may have started another meanwhile.
    for (let members = membersOf(cli.pid); members.length > 0; members = membersOf(cli.pid)) {
        members.forEach(kill);
    }
    await ended;
    return wasRunning;
}

/** The update after a killed one, with nothing done by hand but what the file backend's lock asks for: it outlives its process. */
export async function upAfterKill(workspace: Workspace, stack: string): Promise<Operation> {
    const next = await workspace.attempt(stack, "up");
    if (next.code === 0) {
        return next;
    }
    if (!`${next.stdout}${next.stderr}`.includes("pulumi cancel")) {
        throw new Error(`pulumi up of ${stack} failed after a kill:\n${next.stdout}${next.stderr}`);
    }
    await workspace.cancel(stack);
    return workspace.operate(stack, "up");
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function* random(seed: number): Generator<number, never> {
    for (let state = seed; ;) {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        yield ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    }
}

/** Living processes of a session. */
function membersOf(session: number | undefined): number[] {
    return fs
        .readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .filter((pid) => {
            try {
                // After the name in parentheses: state, parent, process group, session.
                const [state, , , id] = fs
                    .readFileSync(`/proc/${pid}/stat`, "utf8")
                    .replace(/^.*\) /, "")
                    .split(" ");
                return Number(id) === session && state !== "Z";
            } catch {
                return false;
            }
        })
        .map(Number);
}

function kill(pid: number): void {
    try {
        process.kill(pid, "SIGKILL");
    } catch {
        // It has ended already.
    }
}
