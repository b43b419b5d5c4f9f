import { readFileSync } from "node:fs";
import * as path from "node:path";

/** Values that a remote script reads as shell variables. */
export type ScriptValues = Record<string, string | number>;

/** A POSIX shell word that means exactly `text`. */
export function shellQuote(text: string): string {
    return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * The standard input of a remote `sh -s`: the values as assignments, then begin.sh and the script files one after another.
 *
 * Nothing of it is ever on a command line, so values may be secrets.
 *
 * @param files Paths relative to `components/`.
 */
export function renderScript(values: ScriptValues, ...files: string[]): string {
    const assignments = Object.entries(values).map(([name, value]) => `${name}=${shellQuote(String(value))}\n`);
    const scripts = ["nas/begin.sh", ...files].map((file) => readFileSync(path.join(__dirname, "..", file), "utf8"));
    return [...assignments, ...scripts].join("");
}
