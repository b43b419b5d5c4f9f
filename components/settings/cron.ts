/**
 * What a cron expression means: the numbers that each of its fields stands for. Own code, since what the NAS's awk is given are
 * these numbers, and the libraries for cron hand out dates.
 */
export interface Cron {
    minutes: number[];
    hours: number[];
    days: number[];
    months: number[];
    /** Sunday is 0. */
    weekdays: number[];
    /** Whether a day of the month or of the week is enough, as where neither field begins with `*`; otherwise it must be both. */
    eitherDay: boolean;
}

const MACROS = new Map([
    ["@hourly", "0 * * * *"],
    ["@daily", "0 0 * * *"],
    ["@midnight", "0 0 * * *"],
    ["@weekly", "0 0 * * 0"],
    ["@monthly", "0 0 1 * *"],
    ["@yearly", "0 0 1 1 *"],
    ["@annually", "0 0 1 1 *"],
]);

const FIELDS = [
    { what: "minute", from: 0, to: 59, names: [] },
    { what: "hour", from: 0, to: 23, names: [] },
    { what: "day of the month", from: 1, to: 31, names: [] },
    { what: "month", from: 1, to: 12, names: "jan feb mar apr may jun jul aug sep oct nov dec".split(" ") },
    // Sunday begins a week and ends one, so that both sun-tue and fri-sun are ranges.
    { what: "day of the week", from: 0, to: 7, names: "sun mon tue wed thu fri sat sun".split(" ") },
];

/** The numbers, in order, that a field stands for; none when something is wrong in it. */
function numbersIn(text: string, { from, to, names }: (typeof FIELDS)[number]): number[] {
    const numbers = new Set<number>();
    for (const part of text.split(",")) {
        const range = part.replace(/^\*(?=$|\/)/, `${from}-${to}`);
        const [, first = "", last, step = "1"] = /^(\w+)(?:-(\w+)(?:\/(\d+))?)?$/.exec(range) ?? [];
        const number = (word: string, index: number) => (/^\d\d?$/.test(word) ? Number(word) : index + from);
        const start = number(first, names.indexOf(first));
        const end = last === undefined ? start : number(last, names.lastIndexOf(last));
        const by = Number(step);
        if (start < from || end > to || start > end || by < 1 || by > to - from + 1) {
            return [];
        }
        for (let each = start; each <= end; each += by) {
            numbers.add(to === 7 ? each % 7 : each);
        }
    }
    return [...numbers].sort((a, b) => a - b);
}

const fieldsOf = (expression: string) => (MACROS.get(expression.toLowerCase()) ?? expression).split(/[ \t]+/);

export function cronOf(expression: string): Cron {
    const fields = fieldsOf(expression);
    const [minutes = [], hours = [], days = [], months = [], weekdays = []] = FIELDS.map((field, i) =>
        numbersIn(fields[i]?.toLowerCase() ?? "", field),
    );
    return {
        minutes,
        hours,
        days,
        months,
        weekdays,
        eitherDay: !fields[2]?.startsWith("*") && !fields[4]?.startsWith("*"),
    };
}

/** Minutes between two looks of the NAS at what is due; its scheduler starts nothing more often. */
const LOOK = 5;

/** What is wrong with a cron expression, in words that follow "it is". */
export function cronFault(expression: string): string | undefined {
    const fields = fieldsOf(expression);
    if (fields.length !== FIELDS.length) {
        return "not five fields";
    }
    const { minutes, hours, days, months, weekdays, eitherDay } = cronOf(expression);
    const wrong = [minutes, hours, days, months, weekdays].findIndex((numbers) => numbers.length === 0);
    if (wrong >= 0) {
        return `wrong in its ${FIELDS[wrong]?.what}, ${JSON.stringify(fields[wrong])}`;
    }
    const lengthOf = (month: number) => new Date(Date.UTC(2000, month, 0)).getUTCDate();
    if (!eitherDay && !months.some((month) => days.some((day) => day <= lengthOf(month)))) {
        return "a date that never comes";
    }
    // The last minutes of an hour are seen when the next one begins.
    const hourFollows = hours.some((hour) => hours.includes((hour + 1) % 24));
    const lookAt = (minute: number) => (Math.ceil(minute / LOOK) * LOOK) % (hourFollows ? 60 : 60 + LOOK);
    const seen = new Map(minutes.map((minute) => [lookAt(minute), minute]));
    if (seen.size < minutes.length) {
        const nearest = seen.size >= 60 / LOOK ? `*/${LOOK}` : [...seen.values()].sort((a, b) => a - b).join(",");
        return `more often than the NAS looks, which is every ${LOOK} minutes, and the nearest to it is "${[nearest, ...fields.slice(1)].join(" ")}"`;
    }
    return undefined;
}
