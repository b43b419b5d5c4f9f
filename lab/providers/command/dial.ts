import { getServers } from "node:dns";
import { createConnection, Socket } from "node:net";
import type { ServerHostKeyAlgorithm } from "ssh2";
import { Client } from "ssh2";
import { Authentication, authentication, nextMethod } from "./auth";
import type { Connection } from "./connection";
import { HostKey, parseHostKey } from "./host-key";

/** A server that answers TCP but never finishes the SSH handshake must not hang an `up`. */
const HANDSHAKE_TIMEOUT = 120_000;

/** Connects and logs in, again and again up to the connection's limit; errors read like the real plugin's. */
export async function dial(connection: Connection, retrying: (message: string) => void): Promise<Client> {
    const hostKey = connection.hostKey === undefined ? undefined : parseHostKey(connection.hostKey);
    const limit = connection.dialErrorLimit;
    for (let attempt = 0, pause = 100; ; attempt++, pause = Math.min(pause * 1.5, 5000)) {
        // Outside the retries: a key that cannot be read or an agent that is not there will not get better.
        const auth = await authentication(connection);
        try {
            return await dialOnce(connection, hostKey, auth);
        } catch (error) {
            const reason = error instanceof Error ? error.message : String(error);
            if (limit > -1 && attempt + 1 > limit) {
                throw new Error(`after ${attempt} failed attempts: ${reason}`);
            }
            retrying(`Dial ${attempt + 1}/${limit === -1 ? "inf" : limit} failed: retrying`);
            await new Promise((resolve) => setTimeout(resolve, pause));
        }
    }
}

async function dialOnce(connection: Connection, hostKey: HostKey | undefined, auth: Authentication): Promise<Client> {
    const sock = await connectTcp(connection);
    let mismatch = false;
    let offered = "";
    const client = new Client();
    return new Promise<Client>((resolve, reject) => {
        client.once("ready", () => resolve(client));
        client.once("close", () => reject(new Error("ssh: handshake failed: EOF")));
        client.on("error", (error: Error & { level?: string }) => {
            client.destroy();
            reject(new Error(`ssh: handshake failed: ${explain(error, { mismatch, offered, hostKey, auth })}`));
        });
        client.connect({
            sock,
            username: connection.user,
            readyTimeout: HANDSHAKE_TIMEOUT,
            // ssh2 passes null at first, which its types do not say.
            authHandler: nextMethod(auth, connection.user),
            debug: (line) => {
                offered = /\(remote\) Host key format: (.*)/.exec(line)?.[1] ?? offered;
            },
            ...(hostKey && {
                algorithms: { serverHostKey: [hostKey.type as ServerHostKeyAlgorithm] },
                hostVerifier: (key: Buffer) => {
                    mismatch = !key.equals(hostKey.blob);
                    return !mismatch;
                },
            }),
        });
    });
}

interface Circumstances {
    mismatch: boolean;
    offered: string;
    hostKey: HostKey | undefined;
    auth: Authentication;
}

/** What golang.org/x/crypto/ssh says in the same case. */
function explain(error: Error & { level?: string }, { mismatch, offered, hostKey, auth }: Circumstances): string {
    if (mismatch) {
        return "ssh: host key mismatch";
    }
    if (error.message.includes("host key format")) {
        const peer = offered.split(",").join(" ");
        return `ssh: no common algorithm for host key; we offered: [${hostKey?.type ?? ""}], peer offered: [${peer}]`;
    }
    if (error.level === "client-authentication") {
        return `ssh: unable to authenticate, attempted methods [${auth.tried.join(" ")}], no supported methods remain`;
    }
    return /connection lost|ended/i.test(error.message) ? "EOF" : error.message;
}

function connectTcp({ host, port, perDialTimeout }: Connection): Promise<Socket> {
    const endpoint = `${host.includes(":") ? `[${host}]` : host}:${port}`;
    return new Promise((resolve, reject) => {
        const socket = createConnection({ host, port });
        socket.setTimeout(perDialTimeout * 1000, () => {
            socket.destroy();
            reject(new Error(`dial tcp ${endpoint}: i/o timeout`));
        });
        socket.once("error", (error: NodeJS.ErrnoException) => reject(new Error(dialError(error, host, endpoint))));
        socket.once("connect", () => {
            socket.setTimeout(0);
            socket.removeAllListeners("error");
            resolve(socket);
        });
    });
}

function dialError(error: NodeJS.ErrnoException, host: string, endpoint: string): string {
    switch (error.code) {
        case "ECONNREFUSED":
            return `dial tcp ${endpoint}: connect: connection refused`;
        case "EHOSTUNREACH":
            return `dial tcp ${endpoint}: connect: no route to host`;
        case "ENETUNREACH":
            return `dial tcp ${endpoint}: connect: network is unreachable`;
        case "ETIMEDOUT":
            return `dial tcp ${endpoint}: i/o timeout`;
        case "ENOTFOUND":
        case "EAI_AGAIN":
            return `dial tcp: lookup ${host} on ${getServers()[0] ?? "127.0.0.1"}:53: no such host`;
        default:
            return `dial tcp ${endpoint}: ${error.message}`;
    }
}
