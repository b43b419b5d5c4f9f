import type { NasFacts } from "../../nas/probe";
import type { Settings } from "../settings";

/** Limits of the containers as the docker provider takes them; nothing is no limit. */
export interface Limits {
    memory?: number;
    memorySwap?: number;
    redisMemory?: number;
    cpus?: string;
}

/** The limits that the NAS's kernel can keep; a container with another one would be refused. */
export function possibleLimits(
    wanted: Pick<Settings, "memory" | "memorySwap" | "redisMemory" | "cpus">,
    found: Pick<NasFacts, "memoryLimit" | "swapLimit" | "cpuQuota">,
): Limits {
    const { memory, memorySwap, redisMemory, cpus } = wanted;
    return {
        ...(found.memoryLimit && { redisMemory, ...(memory > 0 && { memory }) }),
        // No limit is what an engine reports whose kernel cannot limit swap.
        ...(memorySwap !== undefined && { memorySwap: found.swapLimit ? memorySwap : -1 }),
        ...(found.cpuQuota && cpus > 0 && { cpus: canonicalCpus(cpus) }),
    };
}

/** The spelling in which the provider reads `cpus` back: "2.0", "1.5". */
export function canonicalCpus(cpus: number): string {
    const rounded = Math.round(cpus * 10) / 10;
    return Number.isInteger(rounded) ? `${rounded}.0` : String(rounded);
}
