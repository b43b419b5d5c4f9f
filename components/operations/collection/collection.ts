import type * as pulumi from "@pulumi/pulumi";

import { filled, type Plain } from "../../settings/section";
import { secondsIn } from "../../settings/units";
import type { ScriptValues } from "../../nas/script";

/** When what no tag and no image refers to is deleted. */
export interface GarbageCollectionArgs {
    /**
     * Cron expression, in the NAS's own time. Pulls go on; pushes and deletes are refused (405) for as long as something is deleted,
     * and succeed when they are repeated. @default "30 3 * * 0" @example "0 4 1 * *" @is cron
     */
    schedule?: pulumi.Input<string>;
    /** Deletes images that have no tag, too, unless an index or its tag refers to them. @default false */
    deleteUntagged?: pulumi.Input<boolean>;
    /**
     * Time that it waits for uploads under way. After that they have `drainTimeout` to end, as when the registry is stopped.
     * @default "10m" @example "1h" @is duration 0..24h
     */
    uploadPatience?: pulumi.Input<string>;
}

/**
 * For each image the collector reads every tag of its repository, and keeps the tags' names for each that has none: for so many
 * pairs of them it takes a minute of a fast processor, and 230 MiB of the memory that the registry has.
 */
const UNTAGGED_PAIRS = 2_000_000;

export function collectionValues(args: Plain<GarbageCollectionArgs> | undefined): ScriptValues {
    const { deleteUntagged, uploadPatience } = filled(args, { deleteUntagged: false, uploadPatience: "10m" });
    return {
        collect_options: deleteUntagged ? "--delete-untagged" : "",
        untagged_pairs: UNTAGGED_PAIRS,
        upload_patience: Math.ceil(secondsIn(uploadPatience)),
    };
}
