import type { ClientChannel } from "ssh2";
import type { Connection } from "./connection";

export interface Run {
    connection: Connection;
    command: string;
    stdin: string;
    /** The outputs of the run before, offered to the server as environment; most servers ignore them. */
    environment: Record<string, string>;
    /** Called for every whole line while it runs. */
    onLine: (stream: "stdout" | "stderr", line: string) => void;
    retrying: (message: string) => void;
}

export interface Outputs {
    stdout: string;
    stderr: string;
}

/** One SSH connection, one command. */
export async function runRemote(run: Run): Promise<Outputs> {
    // Loaded here: a `pulumi up` that changes nothing never needs SSH.
    const { dial } = await import("./dial");
    const client = await dial(run.connection, run.retrying);
    try {
        return await new Promise<Outputs>((resolve, reject) => {
            client.once("error", reject);
            client.once("close", () => reject(new Error(`EOF: running ${quoted(run.command)}:\n`)));
            client.exec(run.command, { env: run.environment }, (error, channel) => {
                if (error) {
                    reject(error);
                } else {
                    // At once, not after an await: the exit status of a quick command comes in the same packet.
                    follow(run, channel, resolve, reject);
                }
            });
        });
    } finally {
        client.end();
    }
}

function follow(
    run: Run,
    channel: ClientChannel,
    resolve: (outputs: Outputs) => void,
    reject: (error: Error) => void,
): void {
    const everything: Buffer[] = [];
    const stdout = collect(channel, everything, (line) => run.onLine("stdout", line));
    const stderr = collect(channel.stderr, everything, (line) => run.onLine("stderr", line));
    let failure: string | undefined = "wait: remote command exited without exit status or exit signal";
    channel.on("exit", (code: number | null, signal?: string) => {
        const how = signal ? ` from signal ${signal.replace(/^SIG/, "")}` : "";
        failure = code === 0 ? undefined : `Process exited with status ${code ?? 128}${how}`;
    });
    channel.on("error", () => {
        // What goes wrong with the channel shows as a missing exit status.
    });
    channel.on("close", () => {
        if (failure === undefined) {
            resolve({ stdout: trimmed(stdout), stderr: trimmed(stderr) });
        } else {
            const output = Buffer.concat(everything).toString();
            reject(new Error(`${failure}: running ${quoted(run.command)}:\n${output}`));
        }
    });
    channel.end(run.stdin);
}

/** Keeps what a stream says, hands on its lines, and adds it to `everything` in the order of arrival. */
function collect(stream: NodeJS.ReadableStream, everything: Buffer[], onLine: (line: string) => void): Buffer[] {
    const own: Buffer[] = [];
    let rest = "";
    stream.on("data", (chunk: Buffer) => {
        own.push(chunk);
        everything.push(chunk);
        const lines = (rest + chunk.toString()).split("\n");
        rest = lines.pop() ?? "";
        lines.forEach(onLine);
    });
    stream.on("end", () => {
        if (rest !== "") {
            onLine(rest);
        }
    });
    return own;
}

/** The real plugin takes away one newline, not all. */
function trimmed(chunks: Buffer[]): string {
    return Buffer.concat(chunks).toString().replace(/\n$/, "");
}

/** Go's %q, for the characters that commands are made of. */
function quoted(command: string): string {
    return JSON.stringify(command);
}
