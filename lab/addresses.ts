import { createHash } from "node:crypto";
import * as net from "node:net";

import { repository } from "./paths";

/** Each checkout has a third byte of its own, so that one lab does not take the address of another's NAS that is off. */
const network = `127.0.${createHash("sha256").update(repository).digest().readUInt8()}`;

/** The first loopback address in this checkout's 127.0.x.11 to 249 that is nobody's and where none of `ports` is taken. */
export async function freeAddress(ports: readonly number[], taken: ReadonlySet<string>): Promise<string> {
    for (let last = 11; last < 250; last++) {
        const address = `${network}.${last}`;
        if (taken.has(address)) continue;
        const free = await Promise.all(ports.map((port) => isFree(address, port)));
        if (free.every(Boolean)) return address;
    }
    throw new Error(`no loopback address from ${network}.11 to ${network}.249 is free for a simulated NAS`);
}

function isFree(address: string, port: number): Promise<boolean> {
    return new Promise((resolve) => {
        const server = net.createServer();
        server.on("error", () => resolve(false));
        server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve(true)));
    });
}

/** Waits for sshd's greeting, so that the first real login does not meet a closed port. */
export async function waitForSsh(address: string, port: number, seconds = 30): Promise<void> {
    const until = Date.now() + seconds * 1000;
    while (Date.now() < until) {
        if (await greets(address, port)) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`no SSH server answers on ${address}:${port} after ${seconds} s`);
}

function greets(address: string, port: number): Promise<boolean> {
    return new Promise((resolve) => {
        const socket = net.connect({ host: address, port });
        const end = (greeted: boolean): void => {
            socket.destroy();
            resolve(greeted);
        };
        socket.setTimeout(1000, () => end(false));
        socket.on("data", (data) => end(data.toString().startsWith("SSH-")));
        socket.on("error", () => end(false));
        socket.on("close", () => end(false));
    });
}
