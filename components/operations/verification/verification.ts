import type * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "node:fs";
import * as path from "node:path";

import type { ScriptValues } from "../../nas/script";
import { cronFault, cronOf } from "../../settings/cron";
import { filled, type Known, type Plain } from "../../settings/section";
import type { Problems } from "../../settings/shape";
import { bytesIn } from "../../settings/units";

/** When the images are read, and held against their digests. */
export interface VerificationArgs {
    /**
     * Cron expression, in the NAS's own time. Each run goes on where the one before it stopped, or sees that no image lacks anything
     * while no round is due. No other operation begins while it reads. @default where `hours` begin, else "0 5 * * *"
     * @example "0 22 * * 1-5" @is cron
     */
    schedule?: pulumi.Input<string>;
    /** Days from the beginning of a round, which reads every blob once, to that of the next. @default 30 @is whole 1..366 */
    everyDays?: pulumi.Input<number>;
    /** Bytes that are read in a second at most, a whole number of MiB. @default none @example "20m" @is size 1m..10g */
    rate?: pulumi.Input<string>;
    /**
     * Hours of the day, in the NAS's own time, in which a scheduled run reads; it ends with the blob at hand.
     * @default any @example "1-6" @is like /^([01]?\d|2[0-3])-([01]?\d|2[0-4])$/ hours of the day such as 1-6 or 22-4
     */
    hours?: pulumi.Input<string>;
}

/** What runs in a container; the last begins it. */
const INSIDE = ["reading.sh", "images.sh", "inside.sh"];
const FROM_TO = /^(\d+)-(\d+)$/;

/** It begins with its hours, and by default after what the other operations do by night. */
export function verificationSchedule({ schedule, hours }: Plain<VerificationArgs>): string {
    return schedule ?? `0 ${FROM_TO.exec(hours ?? "")?.[1] ?? 5} * * *`;
}

/** What of the arguments is wrong together. */
export function checkVerification(problems: Problems, { schedule, hours }: Known<VerificationArgs> = {}): void {
    const [, from, to] = FROM_TO.exec(hours ?? "") ?? [];
    if (schedule === undefined || from === undefined || cronFault(schedule) !== undefined) {
        return;
    }
    const length = ((Number(to) - Number(from) + 23) % 24) + 1;
    if (!cronOf(schedule).hours.some((hour) => (hour - Number(from) + 24) % 24 < length)) {
        problems.add(
            `operations.verification.hours: "${hours}" has none of the times of schedule "${schedule}", so nothing would ever be read; give hours in which it begins, or leave schedule out.`,
        );
    }
}

export function verificationValues(args: Plain<VerificationArgs> | undefined): ScriptValues {
    const { everyDays, rate, hours } = filled(args, { everyDays: 30, rate: "0", hours: "0-24" });
    return {
        verify_days: everyDays,
        verify_rate: bytesIn(rate),
        verify_hours: hours,
        verify_program: INSIDE.map((file) => readFileSync(path.join(__dirname, file), "utf8")).join("\n"),
    };
}
