import type { OperationsSettings } from "../../operations/operations";
import type { CacheArgs } from "./cache";
import type { MaintenanceArgs } from "./maintenance";
import { section } from "./section";

/** How a registry looks after itself. */
export interface OperationsArgs {
    /**
     * What the registry does by itself for years, by the scheduler of the NAS, which needs root there; `{}` lets it be started from a
     * desk alone. Which operations there are must be known when the program runs.
     * @default none @example { garbageCollection: { schedule: "30 3 * * 0", deleteUntagged: true } }
     */
    operations?: OperationsSettings;
}

export const operationsSection = section<OperationsArgs & CacheArgs & MaintenanceArgs>()({
    confidential: ["operations"],
    check: (problems, { operations, cache }) => {
        if (operations !== undefined && cache === "external") {
            problems.add(
                "operations: they are not allowed with cache external, which another registry may share, and which garbage collection would have to empty; set cache to redis, or leave operations out.",
            );
        }
    },
    structure: ({ operations }) => ({
        operations: operations && (Object.keys(operations) as (keyof OperationsSettings)[]),
    }),
});
