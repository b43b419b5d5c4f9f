import { parseArgs } from "node:util";

import { connected } from "../check/session";
import { NAMED, operationsOf } from "./operation";

/** Prints what an operation printed when it ran last, and the time before. */
export async function run(args: string[]): Promise<number> {
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options: NAMED });
    const [operation = "", ...others] = positionals;
    if (!/^[a-z]+$/.test(operation) || others.length > 0) {
        throw new Error("logs: name one operation, as in 'nas-registry logs gc'; 'nas-registry status' shows them.");
    }
    const { script, command } = await operationsOf(values);
    let lines = 0;
    const show = (line: string) => {
        lines++;
        process.stdout.write(`${line}\n`);
    };
    const { code, stderr } = await connected(script.inputs.connection, (run) =>
        run(command("logs", operation), "", show),
    );
    if (code !== 0) {
        throw new Error(stderr.trim());
    }
    if (lines === 0) {
        throw new Error(`'${operation}' has printed nothing on this NAS; 'nas-registry status' shows what has run.`);
    }
    return 0;
}
