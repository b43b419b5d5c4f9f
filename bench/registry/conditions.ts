import { FEW, LARGE, MANY, RECONNECTING, SMALL, type Load } from "./load";
import { DISK } from "./surroundings";
import { COST_10, DECLARED, GUIDE, IN_MEMORY, NO_CACHE, OPEN } from "./names";

/** What the registries run on. */
export interface Condition {
    name: string;
    /** What is measured, and with which registries; the others are compared with the first. */
    loads: readonly (readonly [Load, readonly string[]])[];
    /** Processors of a registry and its Redis together. @default all */
    processors?: number;
    /** @default the machine's own */
    disk?: "slow";
}

const CACHES = [GUIDE, DECLARED, IN_MEMORY, NO_CACHE];
const QUICK = [...CACHES, OPEN];
const ALL = [...QUICK, COST_10];

export const conditions: readonly Condition[] = [
    {
        name: "this machine",
        loads: [
            [SMALL, ALL],
            [LARGE, ALL],
            [MANY, QUICK],
            [RECONNECTING, [GUIDE, DECLARED]],
        ],
    },
    {
        name: "half a processor",
        processors: 0.5,
        loads: [
            // Cost 10 would take six minutes.
            [SMALL, [GUIDE, DECLARED]],
            [LARGE, [GUIDE, DECLARED]],
            [MANY, [GUIDE, DECLARED]],
        ],
    },
    {
        name: `a disk of ${DISK.operations} operations and ${DISK.mebibytes} MiB a second`,
        disk: "slow",
        loads: [
            [FEW, CACHES],
            [LARGE, CACHES],
        ],
    },
];

export const titleOf = (load: Load, condition: Condition) => `${load.name}, ${condition.name}`;
