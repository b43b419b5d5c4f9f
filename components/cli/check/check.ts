import { parseArgs } from "node:util";

import { authority } from "../../nas/connection";
import { lookAtMachine } from "./look";
import { capture } from "./process";
import { describe, summary, type Line } from "./report";
import { Stack } from "./stack";

/** Shows what on the NAS is no longer as the stack left it, by the state alone: the program does not run. */
export async function run(args: string[]): Promise<number> {
    const { values } = parseArgs({ args, options: { stack: { type: "string", short: "s" } } });
    const stack = new Stack(await exported(values.stack), new Date(), values.stack);
    const reports: Line[][] = [];
    for (const { machine, scripts } of stack.machines()) {
        const lines = await lookAtMachine(machine, scripts, stack);
        process.stdout.write(describe(`${machine.user}@${authority(machine.host, machine.port)}`, lines));
        reports.push(lines);
    }
    if (reports.length === 0) {
        throw new Error("the stack has put nothing on a NAS, so there is nothing to look at.");
    }
    const { line, code } = summary(reports);
    process.stdout.write(line);
    return code;
}

/** The stack's state; secrets come through a pipe and are on no disk. */
async function exported(stack: string | undefined): Promise<string> {
    const args = ["stack", "export", "--show-secrets", "--non-interactive", ...(stack ? ["--stack", stack] : [])];
    const { code, stdout, stderr } = await capture("pulumi", args);
    if (code !== 0) {
        throw new Error(`'pulumi ${args.join(" ")}' failed: ${stderr.trim().replace(/^error: /, "")}`);
    }
    return stdout;
}
