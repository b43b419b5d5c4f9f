import { spawn } from "node:child_process";
import { once } from "node:events";
import * as http from "node:http";
import { Duplex, Writable } from "node:stream";

/** A request to the Docker Engine of a NAS: the status of the answer, and what its JSON says. @throws when none comes */
export type DockerApi = (method: "GET" | "DELETE", path: string) => Promise<{ status: number; body: unknown }>;

/** Milliseconds; an engine ends a container within them. */
const TIMEOUT = 60_000;

/** The engine at the other end of ssh, as the Docker provider reaches it; `ssh` are the arguments, the host being the last. */
export function dockerApi(ssh: readonly string[]): DockerApi {
    return async (method, path) => {
        const tunnel = spawn("ssh", [...ssh, "docker", "system", "dial-stdio"], { stdio: ["pipe", "pipe", "ignore"] });
        // One that cannot be started has no answer either.
        tunnel.on("error", () => undefined);
        try {
            const { stdin, stdout } = tunnel;
            stdin.on("error", () => undefined);
            // Not stdin itself: Node.js closes that when ssh has ended, and a stream whose one half has closed gives up what is still
            // to be read from the other.
            const writable = new Writable({ write: (chunk, encoding, done) => stdin.write(chunk, encoding, done) });
            const stream = Duplex.from({ readable: stdout, writable });
            // What ends too early is the request's failure; what ends after the answer is none.
            stream.on("error", () => undefined);
            const request = http.request({
                ...{ method, path, host: "docker", signal: AbortSignal.timeout(TIMEOUT) },
                createConnection: () => stream,
            });
            request.end();
            const [answer] = (await once(request, "response")) as [http.IncomingMessage];
            const text = (await answer.setEncoding("utf8").toArray()).join("");
            return { status: answer.statusCode ?? 0, body: text === "" ? undefined : (JSON.parse(text) as unknown) };
        } finally {
            tunnel.kill();
        }
    };
}
