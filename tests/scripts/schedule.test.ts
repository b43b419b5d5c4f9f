import * as fs from "node:fs";

import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { nextRun, scheduleValues } from "../../components/operations/schedule/schedule";
import { capture } from "../../toolchain/process";
import { awks } from "./daemon/nas";
import { ScriptHost, shells } from "./shells";

const MINUTE = 60;
const DAY = 86_400;

/** A field of a cron expression, with the numbers that it is meant to be. */
interface Field {
    text: string;
    numbers: number[];
}

/** The model: one look at every minute. */
const isDue = ([minute, hour, day, month, weekday]: Field[], local: number) => {
    const date = new Date(local * 1000);
    const has = (field: Field | undefined, number: number) => field?.numbers.includes(number) ?? false;
    const onDay = has(day, date.getUTCDate());
    const onWeekday = has(weekday, date.getUTCDay());
    const isEither = [day, weekday].every((field) => !field?.text.startsWith("*"));
    return (
        has(minute, date.getUTCMinutes()) &&
        has(hour, date.getUTCHours()) &&
        has(month, date.getUTCMonth() + 1) &&
        (isEither ? onDay || onWeekday : onDay && onWeekday)
    );
};

function firstAfter(fields: Field[], after: number, until: number): number | undefined {
    for (let at = (Math.floor(after / MINUTE) + 1) * MINUTE; at <= until; at += MINUTE) {
        if (isDue(fields, at)) {
            return at;
        }
    }
    return undefined;
}

const steps = (from: number, to: number, by = 1) =>
    Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, i) => from + i * by);

function field(from: number, to: number, names: string[] = []): fc.Arbitrary<Field> {
    const number = fc.integer({ min: from, max: to });
    const spelled = (each: number) => names[each - from] ?? String(each);
    const range = fc.tuple(number, number).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    const part = fc.oneof(
        number.map((each) => ({ text: spelled(each), numbers: [each] })),
        range.map(([a, b]) => ({ text: `${spelled(a)}-${b}`, numbers: steps(a, b) })),
        fc.tuple(range, fc.integer({ min: 1, max: to - from })).map(([[a, b], by]) => ({
            text: `${a}-${b}/${by}`,
            numbers: steps(a, b, by),
        })),
    );
    return fc.oneof(
        { weight: 2, arbitrary: fc.constant({ text: "*", numbers: steps(from, to) }) },
        fc.integer({ min: 1, max: to - from }).map((by) => ({ text: `*/${by}`, numbers: steps(from, to, by) })),
        {
            weight: 3,
            arbitrary: fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => ({
                text: parts.map(({ text }) => text).join(","),
                numbers: parts.flatMap(({ numbers }) => numbers),
            })),
        },
    );
}

const expression = fc.tuple(
    field(0, 59),
    field(0, 23),
    field(1, 31),
    field(1, 12, ["Jan", "FEB"]),
    field(0, 6, ["sun", "MON", "Tue"]),
);
const textOf = (fields: Field[]) => fields.map(({ text }) => text).join(" ");

/** Local times around which calendars go wrong, and others. */
const moment = fc
    .tuple(
        fc.constantFrom(
            "2027-01-01",
            "2027-03-01",
            "2028-02-29",
            "2028-03-01",
            "2028-12-31",
            "2032-02-29",
            "2037-12-31",
            "2100-03-01",
            "2400-02-29",
        ),
        fc.oneof(fc.integer({ min: -3600, max: 3600 }), fc.integer({ min: -200 * DAY, max: 200 * DAY })),
    )
    .map(([date, seconds]) => Date.parse(date) / 1000 + seconds);
/** Seconds since the last look, most of which was five minutes ago. */
const since = fc.oneof(
    fc.integer({ min: 0, max: 600 }),
    fc.integer({ min: 0, max: 2 * DAY }),
    fc.integer({ min: 0, max: 45 * DAY }),
);
const zone = fc
    .oneof(
        fc.constantFrom(345, -210, 0, 120),
        fc.integer({ min: -12 * 4, max: 14 * 4 }).map((quarters) => quarters * 15),
    )
    .map((offset) => {
        const digits = (number: number) => String(number).padStart(2, "0");
        const sign = offset < 0 ? "-" : "+";
        return { offset, text: sign + digits(Math.floor(Math.abs(offset) / 60)) + digits(Math.abs(offset) % 60) };
    });

async function look([command = "", ...args]: string[], schedules: Record<string, string>, values: object) {
    const { schedules: lines, due_program } = scheduleValues(schedules);
    const assignments = Object.entries(values).flatMap(([name, value]) => ["-v", `${name}=${String(value)}`]);
    const { code, stdout, stderr } = await capture(command, [...args, ...assignments, String(due_program)], {
        input: `${lines}\n`,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [last, ...due] = stdout.trimEnd().split("\n");
    return { last: Number(last), due };
}

test("the three awks and nextRun agree with a look at every minute", async () => {
    let found = 0;
    await fc.assert(
        fc.asyncProperty(
            fc.array(expression, { minLength: 1, maxLength: 6 }),
            moment,
            since,
            zone,
            async (expressions, local, seconds, { offset, text }) => {
                const last = local - seconds;
                const now = local - offset * MINUTE;
                const schedules = Object.fromEntries(
                    expressions.map((fields, i) => [`operation-${i}`, textOf(fields)]),
                );
                const first = expressions.map((fields) => firstAfter(fields, Math.max(last, local - 40 * DAY), local));
                const due = Object.keys(schedules).filter((_, i) => first[i] !== undefined);
                found += due.length;
                for (const [name, awk] of awks) {
                    const seen = await look(awk, schedules, { now, zone: text, last });
                    expect(seen, name).toEqual({ last: local, due });
                }
                for (const fields of expressions) {
                    const next = nextRun(textOf(fields), new Date((last - offset * MINUTE) * 1000), offset);
                    const nextLocal = next && next.getTime() / 1000 + offset * MINUTE;
                    expect(nextLocal !== undefined && nextLocal <= local ? nextLocal : undefined).toBe(
                        firstAfter(fields, last, local),
                    );
                }
            },
        ),
        { numRuns: 150 },
    );
    expect(found).toBeGreaterThan(50);
}, 120_000);

describe.each(awks)("%s", (_, awk) => {
    const nightly = { nightly: "30 2 * * *" };
    const at = (text: string) => Date.parse(`${text}Z`) / 1000;
    const looks = (values: object, schedules: Record<string, string> = nightly) =>
        look(awk, schedules, { zone: "+0000", ...values });

    test("says in their order what is due, once, however often it was missed", async () => {
        const schedules = { backup: "0 3 * * *", gc: "*/5 * * * *", prune: "0 4 1 1 *" };
        const last = at("2026-05-01T00:00");
        expect((await looks({ now: at("2026-05-20T12:00"), last }, schedules)).due).toEqual(["backup", "gc"]);
    });

    test("sees the last minute of an hour, of a day and of a year when the next begins", async () => {
        const year = { yearly: "59 23 31 12 *" };
        expect((await looks({ now: at("2027-01-01T00:00"), last: at("2026-12-31T23:55") }, year)).due).toEqual([
            "yearly",
        ]);
        expect((await looks({ now: at("2027-01-01T00:05"), last: at("2027-01-01T00:00") }, year)).due).toEqual([]);
    });

    test("knows the last day of the calendar's four hundred years", async () => {
        const leap = { leap: "0 0 29 2 *" };
        expect((await looks({ now: at("2400-02-29T00:00"), last: at("2400-02-28T23:55") }, leap)).due).toEqual([
            "leap",
        ]);
    });

    test("looks back forty days", async () => {
        const now = at("2026-06-10T00:00");
        expect((await looks({ now, last: at("2026-01-01T00:00") }, { a: "0 0 1 5 *", b: "1 0 1 5 *" })).due).toEqual([
            "b",
        ]);
    });

    test("makes up the hour that summer time leaves out, and runs nothing twice in the one that comes twice", async () => {
        // In Berlin on 2026-03-29 the clocks go from 02:00 to 03:00, on 2026-10-25 from 03:00 to 02:00.
        const spring = await looks({ now: at("2026-03-29T01:00"), zone: "+0200", last: at("2026-03-29T01:55") });
        expect(spring).toEqual({ last: at("2026-03-29T03:00"), due: ["nightly"] });
        let last = at("2026-10-25T02:25");
        const runs: string[] = [];
        for (let now = at("2026-10-25T00:30"); now <= at("2026-10-25T03:00"); now += 300) {
            const seen = await looks({ now, zone: now < at("2026-10-25T01:00") ? "+0200" : "+0100", last });
            runs.push(...seen.due);
            last = seen.last;
        }
        expect(runs).toEqual(["nightly"]);
        expect(last).toBe(at("2026-10-25T04:00"));
    });

    test("runs nothing twice after the clock was set back a little, and goes on from there after a lot", async () => {
        const last = at("2026-05-04T02:35");
        expect(await looks({ now: at("2026-05-04T02:30"), last })).toEqual({ last, due: [] });
        expect(await looks({ now: at("2025-05-04T02:30"), last })).toEqual({ last: at("2025-05-04T02:30"), due: [] });
    });

    test("waits for a clock that begins in 1970 or 2000", async () => {
        const last = at("2026-05-04T02:25");
        expect(await looks({ now: at("2000-01-01T02:35"), last })).toEqual({ last, due: [] });
        // The very first look.
        const first = await looks({ now: at("1970-01-01T02:35"), last: "" });
        expect(first.due).toEqual([]);
        expect((await looks({ now: at("2026-05-04T02:40"), last: first.last })).due).toEqual([]);
    });

    test.each(["", "garbage", "-5"])("looks back five minutes where the last look is %j", async (last) => {
        expect((await looks({ now: at("2026-05-04T02:34:59"), last })).due).toEqual(["nightly"]);
        expect((await looks({ now: at("2026-05-04T02:35"), last })).due).toEqual([]);
    });

    test("takes no time for forty days", async () => {
        // It never comes, so that all of the days are looked at.
        const schedules = Object.fromEntries(steps(1, 7).map((i) => [`operation-${i}`, "*/5 * 31 2 *"]));
        const began = performance.now();
        await looks({ now: at("2026-06-10T00:00"), last: at("2026-01-01T00:00") }, schedules);
        expect(performance.now() - began).toBeLessThan(300);
    });
});

describe.each(shells)("schedule.sh under %s", (_, shell) => {
    let host: ScriptHost;
    const operations = () => host.path("home", "control", "operations");
    const looks = async (clock: number, values: object = {}) => {
        const { code, stdout, stderr } = await host.run(
            ["operations/schedule/schedule.sh", "../tests/scripts/schedule/due.sh"],
            {
                ...scheduleValues({ gc: "30 2 * * *", backup: "0 3 * * *" }),
                control_directory: host.path("home", "control"),
                zone: "+0200",
                clock,
                mark: "yes",
                docker: "/bin/false",
                ...values,
            },
            "apply",
        );
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
        return stdout.trim();
    };

    beforeEach(() => {
        host = new ScriptHost(shell);
        fs.mkdirSync(operations(), { recursive: true, mode: 0o700 });
    });
    afterEach(() => host.remove());

    test("what is due stays due until it is done", async () => {
        const evening = Date.parse("2026-05-04T20:00:00+02:00") / 1000;
        expect(await looks(evening)).toBe("");
        expect(await looks(evening + DAY, { mark: "" })).toBe("gc\nbackup");
        expect(await looks(evening + DAY + 300)).toBe("gc\nbackup");
        expect(await looks(evening + DAY + 600)).toBe("");
        expect(fs.readdirSync(operations())).toEqual(["ticked"]);
        expect(fs.statSync(`${operations()}/ticked`).mode & 0o777).toBe(0o600);
    });

    test("nothing is due where nothing has a schedule", async () => {
        expect(await looks(Date.parse("2026-05-04T20:00Z") / 1000, { schedules: "" })).toBe("");
    });
});
