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
 * `components/`. Nothing of it is ever on a command line, so values may be secrets. Comments stay behind, and functions that nothing
 * calls: they are most of the files, and the state has all of it twice, which Pulumi writes anew at every step.
 */
export function renderScript(values: ScriptValues, ...files: string[]): string {
    const key = files.join();
    let text = rendered.get(key);
    if (text === undefined) {
        text = withoutUnused(withoutComments(read(files).join("")));
        rendered.set(key, text);
    }
    return [...assignments(values), text].join("");
}

/** The same files are sent to each NAS. */
const rendered = new Map<string, string>();

function withoutComments(text: string): string {
    return text.replace(/^[ \t]*#.*\n/gm, "");
}

/** A function as the scripts write them: on one line, or up to the first line that begins with the closing bracket. */
const FUNCTION = /^(\w+)\(\) [{(](?:.*[})]|.*\n(?:(?![})]).*\n)*[})])\n/gm;

/**
 * Leaves out functions that nothing else names. A name in a text counts, too, and a word that begins or ends with `_`, such as in
 * `operation_$name`, for all names that it may become a part of.
 */
function withoutUnused(text: string): string {
    const bodies = new Map<string, string>();
    for (const [body, name = ""] of text.matchAll(FUNCTION)) {
        bodies.set(name, (bodies.get(name) ?? "") + body);
    }
    const used = new Set<string>();
    const use = (name: string): void => {
        if (!used.has(name)) {
            used.add(name);
            look(bodies.get(name) ?? "");
        }
    };
    const look = (part: string): void => {
        for (const [word] of part.matchAll(/\w+/g)) {
            if (bodies.has(word)) {
                use(word);
            } else if (word.endsWith("_")) {
                [...bodies.keys()].filter((name) => name.startsWith(word)).forEach(use);
            } else if (word.startsWith("_")) {
                [...bodies.keys()].filter((name) => name.endsWith(word)).forEach(use);
            }
        }
    };
    look(text.replace(FUNCTION, ""));
    return text.replace(FUNCTION, (body, name: string) => (used.has(name) ? body : ""));
}

/** The same with comments and all functions, for people who read it before they run it. */
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
