/** Something that is not as the stack left it, or will not stay so. */
export interface Finding {
    /** One line. */
    text: string;
    /** What mends it. */
    remedy: string;
}

/** One thing that was looked at. */
export interface Thing {
    name: string;
    findings: Finding[];
    /** Said of one that is well. */
    note?: string;
    /** Why it could not be looked at. */
    problem?: string;
}

/** What was looked at on one machine. */
export interface Place {
    /** `user@host:port`. */
    where: string;
    things: Thing[];
}

/** A machine and what was found on it, one line for each finding and for each thing that is well. */
export function describePlace({ where, things }: Place): string {
    const width = Math.max(0, ...things.map(({ name }) => name.length));
    const line = (word: string, name: string, text = "") =>
        `  ${word.padEnd(8)} ${name.padEnd(width)} ${text}`.trimEnd();
    const lines = things.flatMap(({ name, findings, note, problem }) => {
        if (problem !== undefined) {
            return line("unknown", name, problem);
        }
        if (findings.length === 0) {
            return line("ok", name, note);
        }
        return findings.flatMap(({ text, remedy }, index) => [
            line("finding", name, text),
            // Below the last of those that it mends.
            ...(findings[index + 1]?.remedy === remedy ? [] : [`${" ".repeat(11)}to mend: ${remedy}`]),
        ]);
    });
    return [where, ...lines, ""].join("\n");
}

/** The last line; and the exit code: 1 when something was found, 2 when something could not be looked at. */
export function summary(places: readonly Place[]): { line: string; code: number } {
    const things = places.flatMap((place) => place.things);
    const findings = things.flatMap((thing) => thing.findings).length;
    const unknown = things.filter(({ problem }) => problem !== undefined).length;
    const found = findings === 0 ? "nothing found" : counted(findings, "finding");
    const missed = unknown === 0 ? "" : `, ${counted(unknown, "thing")} could not be looked at`;
    return {
        line: `${found}${missed}; ${counted(things.length, "thing")} on ${counted(places.length, "machine")}.\n`,
        code: unknown > 0 ? 2 : Math.min(findings, 1),
    };
}

function counted(number: number, what: string): string {
    return `${number} ${what}${number === 1 ? "" : "s"}`;
}
