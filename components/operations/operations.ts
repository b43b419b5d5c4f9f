import type * as pulumi from "@pulumi/pulumi";

import type { ScriptValues } from "../nas/script";
import type { Plain } from "../settings/section";
import { retentionValues, type RetentionArgs } from "./retention/retention";
import { collectionValues, type GarbageCollectionArgs } from "./collection/collection";
import { alertValues, type OperationAlertsArgs } from "./notifications/notifications";

/** What a registry does by itself, by the scheduler of its NAS. Each can be started from a desk as well: `nas-registry --help`. */
export interface OperationsSettings {
    /** Deletes what nothing refers to any more. @default only when somebody starts it @example { schedule: "30 3 * * 0" } */
    garbageCollection?: pulumi.Input<GarbageCollectionArgs>;
    /**
     * Deletes tags by rules, those that nothing keeps. Not with `auth` token, `deletes` false or `storage`.
     * @default none @example { rules: [{ repositories: ["ci/**"], keepNewest: 20, keepYounger: "720h" }], apply: true }
     */
    retention?: pulumi.Input<RetentionArgs>;
    /**
     * Who is told how operations went.
     * @default the NAS, of what failed @example { webhooks: [{ kind: "ntfy", url: "https://ntfy.sh/my-registry" }] }
     */
    notifications?: pulumi.Input<OperationAlertsArgs>;
}

export type PlainOperations = Plain<OperationsSettings>;

/** The arguments of an operation. */
export type OperationName = Exclude<keyof OperationsSettings, "notifications">;

/** An operation: what it is called on the NAS and at a desk, when it runs unless told, and what its script reads. */
interface Operation<Name extends OperationName> {
    verb: string;
    schedule: string;
    /** Below `components/operations/`. */
    script: string;
    values: (args: PlainOperations[Name]) => ScriptValues;
}

/** In the order in which they run when they are due together. An operation is added here, with a folder. */
export const operations: { [Name in OperationName]-?: Operation<Name> } = {
    // Before what frees the space.
    retention: {
        verb: "prune",
        schedule: "0 3 * * *",
        script: "retention/retention.sh",
        values: retentionValues,
    },
    garbageCollection: {
        verb: "gc",
        schedule: "30 3 * * 0",
        script: "collection/collection.sh",
        values: collectionValues,
    },
};

/** What the scripts of all operations read; any of them can be started from a desk. */
export function operationValues(asked: PlainOperations): ScriptValues {
    return {
        ...operations.retention.values(asked.retention),
        ...operations.garbageCollection.values(asked.garbageCollection),
        ...alertValues(asked.notifications),
    };
}

/** The cron expressions of the operations that were asked for, by their verbs. */
export function scheduleOf(asked: PlainOperations): Record<string, string> {
    const all = Object.entries(operations).map(([name, { verb, schedule }]) => {
        const args = asked[name as OperationName];
        return [verb, args && (args.schedule ?? schedule)] as const;
    });
    return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
