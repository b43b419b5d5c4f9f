import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import * as path from "node:path";

export interface CommandResult {
    code: number;
    stdout: string;
    stderr: string;
}

export interface CommandOptions {
    cwd?: string;
    /** The whole environment; this process' own when not given. */
    env?: NodeJS.ProcessEnv;
    /** Milliseconds after which the command is killed; never by default. */
    timeout?: number;
    /** Standard input; empty when not given. */
    input?: string;
}

/** Runs a command without a shell and returns how it ended; 127 when it cannot be started, 137 when it was killed. */
export function capture(
    command: string,
    args: readonly string[],
    options: CommandOptions = {},
): Promise<CommandResult> {
    const { input = "", timeout = 0, ...rest } = options;
    return new Promise((resolve) => {
        const child = spawn(command, args, { ...rest, timeout, killSignal: "SIGKILL" });
        const stdout: Buffer[] = [];
        const stderr: Buffer[] = [];
        child.stdout.on("data", (data: Buffer) => stdout.push(data));
        child.stderr.on("data", (data: Buffer) => stderr.push(data));
        // A command that ends without reading its input is no failure.
        child.stdin.on("error", () => undefined);
        child.stdin.end(input);
        child.on("error", (error) => resolve({ code: 127, stdout: "", stderr: error.message }));
        // Nor is what it has started waited for when it took too long.
        child.on("exit", () => child.killed && [child.stdout, child.stderr].forEach((stream) => stream.destroy()));
        child.on("close", (code) =>
            resolve({
                code: code ?? 137,
                stdout: Buffer.concat(stdout).toString(),
                stderr: `${Buffer.concat(stderr).toString()}${child.killed ? `\nkilled after ${timeout / 1000} s\n` : ""}`,
            }),
        );
    });
}

/** The standard output of a command; rejects with all of its output when it fails. */
export async function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await capture(command, args, options);
    if (code !== 0) {
        throw new Error(`${[command, ...args].join(" ")} ended with ${code}:\n${stdout}${stderr}`);
    }
    return stdout;
}

/** Absolute path of a command on PATH, or undefined. */
export function which(command: string): string | undefined {
    return (process.env.PATH ?? "")
        .split(path.delimiter)
        .map((directory) => path.join(directory, command))
        .find((file) => {
            try {
                accessSync(file, constants.X_OK);
                return true;
            } catch {
                return false;
            }
        });
}
