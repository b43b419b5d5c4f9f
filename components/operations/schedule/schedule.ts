import { readFileSync } from "node:fs";
import * as path from "node:path";

import type { ScriptValues } from "../../nas/script";
import { cronOf, type Cron } from "../../settings/cron";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** After as many the calendar repeats itself. */
const DAYS_OF_CALENDAR = 146_097;

/** What schedule.sh needs: operations with their cron expressions, in the order in which they run when several are due. */
export function scheduleValues(schedules: Record<string, string>): ScriptValues {
    const lines = Object.entries(schedules).map(([operation, expression]) => {
        const { minutes, hours, days, months, weekdays, eitherDay } = cronOf(expression);
        return [operation, minutes, hours, days, months, weekdays, Number(eitherDay)].join(" ");
    });
    return { schedules: lines.join("\n"), due_program: readFileSync(path.join(__dirname, "due.awk"), "utf8") };
}

/**
 * The first moment after another one that an expression names; undefined when there is none.
 *
 * @param offset Minutes that the NAS's clocks are ahead of UTC.
 */
export function nextRun(expression: string, after: Date, offset: number): Date | undefined {
    const cron = cronOf(expression);
    const local = after.getTime() + offset * MINUTE;
    const today = Math.floor(local / DAY);
    for (let day = today; day <= today + DAYS_OF_CALENDAR; day++) {
        if (isOn(cron, new Date(day * DAY))) {
            const times = cron.hours.flatMap((hour) => cron.minutes.map((minute) => hour * HOUR + minute * MINUTE));
            const next = times.map((time) => day * DAY + time).find((time) => time > local);
            if (next !== undefined) {
                return new Date(next - offset * MINUTE);
            }
        }
    }
    return undefined;
}

function isOn({ days, months, weekdays, eitherDay }: Cron, date: Date): boolean {
    const isDay = [days.includes(date.getUTCDate()), weekdays.includes(date.getUTCDay())];
    return months.includes(date.getUTCMonth() + 1) && (eitherDay ? isDay.includes(true) : !isDay.includes(false));
}
