import { parseArgs } from "node:util";

import { lookAtMachine } from "./look";
import { capture } from "./process";
import { remedies } from "./remedies";
import { describePlace, exitCode, summary, type Place } from "./report";
import { appliedScripts, byMachine } from "./scripts";
import { readState } from "./state";

/** Shows what on the NAS is no longer as the stack left it; nothing is changed there, and the program does not run. */
export async function run(args: string[]): Promise<number> {
    const { values } = parseArgs({ args, options: { stack: { type: "string", short: "s" } } });
    const resources = readState(await exported(values.stack));
    const scripts = appliedScripts(resources);
    const stack = values.stack ?? resources[0]?.urn.split(":")[2] ?? "";
    if (scripts.length === 0) {
        throw new Error("the stack has put nothing on a NAS, so there is nothing to look at.");
    }
    const places: Place[] = [];
    for (const each of byMachine(scripts)) {
        const place = await lookAtMachine(each, resources, remedies(stack, new Date()));
        process.stdout.write(describePlace(place));
        places.push(place);
    }
    process.stdout.write(summary(places));
    return exitCode(places);
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
