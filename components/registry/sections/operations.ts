import { checkBackup } from "../../operations/backup/backup";
import { checkAlerts } from "../../operations/notifications/notifications";
import { operations as all, type OperationName, type OperationsSettings } from "../../operations/operations";
import { checkReplication } from "../../operations/replication/replication";
import { checkRetention } from "../../operations/retention/retention";
import { checkVerification } from "../../operations/verification/verification";
import type { AuthArgs } from "./auth";
import type { CacheArgs } from "./cache";
import type { MaintenanceArgs } from "./maintenance";
import { checkReaches, loopbackIn, type Networked, type Problems, section } from "./section";
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

type Args = OperationsArgs & CacheArgs & MaintenanceArgs & AuthArgs & ObjectStorageArgs & Networked;

export const operationsSection = section<Args>()({
    confidential: ["operations"],
    check: (problems, args) => {
        const { operations, cache } = args;
        if (operations !== undefined && cache === "external") {
            problems.add(
                "operations: they are not allowed with cache external, which another registry may share, and which garbage collection would have to empty; set cache to redis, or leave operations out.",
            );
        }
        checkAlerts(problems, operations?.notifications);
        if (operations?.backup) {
            checkBackup(problems, operations.backup, loopbackIn);
            refuseWith(problems, "backup", [
                ["storage" in args, "storage, where the images are; make backups of that"],
            ]);
        }
        if (operations && "snapshots" in operations) {
            refuseWith(problems, "snapshots", [
                ["storage" in args, "storage, where the images are; keep versions of them there"],
            ]);
        }
        if (operations && "verification" in operations) {
            checkVerification(problems, operations.verification);
            refuseWith(problems, "verification", [
                ["storage" in args, "storage, which checks what it keeps by itself"],
            ]);
        }
        if (operations && "retention" in operations) {
            checkRetention(problems, operations.retention?.rules);
            refuseWith(problems, "retention", [
                [args.deletes === false, "deletes false; set deletes to true"],
                [args.auth === "token", "auth token, whose server alone says who may delete; set auth to htpasswd"],
                ["storage" in args, "storage, which does not say when a tag was pushed; keep images on the NAS"],
            ]);
        }
        if (operations && "replication" in operations) {
            const target = operations.replication?.target;
            checkReplication(problems, target);
            checkReaches(problems, "operations.replication.target.registry", target?.registry, args);
            refuseWith(problems, "replication", [
                [args.auth === "token", "auth token, whose server alone says who may pull; set auth to htpasswd"],
            ]);
        }
    },
    structure: ({ operations }) => ({
        operations: operations && (Object.keys(operations) as OperationName[]).filter((name) => name in all),
    }),
});

/** Refuses an operation with what it cannot work with, if that is so. */
function refuseWith(problems: Problems, operation: string, obstacles: [isSo: boolean, why: string][]): void {
    for (const [, why] of obstacles.filter(([isSo]) => isSo)) {
        problems.add(`operations.${operation}: it is not allowed with ${why}, or leave ${operation} out.`);
    }
}
