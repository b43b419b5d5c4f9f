import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Nas } from "../../lab";
import { eventually, RegistryView, Setting } from "./setting";

let setting: Setting;
let nas: Nas;
let registry: RegistryView;

const stack = "cache";
const password = "a password of Redis";
const blobs = (keys: string[]) => keys.filter((key) => key.startsWith("blobs::"));

/** The Redis as the argument `externalRedis` has it; its passwords are secrets of the stack's configuration. */
async function use(externalRedis: object, passwords: Record<string, string>): Promise<void> {
    setting.workspace.changeArguments(stack, { externalRedis });
    for (const [path, value] of Object.entries(passwords)) {
        await setting.workspace.configureSecret(stack, `registry.externalRedis.${path}`, value);
    }
    await setting.workspace.operate(stack, "up");
}

beforeAll(async () => {
    setting = await Setting.open("cache");
    nas = await setting.nas({ vendor: "synology", name: stack }, { cache: "external" });
});
afterAll(() => setting.close());

// TLS and users of Redis are in scaling.test.ts.
describe("the descriptor cache in a Redis outside the NAS", () => {
    test("follows the sentinels to the server that took over", async () => {
        const sentinel = { name: "ha", password, sentinelPassword: "a password of the sentinel" };
        const redis = await setting.lab.startRedisSentinel(sentinel);
        await use(
            { addresses: [redis.address], sentinel: { masterName: redis.masterName } },
            { password, "sentinel.password": sentinel.sentinelPassword },
        );
        registry = new RegistryView(await setting.client("laptop"), await setting.workspace.outputs(stack));
        await registry.push("app:1");
        const [first, second] = redis.servers;
        expect(blobs(await first.keys())).not.toEqual([]);
        await first.service.remove();
        // Refused until it has taken over; and what is there afterwards came from the registry.
        await eventually(60, () => second.cli("flushall"));
        await eventually(60, async () => {
            await registry.manifest("app", "1");
            return blobs(await second.keys()).length > 0;
        });
    });

    test("is spread over the servers of a Cluster", async () => {
        const nodes = await setting.lab.startRedisCluster({ name: "cluster", password });
        await use({ addresses: nodes.map((node) => node.address) }, { password });
        for (const number of [1, 2, 3, 4]) {
            await registry.push(`cluster-${number}:1`);
        }
        const counts = await Promise.all(nodes.map(async (node) => (await node.keys()).length));
        expect(counts.every((count) => count > 0)).toBe(true);
    });

    test("leaves no Redis on the NAS", async () => {
        expect((await nas.docker("ps", "--all", "--format", "{{.Names}}")).trim()).toBe("registry");
    });
});
