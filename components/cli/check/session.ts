import { spawn, type ChildProcessByStdio } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { Readable, Writable } from "node:stream";

import { authority, knownHostsLine } from "../../nas/connection";
import { printable } from "../../settings/printable";
import { capture, type Ended } from "./process";
import type { Machine } from "./scripts";

/** ssh's own code; a script's failure is another. */
const SSH_FAILED = 255;

/**
 * One SSH connection to a machine, over which commands run one after another: a NAS's sshd admits few logins at once.
 *
 * The key is in a file that only its owner can read, until the connection is closed or this process ends.
 */
export class Session {
    private readonly closed: Promise<unknown>;

    private constructor(
        private readonly machine: Machine,
        private readonly directory: string,
        private readonly master: ChildProcessByStdio<Writable, Readable, Readable>,
        private readonly forget: () => void,
    ) {
        this.closed = new Promise((resolve) => this.master.once("close", resolve));
    }

    /** @throws Error with one sentence when the machine cannot be reached. */
    static async open(machine: Machine): Promise<Session> {
        // Short: the path of a socket has some hundred bytes.
        const directory = fs.mkdtempSync(path.join(os.tmpdir(), "nas-"));
        const remove = () => fs.rmSync(directory, { recursive: true, force: true });
        const interrupted = () => process.exit(130);
        process.once("exit", remove).once("SIGINT", interrupted).once("SIGTERM", interrupted);
        const forget = () => {
            remove();
            process.off("exit", remove).off("SIGINT", interrupted).off("SIGTERM", interrupted);
        };
        fs.writeFileSync(path.join(directory, "known_hosts"), knownHostsLine(machine), { mode: 0o600 });
        if (machine.privateKey !== undefined) {
            fs.writeFileSync(path.join(directory, "key"), `${machine.privateKey.trim()}\n`, { mode: 0o600 });
        }
        const options = [...sshOptions(machine, directory), "-o", "ControlMaster=yes"];
        // It lives until its standard input ends, and so no longer than this process.
        const master = spawn("ssh", [...options, "--", machine.host, "echo connected; cat"]);
        const session = new Session(machine, directory, master, forget);
        try {
            await session.connected();
        } catch (error) {
            forget();
            throw error;
        }
        return session;
    }

    /**
     * What the machine says is printable, wherever it goes from here.
     *
     * @throws Error with one sentence when the connection is gone.
     */
    async run(command: string, input: string): Promise<Ended> {
        const options = [...sshOptions(this.machine, this.directory), "-o", "ControlMaster=no"];
        const ended = await capture("ssh", [...options, "--", this.machine.host, command], input);
        if (ended.code === SSH_FAILED) {
            throw new Error(unreachable(this.machine, ended.stderr));
        }
        return { ...ended, stdout: printable(ended.stdout) };
    }

    async close(): Promise<void> {
        this.master.stdin.end();
        await this.closed;
        this.forget();
    }

    private connected(): Promise<void> {
        return new Promise((resolve, reject) => {
            const stderr: Buffer[] = [];
            this.master.stdin.on("error", () => undefined);
            this.master.stderr.on("data", (data: Buffer) => stderr.push(data));
            this.master.stdout.once("data", () => resolve());
            this.master.once("error", ({ message }) => reject(new Error(`'ssh' cannot be started (${message}).`)));
            this.master.once("close", () => {
                reject(new Error(unreachable(this.machine, printable(Buffer.concat(stderr).toString()))));
            });
        });
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
        ...(privateKey !== undefined && { IdentityFile: path.join(directory, "key"), IdentitiesOnly: "yes" }),
        ControlPath: path.join(directory, "mux"),
        ControlPersist: "no",
        ConnectTimeout: "15",
        ServerAliveInterval: "15",
        LogLevel: "ERROR",
    };
    // As `up` does it: what the user's own configuration says of this host is not asked.
    return ["-F", "/dev/null", "-T", ...Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`])];
}

function unreachable({ host, port, user }: Machine, stderr: string): string {
    const reason = stderr.trim().split("\n").at(-1)?.trim();
    return `${user}@${authority(host, port)} cannot be reached${reason ? `: ${reason.replace(/\.$/, "")}` : ""}.`;
}
