import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { createInterface } from "node:readline";

import { authority, knownHostsLine, sshOptions, sshProblems } from "../../nas/connection";
import { chattyShell } from "../../nas/connectionErrors";
import { printable } from "../../settings/printable";
import type { Machine } from "./stack";

/** ssh's own code; a script's failure is another. */
const SSH_FAILED = 255;
/** A machine's first answer. */
const CONNECTED = "connected\n";

/** How a command ended; what it said on a machine, or as an error, is printable. */
export interface Ended {
    code: number;
    stdout: string;
    stderr: string;
}

/** Runs a command on a machine. What it says is in the end's output, or, with a function for that, handed over line by line. */
export type Run = (command: string, input: string, onLine?: (line: string) => void) => Promise<Ended>;

/**
 * One SSH connection to a machine, over which commands run one after another: a NAS's sshd admits few logins at once. The key
 * is in a file that only its owner can read, until the work is done or this process ends.
 */
export async function connected<T>(machine: Machine, work: (run: Run) => Promise<T>): Promise<T> {
    for (const problem of sshProblems()) {
        throw new Error(problem);
    }
    // Short: the path of a socket has some hundred bytes.
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "nas-"));
    const remove = () => fs.rmSync(directory, { recursive: true, force: true });
    const interrupted = () => process.exit(130);
    process.once("exit", remove).once("SIGINT", interrupted).once("SIGTERM", interrupted);
    try {
        fs.writeFileSync(path.join(directory, "known_hosts"), knownHostsLine(machine), { mode: 0o600 });
        if (machine.privateKey) {
            fs.writeFileSync(path.join(directory, "key"), `${machine.privateKey.trim()}\n`, { mode: 0o600 });
        }
        return await throughMaster(machine, directory, work);
    } finally {
        remove();
        process.off("exit", remove).off("SIGINT", interrupted).off("SIGTERM", interrupted);
    }
}

async function throughMaster<T>(
    { host, port, user, privateKey }: Machine,
    directory: string,
    work: (run: Run) => Promise<T>,
): Promise<T> {
    const ssh = (master: "yes" | "no", command: string) => [
        "-T",
        ...sshOptions(directory, {
            ...{ Port: String(port), ControlMaster: master, ControlPersist: "no" },
            ...(privateKey && { IdentityFile: path.join(directory, "key"), IdentitiesOnly: "yes" }),
            ...{ ConnectTimeout: "15", LogLevel: "ERROR" },
        }),
        // As an option its blanks would end it.
        ...["-l", user, "--", host, command],
    ];
    const unreachable = (stderr: string) => {
        const reason = stderr.trim().split("\n").at(-1)?.trim().replace(/\.$/, "");
        return new Error(`${user}@${authority(host, port)} cannot be reached${reason ? `: ${reason}` : ""}.`);
    };
    // It lives until its standard input ends, and so no longer than this process.
    const master = spawn("ssh", ssh("yes", `echo ${CONNECTED.trim()}; cat`));
    const closed = once(master, "close").catch((error: unknown) => {
        throw new Error(`'ssh' cannot be started (${(error as Error).message}).`);
    });
    let stderr = "";
    master.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
    master.stdin.on("error", () => undefined);
    let said = "";
    const connected = new Promise((resolve) => {
        master.stdout.on("data", (data: Buffer) => (said += data.toString()).endsWith(CONNECTED) && resolve(said));
    });
    await Promise.race([connected, closed]);
    if (master.exitCode !== null || master.signalCode !== null) {
        throw unreachable(printable(stderr));
    }
    try {
        if (said !== CONNECTED) {
            throw new Error(chattyShell(printable(said)));
        }
        return await work(async (command, input, onLine) => {
            const show = onLine && ((line: string) => onLine(printable(line)));
            const ended = await capture("ssh", ssh("no", command), input, show);
            if (ended.code === SSH_FAILED) {
                throw unreachable(ended.stderr);
            }
            return { ...ended, stdout: printable(ended.stdout) };
        });
    } finally {
        master.stdin.end();
        await closed;
    }
}

/** Runs a command without a shell; what it reads and says stays in memory. Its standard output is as it came. */
export function capture(
    command: string,
    args: readonly string[],
    input = "",
    onLine?: (line: string) => void,
): Promise<Ended> {
    return new Promise((resolve, reject) => {
        const child = execFile(command, args, { maxBuffer: Infinity }, (error, stdout, stderr) => {
            // A name in place of a number when there was no process.
            if (typeof error?.code === "string") {
                reject(new Error(`'${command}' cannot be started (${error.message}).`));
            }
            resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr: printable(stderr) });
        });
        if (onLine && child.stdout) {
            createInterface(child.stdout).on("line", onLine);
        }
        // A command that ends without reading its input is no failure.
        child.stdin?.on("error", () => undefined).end(input);
    });
}
