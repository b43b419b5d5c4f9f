/** The values that a text of `renderScript` begins with. */
export function valuesOf(script: string): Record<string, string> {
    const values: Record<string, string> = {};
    const assignment = /(\w+)='([^']*(?:'\\''[^']*)*)'\n/y;
    for (let match = assignment.exec(script); match; match = assignment.exec(script)) {
        values[match[1] ?? ""] = match[2]?.replaceAll(`'\\''`, "'") ?? "";
    }
    return values;
}
