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

/** The mapping that distribution reads from a text, or a sentence that says what is wrong with it and holds nothing of it. */
export function parseMapping(text: string): ConfigTree | string {
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
        return `it is not YAML at line ${line}, column ${col} (${fault.code.toLowerCase().replaceAll("_", " ")}).`;
    }
    try {
        // Through JSON, which refuses what contains itself and makes a copy of what an alias means.
        const value = JSON.parse(JSON.stringify(document.toJS() ?? {}, finite)) as ConfigValue;
        return isTree(value) ? value : "it must be a YAML mapping, such as 'catalog: {maxentries: 2000}'.";
    } catch {
        // The error has the alias' name.
        return "it has an alias without its anchor, one to what it is itself in, or too many.";
    }
}

export function isTree(value: ConfigValue | undefined): value is ConfigTree {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** JSON would make null of infinity. */
function finite(_key: string, value: unknown): unknown {
    return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

/** Text from which distribution reads this configuration: what would be no string in YAML 1.1 is quoted. */
export function renderYaml(config: ConfigTree): string {
    return stringify(config, { compat: "yaml-1.1" });
}
