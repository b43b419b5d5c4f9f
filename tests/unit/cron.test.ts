import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { cronOf } from "../../components/settings/cron";
import { cron } from "../../components/settings/is";
import { Problems } from "../../components/settings/shape";

function sentenceOf(expression: string): string | undefined {
    const problems = new Problems();
    problems.check("schedule", expression, cron);
    return problems.sentences[0];
}

describe("a cron expression", () => {
    test.each([
        ["30 3 * * *", { minutes: [30], hours: [3], weekdays: [0, 1, 2, 3, 4, 5, 6], eitherDay: false }],
        ["5,0-20/10 8-10 * * *", { minutes: [0, 5, 10, 20], hours: [8, 9, 10] }],
        ["0 */7 * * *", { hours: [0, 7, 14, 21] }],
        ["0 0 */10 * *", { days: [1, 11, 21, 31], eitherDay: false }],
        ["0 0 1 jan,Mar-MAY,12 *", { months: [1, 3, 4, 5, 12] }],
        ["0 0 * * 7", { weekdays: [0] }],
        ["0 0 * * sun,TUE-thu", { weekdays: [0, 2, 3, 4] }],
        ["0 0 * * fri-sun", { weekdays: [0, 5, 6] }],
        ["0 0 * * 5-7", { weekdays: [0, 5, 6] }],
        ["0 0 1,15 * mon", { days: [1, 15], weekdays: [1], eitherDay: true }],
        ["0 0 */2 * mon", { weekdays: [1], eitherDay: false }],
        ["0 0 1-7 * */3", { weekdays: [0, 3, 6], eitherDay: false }],
        ["*/60 * * * *", { minutes: [0] }],
        ["@Hourly", cronOf("0 * * * *")],
        ["@daily", cronOf("0 0 * * *")],
        ["@midnight", cronOf("0 0 * * *")],
        ["@weekly", cronOf("0 0 * * sun")],
        ["@monthly", cronOf("0 0 1 * *")],
        ["@yearly", cronOf("0 0 1 jan *")],
        ["@annually", cronOf("0 0 1 1 *")],
    ])("%j is taken", (expression, meaning) => {
        expect(sentenceOf(expression)).toBeUndefined();
        expect(cronOf(expression)).toMatchObject(meaning);
    });

    test.each([
        ["", "not five fields"],
        ["30 3", "not five fields"],
        ["0 30 3 * * *", "not five fields"],
        ["@reboot", "not five fields"],
        ["constructor", "not five fields"],
        ["60 3 * * *", 'wrong in its minute, "60"'],
        ["-1 3 * * *", 'wrong in its minute, "-1"'],
        ["1.5 3 * * *", 'wrong in its minute, "1.5"'],
        ["0x1 3 * * *", 'wrong in its minute, "0x1"'],
        ["1, 3 * * *", 'wrong in its minute, "1,"'],
        ["*/0 3 * * *", 'wrong in its minute, "*/0"'],
        // It would run every hour, and not every 90 minutes.
        ["*/90 * * * *", 'wrong in its minute, "*/90"'],
        // Some crons take it for 5-59/15, some for 5.
        ["5/15 * * * *", 'wrong in its minute, "5/15"'],
        ["*-5 * * * *", 'wrong in its minute, "*-5"'],
        ["0 24 * * *", 'wrong in its hour, "24"'],
        ["0 22-2 * * *", 'wrong in its hour, "22-2"'],
        ["0 jan * * *", 'wrong in its hour, "jan"'],
        ["0 3 0 * *", 'wrong in its day of the month, "0"'],
        ["0 3 L * *", 'wrong in its day of the month, "L"'],
        ["0 3 ? * *", 'wrong in its day of the month, "?"'],
        ["0 3 * 13 *", 'wrong in its month, "13"'],
        ["0 3 * january *", 'wrong in its month, "january"'],
        ["0 3 * * 8", 'wrong in its day of the week, "8"'],
        ["0 3 * * mon#1", 'wrong in its day of the week, "mon#1"'],
        ["0 3 * *\n*", "not five fields"],
        ["0 3 * * *\n", 'wrong in its day of the week, "*\\n"'],
        ["0 0 31 2 *", "a date that never comes"],
        ["0 0 30-31 feb */2", "a date that never comes"],
        ["0 0 31 4,6,9,11 *", "a date that never comes"],
    ])("%j is refused", (expression, fault) =>
        expect(sentenceOf(expression)).toBe(
            `schedule: ${JSON.stringify(expression)} is ${fault}; it must be a cron expression such as "30 3 * * sun" (minute, hour, day of the month, month, day of the week) or @daily.`,
        ),
    );

    test.each([
        ["* * * * *", "*/5 * * * *"],
        ["*/2 * * * *", "*/5 * * * *"],
        ["*/4 3 * * mon", "*/5 3 * * mon"],
        ["1,2,3 * * * *", "3 * * * *"],
        ["10-20 8 * * *", "10,15,20 8 * * *"],
        ["0,59 * * * *", "59 * * * *"],
        ["58,59 3 * * *", "59 3 * * *"],
    ])("%j is more often than the NAS looks, and the nearest is %j", (expression, nearest) => {
        expect(sentenceOf(expression)).toContain(
            `${JSON.stringify(expression)} is more often than the NAS looks, which is every 5 minutes, and the nearest to it is ${JSON.stringify(nearest)}; it must be`,
        );
        expect(sentenceOf(nearest)).toBeUndefined();
    });

    test.each(["*/5 * * * *", "3,8 * * * *", "0,4 * * * *", "0,59 3 * * *", "0 0 29 2 *", "0 0 31 2 mon"])(
        "%j is not",
        (expression) => expect(sentenceOf(expression)).toBeUndefined(),
    );
});

test("is refused exactly when two runs of a day fall together at one look, and the nearest is taken", () => {
    const list = (max: number) => fc.uniqueArray(fc.integer({ min: 0, max }), { minLength: 1, maxLength: 5 });
    fc.assert(
        fc.property(list(59), list(23), (minutes, hours) => {
            const sentence = sentenceOf(`${minutes.join(",")} ${hours.join(",")} * * *`);
            const looks = hours.flatMap((hour) => minutes.map((minute) => Math.ceil((hour * 60 + minute) / 5) % 288));
            expect(sentence !== undefined).toBe(new Set(looks).size < looks.length);
            const [, nearest = "@daily"] = /the nearest to it is "([^"]+)"/.exec(sentence ?? "") ?? [];
            expect(sentenceOf(nearest)).toBeUndefined();
        }),
        { numRuns: 2000 },
    );
});
