import type { AddressInfo } from "node:net";
import type { Connection } from "ssh2";
import { Server } from "ssh2";
import { sshKeyPair } from "./keys";

/** What a command does on the simulated host. */
export interface Answer {
    stdout?: string;
    stderr?: string;
    /** Exit code; none ends the command without one. */
    code?: number;
}

export interface SshServer {
    host: string;
    port: number;
    /** The line to pin. */
    hostKey: string;
    /** A key that may log in. */
    privateKey: string;
    /** What was run, with what came on stdin. */
    runs: { command: string; stdin: string }[];
    /** Connections that reached the server, and those that logged in. */
    connections: number;
    logins: number;
    stop(): Promise<void>;
}

/** An SSH server in this process: one key logs in (or the password "right"), commands are answered by a function. */
export async function startSshServer(answer: (command: string, stdin: string) => Answer): Promise<SshServer> {
    const hostKey = sshKeyPair();
    const userKey = sshKeyPair();
    const allowed = publicBlob(userKey.public);
    const clients = new Set<Connection>();
    const server = new Server({ hostKeys: [hostKey.private] }, (client) => {
        started.connections++;
        clients.add(client);
        client.on("close", () => clients.delete(client));
        client.on("error", () => clients.delete(client));
        client.on("authentication", (attempt) => {
            const key = attempt.method === "publickey" && attempt.key.data.equals(allowed);
            const password = attempt.method === "password" && attempt.password === "right";
            if (key || password) {
                attempt.accept();
            } else {
                attempt.reject(["publickey", "password"]);
            }
        });
        client.on("ready", () => {
            started.logins++;
            client.on("session", (accept) => {
                accept().on("exec", (acceptRun, _reject, { command }) => {
                    const channel = acceptRun();
                    let stdin = "";
                    channel.on("data", (chunk: Buffer) => (stdin += chunk.toString()));
                    channel.on("end", () => {
                        started.runs.push({ command, stdin });
                        const { stdout = "", stderr = "", code } = answer(command, stdin);
                        channel.write(stdout);
                        channel.stderr.write(stderr);
                        if (code !== undefined) {
                            channel.exit(code);
                        }
                        channel.end();
                    });
                });
            });
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const started: SshServer = {
        host: "127.0.0.1",
        port: (server.address() as AddressInfo).port,
        hostKey: hostKey.public,
        privateKey: userKey.private,
        runs: [],
        connections: 0,
        logins: 0,
        stop: () => {
            clients.forEach((client) => client.end());
            return new Promise((resolve) => server.close(() => resolve()));
        },
    };
    return started;
}

function publicBlob(line: string): Buffer {
    return Buffer.from(line.split(" ")[1] ?? "", "base64");
}
