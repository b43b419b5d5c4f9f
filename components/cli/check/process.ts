import { spawn } from "node:child_process";

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
        const child = spawn(command, args);
        const stdout: Buffer[] = [];
        const stderr: Buffer[] = [];
        child.stdout.on("data", (data: Buffer) => stdout.push(data));
        child.stderr.on("data", (data: Buffer) => stderr.push(data));
        // A command that ends without reading its input is no failure.
        child.stdin.on("error", () => undefined);
        child.stdin.end(input);
        child.on("error", ({ message }) => reject(new Error(`'${command}' cannot be started (${message}).`)));
        child.on("close", (code) => {
            const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString();
            resolve({ code: code ?? 1, stdout: text(stdout), stderr: printable(text(stderr)) });
        });
    });
}
