import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as path from "node:path";

/** Values that a remote script reads as shell variables. */
export type ScriptValues = Record<string, string | number>;

/** A POSIX shell word that means exactly `text`. */
export function shellQuote(text: string): string {
    return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * The standard input of a remote `sh -s`: the values as assignments, then begin.sh and the files, their paths relative to
 * `components/`. Nothing of it is ever on a command line, so values may be secrets.
 */
export function renderScript(values: ScriptValues, ...files: string[]): string {
    const assignments = Object.entries(values).map(([name, value]) => `${name}=${shellQuote(String(value))}\n`);
    const scripts = ["nas/begin.sh", ...files].map((file) => readFileSync(path.join(__dirname, "..", file), "utf8"));
    return [...assignments, ...scripts].join("");
}

export function sha256(text: string): string {
    return createHash("sha256").update(text).digest("hex");
}

/** A name on the NAS that says nothing of the text it is made of. */
export function shortHash(text: string): string {
    return sha256(text).slice(0, 12);
}
