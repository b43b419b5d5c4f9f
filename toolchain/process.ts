import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import * as path from "node:path";

export interface CommandResult {
    code: number;
    stdout: string;
    stderr: string;
}

export interface CommandOptions {
    cwd?: string;
    env?: NodeJS.ProcessEnv;
    /** Milliseconds after which the command is killed. */
    timeout?: number;
    /** Standard input; empty when not given. */
    input?: string;
}

/** Runs a command without a shell and returns how it ended; rejects only when it cannot be started. */
export function capture(command: string, args: string[], options: CommandOptions = {}): Promise<CommandResult> {
    return new Promise((resolve, reject) => {
        const { input = "", ...rest } = options;
        const child = execFile(command, args, { ...rest, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
            if (error && typeof error.code === "string") {
                reject(new Error(`cannot start ${command}: ${error.message}`));
            } else {
                resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
            }
        });
        child.stdin?.on("error", () => undefined);
        child.stdin?.end(input);
    });
}

/** As capture, and an exit code other than 0 rejects with the command's output. */
export async function run(command: string, args: string[], options: CommandOptions = {}): Promise<string> {
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
