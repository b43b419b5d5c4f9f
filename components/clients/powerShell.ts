import { readFileSync } from "node:fs";
import * as path from "node:path";

/**
 * A PowerShell string that means exactly `text`, several lines included. PowerShell takes typographic quotes for single
 * quotes, too, and a doubled one of any kind for one of the string's own.
 */
export function powerShellQuote(text: string): string {
    return `'${text.replace(/['\u2018-\u201b]/g, "$&$&")}'`;
}

/**
 * A PowerShell script: the values as assignments, then the files one after another.
 *
 * @param files Paths relative to `components/`.
 */
export function renderPowerShell(values: Record<string, string>, ...files: string[]): string {
    const assignments = Object.entries(values).map(([name, value]) => `$${name} = ${powerShellQuote(value)}\n`);
    const scripts = files.map((file) => readFileSync(path.join(__dirname, "..", file), "utf8"));
    return [...assignments, ...scripts].join("");
}
