import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { labUser, Redis, redisPort } from "./redis";
import { filesFolder, Service, type ServiceSurroundings } from "./service";

export interface RedisTopologyOptions {
    /** Servers are named after it: <name>-1, <name>-2, … */
    readonly name: string;
    readonly password: string;
}

export interface RedisSentinelOptions extends RedisTopologyOptions {
    /** Password of the Sentinel itself. */
    readonly sentinelPassword: string;
}

/** Two servers, of which the second follows the first, and a Sentinel that puts it in the first one's place. */
export interface RedisWithSentinel {
    readonly servers: readonly [Redis, Redis];
    readonly sentinel: Service;
    /** `host:port` of the Sentinel. */
    readonly address: string;
    readonly masterName: string;
}

/** Three servers that share the keys. */
export async function startRedisCluster(
    lab: ServiceSurroundings,
    image: string,
    { name, password }: RedisTopologyOptions,
): Promise<Redis[]> {
    const secret = randomBytes(16).toString("hex");
    const start = (number: number): Promise<Redis> =>
        Redis.start(lab, image, { name: `${name}-${number}`, password }, secret, ["cluster-enabled yes"]);
    const nodes = await Promise.all([start(1), start(2), start(3)]);
    const addresses = nodes.map((node) => node.address);
    await nodes[0].cli("--cluster", "create", ...addresses, "--cluster-yes");
    for (let tries = 0; !(await complete(nodes)); tries++) {
        if (tries >= 50) throw new Error(`the Redis Cluster ${name} is not complete after 10 s`);
        await sleep(200);
    }
    return nodes;
}

async function complete(nodes: readonly Redis[]): Promise<boolean> {
    const states = await Promise.all(nodes.map((node) => node.cli("cluster", "info")));
    return states.every((state) => state.includes("cluster_state:ok"));
}

/** A replicated Redis with a Sentinel that takes a second to notice that the first server is gone. */
export async function startRedisSentinel(
    lab: ServiceSurroundings,
    image: string,
    { name, password, sentinelPassword }: RedisSentinelOptions,
): Promise<RedisWithSentinel> {
    const masterName = "primary";
    const port = 26379;
    const secret = randomBytes(16).toString("hex");
    const identity = [`masteruser ${labUser}`, `masterauth ${secret}`];
    const first = await Redis.start(lab, image, { name: `${name}-1`, password }, secret, identity);
    const follow = [...identity, `replicaof ${first.service.address} ${redisPort}`];
    const second = await Redis.start(lab, image, { name: `${name}-2`, password }, secret, follow);
    const lines = [
        `port ${port}`,
        "bind * -::*",
        `requirepass "${sentinelPassword}"`,
        `sentinel monitor ${masterName} ${first.service.address} ${redisPort} 1`,
        `sentinel auth-user ${masterName} ${labUser}`,
        `sentinel auth-pass ${masterName} ${secret}`,
        `sentinel down-after-milliseconds ${masterName} 1000`,
        `sentinel failover-timeout ${masterName} 3000`,
        "",
    ];
    const sentinel = await Service.start(lab, {
        name: `${name}-sentinel`,
        image,
        files: () => ({ "sentinel.conf": lines.join("\n") }),
        // A copy, since Sentinel writes what it learns into its configuration.
        command: ["sh", "-c", `cp ${filesFolder}/sentinel.conf . && exec redis-server ./sentinel.conf --sentinel`],
        answers: `redis-cli -p ${port} ping | grep -q NOAUTH`,
    });
    return { servers: [first, second], sentinel, address: `${sentinel.address}:${port}`, masterName };
}
