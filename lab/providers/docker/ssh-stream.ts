import { ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { Duplex } from "node:stream";

/** How long what ssh said on stderr may take to arrive after it ended. */
const STDERR_GRACE = 50;

/** A connection to the Docker API through `ssh … docker system dial-stdio`, as a stream that HTTP can use. */
export class SshStream extends Duplex {
    private readonly child: ChildProcessWithoutNullStreams;
    private stderr = "";
    private answered = false;

    constructor(private readonly command: string[]) {
        super();
        const [program = "ssh", ...args] = command;
        // A session of its own, as docker's helper does: Ctrl-C is the engine's business, not ssh's.
        this.child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], detached: true });
        this.child.on("error", (error) => this.destroy(new Error(`command ${this.shown()}: ${error.message}`)));
        this.child.stdin.on("error", () => {
            // A pipe that ssh closed; its end says why.
        });
        this.child.stderr.on("data", (chunk: Buffer) => {
            this.stderr = (this.stderr + chunk.toString()).slice(-4096);
        });
        this.child.stdout.on("data", (chunk: Buffer) => {
            this.answered = true;
            if (!this.push(chunk)) {
                this.child.stdout.pause();
            }
        });
        // "exit", never "close": a multiplexing master that stays behind keeps stderr open.
        this.child.on("exit", (code, signal) => setTimeout(() => this.ended(code, signal), STDERR_GRACE));
    }

    private ended(code: number | null, signal: string | null): void {
        this.child.stderr.destroy();
        if (this.destroyed) {
            return;
        }
        if (this.answered && code === 0) {
            this.push(null);
            return;
        }
        const how = signal ? `signal: ${signal}` : `exit status ${code ?? "unknown"}`;
        this.destroy(
            new Error(
                `command ${this.shown()} has exited with ${how}, make sure the URL is valid, and Docker 18.09 or later ` +
                    `is installed on the remote host: stderr=${this.stderr}`,
            ),
        );
    }

    private shown(): string {
        return `[${this.command.join(" ")}]`;
    }

    override _read(): void {
        this.child.stdout.resume();
    }

    override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
        this.child.stdin.write(chunk, () => done());
    }

    override _final(done: (error?: Error | null) => void): void {
        this.child.stdin.end(() => done());
    }

    override _destroy(error: Error | null, done: (error: Error | null) => void): void {
        this.child.stdin.destroy();
        this.child.stdout.destroy();
        this.child.stderr.destroy();
        this.child.kill("SIGTERM");
        done(error);
    }

    // What http.Agent calls on a socket and a process has no use for.
    setTimeout(): this {
        return this;
    }
    setNoDelay(): this {
        return this;
    }
    setKeepAlive(): this {
        return this;
    }
    ref(): this {
        return this;
    }
    unref(): this {
        return this;
    }
}
