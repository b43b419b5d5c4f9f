import { LineCounter, parseDocument, stringify, type Tags } from "yaml";

/** A configuration, or a part of it. */
export type ConfigValue = string | number | boolean | null | ConfigValue[] | ConfigTree;
export interface ConfigTree {
    [key: string]: ConfigValue;
}

/**
 * Distribution reads YAML 1.1 (`yes` is true, 0755 is octal), but not its dates and numbers to the base of 60. Sets and
 * binaries have no place in a configuration.
 */
const distributionsTags = (tags: Tags): Tags =>
    tags.filter(
        (tag) =>
            typeof tag === "string" ||
            (/:(map|seq|str|null|bool|int|float|merge)$/.test(tag.tag) && tag.format !== "TIME"),
    );

/** The value that distribution reads from a text, or what is wrong with the text, in words that hold nothing of it. */
export function parseYaml(text: string): { value: ConfigValue } | { problem: string } {
    const lines = new LineCounter();
    const document = parseDocument(text, {
        version: "1.1",
        customTags: distributionsTags,
        stringKeys: true,
        lineCounter: lines,
        // Pretty ones quote the text.
        prettyErrors: false,
    });
    // A warning is about a tag that nothing here or there knows.
    const [fault] = [...document.errors, ...document.warnings];
    if (fault) {
        const { line, col } = lines.linePos(fault.pos[0]);
        const what = fault.code.toLowerCase().replaceAll("_", " ");
        return { problem: `it is not YAML at line ${line}, column ${col} (${what}).` };
    }
    try {
        // Through JSON, which refuses what contains itself and makes a copy of what an alias means.
        return { value: JSON.parse(JSON.stringify(document.toJS(), finite)) as ConfigValue };
    } catch {
        // The error has the alias' name.
        return { problem: "it has an alias without its anchor, one to what it is itself in, or too many." };
    }
}

/** JSON would make null of infinity. */
function finite(_key: string, value: unknown): unknown {
    return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

/** Text from which distribution reads this configuration: what would be no string in YAML 1.1 is quoted. */
export function renderYaml(config: ConfigTree): string {
    return stringify(config, { compat: "yaml-1.1" });
}
