import { parseArgs } from "node:util";

import { lookAtMachine } from "./look";
import { capture } from "./process";
import { describePlace, summary, type Place } from "./report";
import { Stack } from "./stack";

/** Shows what on the NAS is no longer as the stack left it, by the state alone: the program does not run. */
export async function run(args: string[]): Promise<number> {
    const { values } = parseArgs({ args, options: { stack: { type: "string", short: "s" } } });
    const stack = new Stack(await exported(values.stack), new Date(), values.stack);
    const places: Place[] = [];
    for (const scripts of stack.scripts()) {
        const place = await lookAtMachine(scripts, stack);
        process.stdout.write(describePlace(place));
        places.push(place);
    }
    if (places.length === 0) {
        throw new Error("the stack has put nothing on a NAS, so there is nothing to look at.");
    }
    const { line, code } = summary(places);
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
