import { checkBackup } from "../../operations/backup/backup";
import { checkAlerts } from "../../operations/notifications/notifications";
import { operations as all, type OperationName, type OperationsSettings } from "../../operations/operations";
import { checkRetention } from "../../operations/retention/retention";
import type { AuthArgs } from "./auth";
import type { CacheArgs } from "./cache";
import type { MaintenanceArgs } from "./maintenance";
import { loopbackIn, section } from "./section";
import type { ObjectStorageArgs } from "./storage";

/** How a registry looks after itself. */
export interface OperationsArgs {
    /**
     * What the registry does by itself for years, by the scheduler of the NAS, which needs root there; `{}` lets it be started from a
     * desk alone. Which operations there are must be known when the program runs.
     * @default none @example { garbageCollection: { schedule: "30 3 * * 0", deleteUntagged: true } }
     */
    operations?: OperationsSettings;
}

export const operationsSection = section<OperationsArgs & CacheArgs & MaintenanceArgs & AuthArgs & ObjectStorageArgs>()(
    {
        confidential: ["operations"],
        check: (problems, { operations, cache, ...args }) => {
            if (operations !== undefined && cache === "external") {
                problems.add(
                    "operations: they are not allowed with cache external, which another registry may share, and which garbage collection would have to empty; set cache to redis, or leave operations out.",
                );
            }
            checkAlerts(problems, operations?.notifications);
            if (operations?.backup) {
                checkBackup(problems, operations.backup, loopbackIn);
                if ("storage" in args) {
                    problems.add(
                        "operations.backup: it is not allowed with storage, where the images are; make backups of that, or leave one of them out.",
                    );
                }
            }
            if (operations !== undefined && "retention" in operations) {
                checkRetention(problems, operations.retention?.rules);
                const obstacles: [unknown, string, string][] = [
                    [args.deletes === false, "deletes false", "set deletes to true"],
                    [
                        args.auth === "token",
                        "auth token, whose server alone says who may delete",
                        "set auth to htpasswd",
                    ],
                    ["storage" in args, "storage, which does not say when a tag was pushed", "keep images on the NAS"],
                ];
                for (const [, what, mends] of obstacles.filter(([isThere]) => isThere)) {
                    problems.add(
                        `operations.retention: it is not allowed with ${what}; ${mends}, or leave retention out.`,
                    );
                }
            }
        },
        structure: ({ operations }) => ({
            operations: operations && (Object.keys(operations) as OperationName[]).filter((name) => name in all),
        }),
    },
);
