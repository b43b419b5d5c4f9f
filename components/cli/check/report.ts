/** What is wrong, and what mends it. */
export interface Finding {
    text: string;
    remedy: string;
}

/** A line of the report: what is said of one thing that was looked at; a thing with several findings has a line for each. */
export interface Line extends Partial<Finding> {
    word: "ok" | "finding" | "unknown";
    name: string;
    text: string;
}

/** What is said of a thing: its findings, or that it is well. */
export function linesOf(name: string, findings: readonly Finding[], note = ""): Line[] {
    return findings.length === 0
        ? [{ word: "ok", name, text: note }]
        : findings.map((each) => ({ word: "finding", name, ...each }));
}

/** What was found on a machine, with the remedy below the last of the findings that it mends. */
export function describe(machine: string, lines: readonly Line[]): string {
    const width = Math.max(0, ...lines.map(({ name }) => name.length));
    const texts = lines.flatMap(({ word, name, text, remedy }, index) => {
        const next = lines[index + 1];
        const line = `  ${word.padEnd(8)} ${name.padEnd(width)} ${text}`.trimEnd();
        const isMended = remedy && (next?.name !== name || next.remedy !== remedy);
        return isMended ? [line, `           to mend: ${remedy}`] : [line];
    });
    return [machine, ...texts, ""].join("\n");
}

/** The last line; and the exit code: 1 when something was found, 2 when something could not be looked at. */
export function summary(machines: readonly Line[][]): { line: string; code: number } {
    const lines = machines.flat();
    const count = (word: Line["word"]) => lines.filter((each) => each.word === word).length;
    const things = machines.flatMap((all) => [...new Set(all.map(({ name }) => name))]);
    const found = count("finding") === 0 ? "nothing found" : counted(count("finding"), "finding");
    const missed = count("unknown") === 0 ? "" : `, ${counted(count("unknown"), "thing")} could not be looked at`;
    return {
        line: `${found}${missed}; ${counted(things.length, "thing")} on ${counted(machines.length, "machine")}.\n`,
        code: count("unknown") > 0 ? 2 : Math.min(count("finding"), 1),
    };
}

function counted(number: number, what: string): string {
    return `${number} ${what}${number === 1 ? "" : "s"}`;
}
