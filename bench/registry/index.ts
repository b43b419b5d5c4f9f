import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { ensureRegistryLoad } from "../../toolchain/goPrograms";
import type { Bench, Part } from "../part";
import { alternating } from "../statistics";
import { conditions, titleOf, type Condition } from "./conditions";
import { describeRegistry } from "./describe";
import { carry, type Load, type Taken } from "./load";
import { layOutRedis } from "./redisRoot";
import { Server, type Place } from "./server";
import { cpuShare, dropCaches, mountSlowDisk, settle } from "./surroundings";
import { variants, type Variant } from "./variants";

/** One image, or one of each client, pushed to a registry and pulled twice. */
export interface Sample {
    condition: string;
    load: string;
    registry: string;
    round: number;
    push: Taken;
    pull: Taken;
    /** Pulled when nothing of it is in memory, where this machine lets that be. */
    cold?: Taken;
}

export interface RegistryResults {
    samples: Sample[];
    /** The most memory of a registry and its Redis, MiB. */
    memory: { condition: string; registry: string; mebibytes: number }[];
    /** Conditions that this machine cannot make. */
    leftOut: string[];
}

type Prepared = Pick<Place, "registry" | "redisRoot"> & { load: string; directory: string; all: Variant[] };

export const registry: Part<RegistryResults> = {
    name: "registry",
    title: "The registry's own speed",
    async measure(bench) {
        const directory = fs.mkdtempSync(path.join(os.tmpdir(), "nas-registry-bench-"));
        bench.opened(() => fs.rmSync(directory, { recursive: true, force: true }));
        const prepared: Prepared = {
            registry: bench.toolchain.registry,
            load: await ensureRegistryLoad(),
            redisRoot: path.join(directory, "redis"),
            directory,
            all: await variants(),
        };
        bench.report("taking Redis out of the lab's image");
        await layOutRedis(prepared.redisRoot, prepared.registry);
        const results: RegistryResults = { samples: [], memory: [], leftOut: [] };
        for (const condition of conditions) await measureIn(condition, prepared, bench, results);
        return results;
    },
    describe: describeRegistry,
};

async function measureIn(
    condition: Condition,
    prepared: Prepared,
    bench: Bench,
    results: RegistryResults,
): Promise<void> {
    const { name, loads, processors, disk } = condition;
    const directory = fs.mkdtempSync(path.join(prepared.directory, "condition-"));
    const data = path.join(directory, "data");
    const group = processors === undefined ? undefined : cpuShare(processors, bench.opened);
    const isSlow = disk === "slow" && mountSlowDisk(data, `${data}.img`, bench.opened);
    if ((processors !== undefined && !group) || (disk === "slow" && !isSlow)) {
        results.leftOut.push(name);
        return;
    }
    const named = new Set(loads.flatMap(([, names]) => names));
    const servers: Server[] = [];
    for (const [index, variant] of prepared.all.filter((each) => named.has(each.name)).entries()) {
        const place = { directory: path.join(directory, String(index)), data: path.join(data, String(index)) };
        const server = await Server.start(variant, { ...prepared, ...place, ...(group && { group }) }, bench.opened);
        servers.push(server);
    }
    for (const [load, names] of loads) {
        const those = names.flatMap((each) => servers.filter(({ variant }) => variant.name === each));
        for (let round = 0; round < bench.runs; round++) {
            for (const server of alternating(those, round)) {
                bench.report(`${titleOf(load, condition)}, round ${round + 1}: ${server.variant.name}`);
                const taken = await measureOnce(prepared.load, server, load, round);
                results.samples.push({
                    condition: name,
                    load: load.name,
                    registry: server.variant.name,
                    round,
                    ...taken,
                });
            }
        }
    }
    for (const server of servers) {
        results.memory.push({ condition: name, registry: server.variant.name, mebibytes: server.memory });
        await server.stop();
    }
}

async function measureOnce(
    program: string,
    server: Server,
    load: Load,
    round: number,
): Promise<Pick<Sample, "push" | "pull" | "cold">> {
    settle(server.data);
    const push = await carry(program, server, load, "push", round);
    const pull = await carry(program, server, load, "pull", round);
    const cold = dropCaches(server.data) ? await carry(program, server, load, "pull", round) : undefined;
    server.clear();
    return { push, pull, ...(cold && { cold }) };
}
