import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { pipeline } from "node:stream/promises";

export interface Program {
    readonly command: string;
    readonly args: readonly string[];
    readonly env?: NodeJS.ProcessEnv;
}

/** Runs `producer | consumer`. @throws with the end of what the one that failed said */
export async function pipe(producer: Program, consumer: Program): Promise<void> {
    const from = start(producer);
    const to = start(consumer);
    const outcomes = [outcome(producer, from), outcome(consumer, to)];
    to.stdout.resume();
    await pipeline(from.stdout, to.stdin).catch(() => undefined); // the exit codes tell more
    for (const failure of await Promise.all(outcomes)) if (failure !== undefined) throw new Error(failure);
}

function start(program: Program): ChildProcessWithoutNullStreams {
    return spawn(program.command, program.args, { env: { ...process.env, ...program.env } });
}

/** Nothing after success, else one sentence. */
function outcome(program: Program, child: ChildProcessWithoutNullStreams): Promise<string | undefined> {
    let said = "";
    child.stderr.on("data", (data: Buffer) => (said += data.toString()));
    return new Promise((resolve) => {
        child.on("error", (error) => resolve(`${program.command}: ${error.message}`));
        child.on("close", (code) => {
            const end = said.trim().split("\n").slice(-10).join("\n");
            resolve(code === 0 ? undefined : `${program.command} failed (${code}): ${end}`);
        });
    });
}
