import { execFile } from "node:child_process";

import { printable } from "../../settings/printable";

/** How a command ended. */
export interface Ended {
    code: number;
    /** As it came: it may be data. */
    stdout: string;
    /** Printable. */
    stderr: string;
}

/**
 * Runs a command without a shell; what it reads and says stays in memory.
 *
 * @throws Error with one sentence when it cannot be started.
 */
export function capture(command: string, args: readonly string[], input = ""): Promise<Ended> {
    return new Promise((resolve, reject) => {
        const child = execFile(command, args, { maxBuffer: Infinity }, (error, stdout, stderr) => {
            // A name in place of a number when there was no process.
            if (typeof error?.code === "string") {
                reject(new Error(`'${command}' cannot be started (${error.message}).`));
            }
            resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr: printable(stderr) });
        });
        // A command that ends without reading its input is no failure.
        child.stdin?.on("error", () => undefined).end(input);
    });
}
