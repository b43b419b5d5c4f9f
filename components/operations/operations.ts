import type * as pulumi from "@pulumi/pulumi";

import type { ScriptValues } from "../nas/script";
import type { Plain } from "../settings/section";
import { backupValues, rehearsalOf, type BackupArgs } from "./backup/backup";
import { replicationValues, type ReplicationArgs } from "./replication/replication";
import { retentionValues, type RetentionArgs } from "./retention/retention";
import { collectionValues, type GarbageCollectionArgs } from "./collection/collection";
import { alertValues, type OperationAlertsArgs } from "./notifications/notifications";
import { snapshotValues, type SnapshotsArgs } from "./snapshots/snapshots";
import { verificationSchedule, verificationValues, type VerificationArgs } from "./verification/verification";

/** What a registry does by itself, by the scheduler of its NAS. Each can be started from a desk as well: `nas-registry --help`. */
export interface OperationsSettings {
    /**
     * Copies the images, and what the registry is made of, encrypted, to another disk or server, while it serves; `nas-registry restore`
     * brings them back. Not with `storage`. @default none @example { directory: "/volumeUSB1/usbshare/registry-backup" }
     */
    backup?: pulumi.Input<BackupArgs>;
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
    /**
     * Copies images to another registry. Not with `auth` token.
     * @default none @example { target: { registry: "nas-b.lan:9160", username: "admin", password: "s3cret-s3cret" } }
     */
    replication?: pulumi.Input<ReplicationArgs>;
    /**
     * Snapshots by the NAS's own means of what holds the images: of DSM's shared folder on Btrfs, or of ZFS on QuTS hero and Linux.
     * Elsewhere `up` refuses it, and on QTS. @default none @example { schedule: "0 0,6,12,18 * * *", keep: 8 }
     */
    snapshots?: pulumi.Input<SnapshotsArgs>;
    /**
     * Reads every blob and compares it with its digest, puts aside what is damaged, so that the next push or a copy heals it, and names
     * the images that lack something. @default only when somebody starts it @example { hours: "1-6", rate: "50m" }
     */
    verification?: pulumi.Input<VerificationArgs>;
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
    /** Cron expressions of other verbs that come with it. */
    others?: (args: NonNullable<PlainOperations[Name]>) => Record<string, string>;
}

/** In the order in which they run when they are due together. An operation is added here, with a folder. */
export const operations: { [Name in OperationName]-?: Operation<Name> } = {
    // First, these two: they hold what the others may delete.
    snapshots: {
        verb: "snapshot",
        schedule: "0 0,6,12,18 * * *",
        script: "snapshots/snapshots.sh",
        values: snapshotValues,
    },
    backup: {
        verb: "backup",
        schedule: "0 2 * * *",
        script: "backup/backup.sh",
        values: backupValues,
        others: (args) => ({ rehearse: rehearsalOf(args) }),
    },
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
    replication: {
        verb: "replicate",
        schedule: "30 4 * * *",
        script: "replication/replication.sh",
        values: replicationValues,
    },
    verification: {
        verb: "verify",
        schedule: verificationSchedule({}),
        script: "verification/verification.sh",
        values: verificationValues,
        others: (args) => ({ verify: verificationSchedule(args) }),
    },
};

/** What the scripts of all operations read; any of them can be started from a desk. */
export function operationValues(asked: PlainOperations): ScriptValues {
    return {
        ...operations.backup.values(asked.backup),
        ...operations.retention.values(asked.retention),
        ...operations.garbageCollection.values(asked.garbageCollection),
        ...alertValues(asked.notifications),
        ...operations.replication.values(asked.replication),
        ...operations.snapshots.values(asked.snapshots),
        ...operations.verification.values(asked.verification),
    };
}

/** The cron expressions of the operations that were asked for, by their verbs. */
export function scheduleOf(asked: PlainOperations): Record<string, string> {
    const all = Object.entries(operations) as [OperationName, Operation<OperationName>][];
    return Object.fromEntries(
        all.flatMap(([name, { verb, schedule, others }]) => {
            const args = asked[name];
            return args ? Object.entries({ [verb]: args.schedule ?? schedule, ...others?.(args as never) }) : [];
        }),
    );
}
