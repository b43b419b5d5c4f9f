import type * as pulumi from "@pulumi/pulumi";

import * as is from "../../settings/is";
import { bytesIn, mebibytesIn } from "../../settings/units";
import { section } from "./section";

/** How much of the NAS the registry may take. */
export interface LimitArgs {
    /**
     * Memory limit of the registry, such as `512m` or `2g`, at least `64m`; `0` is no limit.
     * @default "1g", and "0" in the tier `basic`
     * @example "512m"
     */
    memory?: pulumi.Input<string>;
    /**
     * Limit of memory and swap together, not below `memory`; `-1` is no limit. Whether it is given must be known when the
     * program runs.
     * @default twice the memory, which is the engine's
     * @example "1536m"
     */
    memorySwap?: pulumi.Input<string>;
    /**
     * CPU limit of the registry, in CPUs from 0.1 to 9.9; left out, with a warning, where the NAS's kernel has no CPU
     * quota. 0 is no limit.
     * @default 2, and 0 in the tier `basic`
     * @example 1.5
     */
    cpus?: pulumi.Input<number>;
    /**
     * Most processes and threads of the registry, at least 64; left out, with a warning, where the NAS's kernel cannot limit
     * them.
     * @default 1024
     * @example 512
     */
    pidsLimit?: pulumi.Input<number>;
}

const memory = is.size("64m", "1024g");

export const limits = section<LimitArgs>()({
    preset: ({ tier }) => (tier === "basic" ? { memory: "0", cpus: 0 } : { memory: "1g", cpus: 2 }),
    checks: {
        memory: { isRight: (text) => bytesIn(text) === 0 || memory.isRight(text), allowed: `${memory.allowed}, or 0` },
        cpus: {
            isRight: (cpus) => cpus === 0 || (cpus >= 0.1 && cpus <= 9.9),
            allowed: "a number of CPUs from 0.1 to 9.9, or 0",
        },
        pidsLimit: is.whole(64, 4_194_304),
    },
    check: (problems, { memory, memorySwap }) => {
        const least = memory === undefined ? 0 : bytesIn(memory) || Infinity;
        const isRight = (text: string) => text === "-1" || bytesIn(text) >= least;
        problems.check("memorySwap", memorySwap, isRight, "a size such as 512m or 1g, at least memory, or -1");
    },
    settings: ({ memory, memorySwap, cpus, pidsLimit = 1024 }) => ({
        /** MiB; 0 is no limit. */
        memory: mebibytesIn(memory),
        /** MiB, memory and swap; -1 is no limit, undefined the engine's default. */
        memorySwap: memorySwap === "-1" ? -1 : memorySwap === undefined ? undefined : mebibytesIn(memorySwap),
        /** 0 is no limit. */
        cpus,
        pidsLimit,
    }),
    /** The limit of swap is the user's and not the engine's. */
    structure: ({ memorySwap }) => ({ hasMemorySwap: memorySwap !== undefined }),
});
