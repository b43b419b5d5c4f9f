import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { authority, knownHostsLine } from "../../nas/connection";
import { printable } from "../../settings/printable";
import { messageOf } from "../messageOf";
import { capture, type Ended } from "./process";
import type { Machine } from "./stack";

/** ssh's own code; a script's failure is another. */
const SSH_FAILED = 255;

/**
 * Runs a command on a machine. What that says is printable, wherever it goes from here.
 *
 * @throws Error with one sentence when the connection is gone.
 */
export type Run = (command: string, input: string) => Promise<Ended>;

/**
 * One SSH connection to a machine, over which commands run one after another: a NAS's sshd admits few logins at once. The key
 * is in a file that only its owner can read, until the work is done or this process ends.
 *
 * @throws Error with one sentence when the machine cannot be reached.
 */
export async function connected(machine: Machine, work: (run: Run) => Promise<void>): Promise<void> {
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
        await throughMaster(machine, sshOptions(machine, directory), work);
    } finally {
        remove();
        process.off("exit", remove).off("SIGINT", interrupted).off("SIGTERM", interrupted);
    }
}

async function throughMaster(machine: Machine, options: string[], work: (run: Run) => Promise<void>): Promise<void> {
    const ssh = (master: string, command: string) => [
        ...[...options, "-o", `ControlMaster=${master}`],
        ...["--", machine.host, command],
    ];
    // It lives until its standard input ends, and so no longer than this process.
    const master = spawn("ssh", ssh("yes", "echo connected; cat"));
    const closed = once(master, "close").catch((error: unknown) => {
        throw new Error(`'ssh' cannot be started (${messageOf(error)}).`);
    });
    let stderr = "";
    master.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
    master.stdin.on("error", () => undefined);
    await Promise.race([once(master.stdout, "data"), closed]);
    if (master.exitCode !== null || master.signalCode !== null) {
        throw unreachable(machine, printable(stderr));
    }
    try {
        await work(async (command, input) => {
            const ended = await capture("ssh", ssh("no", command), input);
            if (ended.code === SSH_FAILED) {
                throw unreachable(machine, ended.stderr);
            }
            return { ...ended, stdout: printable(ended.stdout) };
        });
    } finally {
        master.stdin.end();
        await closed;
    }
}

function sshOptions({ port, user, privateKey }: Machine, directory: string): string[] {
    const options = {
        Port: String(port),
        User: user,
        BatchMode: "yes",
        UserKnownHostsFile: path.join(directory, "known_hosts"),
        GlobalKnownHostsFile: "/dev/null",
        StrictHostKeyChecking: "yes",
        ...(privateKey && { IdentityFile: path.join(directory, "key"), IdentitiesOnly: "yes" }),
        ControlPath: path.join(directory, "mux"),
        ControlPersist: "no",
        ConnectTimeout: "15",
        ServerAliveInterval: "15",
        LogLevel: "ERROR",
    };
    // As `up` does it: what the user's own configuration says of this host is not asked.
    return ["-F", "/dev/null", "-T", ...Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`])];
}

function unreachable({ host, port, user }: Machine, stderr: string): Error {
    const reason = stderr.trim().split("\n").at(-1)?.trim().replace(/\.$/, "");
    return new Error(`${user}@${authority(host, port)} cannot be reached${reason ? `: ${reason}` : ""}.`);
}
