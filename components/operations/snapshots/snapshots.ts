import type * as pulumi from "@pulumi/pulumi";

import { filled, type Plain } from "../../settings/section";
import type { ScriptValues } from "../../nas/script";

/** When the NAS makes a snapshot of what holds the images. */
export interface SnapshotsArgs {
    /** Cron expression, in the NAS's own time. @default "0 0,6,12,18 * * *" @example "30 * * * *" @is cron */
    schedule?: pulumi.Input<string>;
    /**
     * How many of the snapshots that it has made stay, the newest; what others have made, or locked, is never counted or removed. What was
     * deleted since keeps its space until the last of them is gone. @default 8 @is whole 1..250
     */
    keep?: pulumi.Input<number>;
}

export function snapshotValues(args: Plain<SnapshotsArgs> | undefined): ScriptValues {
    return { keep_snapshots: args ? filled(args, { keep: 8 }).keep : "" };
}
