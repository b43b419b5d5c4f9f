import { run } from "../../toolchain/process";
import type { Server } from "./server";

export interface Load {
    /** How it is called in repositories. */
    readonly key: string;
    readonly name: string;
    /** Each with an image of its own. */
    readonly clients: number;
    readonly layers: number;
    /** Of a layer. */
    readonly bytes: number;
    /** A connection for each request. @default false */
    readonly reconnect?: boolean;
}

export const SMALL: Load = { key: "small", name: "50 layers of 20 KB", clients: 1, layers: 50, bytes: 20_000 };
/** What a slow disk takes in seconds. */
export const FEW: Load = { ...SMALL, key: "few", name: "10 layers of 20 KB", layers: 10 };
export const RECONNECTING: Load = {
    ...SMALL,
    key: "reconnecting",
    name: `${SMALL.name}, a connection for each request`,
    reconnect: true,
};
export const LARGE: Load = { key: "large", name: "4 layers of 32 MiB", clients: 1, layers: 4, bytes: 32 * 2 ** 20 };
export const MANY: Load = {
    key: "many",
    name: "8 clients at once, 10 layers of 200 KB each",
    clients: 8,
    layers: 10,
    bytes: 200_000,
};

export interface Taken {
    seconds: number;
    /** Seconds of the processor, of the client and of the registry with its Redis. */
    client: number;
    server: number;
}

/** Milliseconds after which no answer is expected any more. */
const PATIENCE = 600_000;

/** Pushes or pulls the images of one round. @throws with what the client says when anything is not as it should be */
export async function carry(
    program: string,
    server: Server,
    load: Load,
    what: "push" | "pull",
    round: number,
): Promise<Taken> {
    const { url, variant } = server;
    const { name: user, password } = variant.user ?? {};
    const order = { ...load, url, ca: variant.ca, user, password, do: what, name: `${load.key}-${round}` };
    const before = server.processorTime;
    const taken = JSON.parse(await run(program, [], { input: JSON.stringify(order), timeout: PATIENCE })) as {
        seconds: number;
        cpu: number;
    };
    return { seconds: taken.seconds, client: taken.cpu, server: server.processorTime - before };
}
