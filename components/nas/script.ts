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
 * `components/`. Nothing of it is ever on a command line, so values may be secrets. Lines that are comments stay behind: they are two
 * fifths of the files, and the state has all of it twice, which Pulumi writes anew at every step.
 */
export function renderScript(values: ScriptValues, ...files: string[]): string {
    return [...assignments(values), ...read(files).map((text) => text.replace(/^[ \t]*#.*\n/gm, ""))].join("");
}

/** The same with its comments, for people who read it before they run it. */
export function renderReadableScript(values: ScriptValues, ...files: string[]): string {
    return [...assignments(values), ...read(files)].join("");
}

function assignments(values: ScriptValues): string[] {
    return Object.entries(values).map(([name, value]) => `${name}=${shellQuote(String(value))}\n`);
}

function read(files: string[]): string[] {
    return ["nas/begin.sh", ...files].map((file) => readFileSync(path.join(__dirname, "..", file), "utf8"));
}

export function sha256(text: string): string {
    return createHash("sha256").update(text).digest("hex");
}

/** A name on the NAS that says nothing of the text it is made of. */
export function shortHash(text: string): string {
    return sha256(text).slice(0, 12);
}
