import * as fs from "node:fs";
import * as path from "node:path";

const docs = path.join(__dirname, "../docs");

/** Pages of which a test runs each command, below docs/. */
export const pages = [
    ...fs
        .readdirSync(path.join(docs, "operations"))
        .filter((name) => name.endsWith(".md"))
        .map((name) => `operations/${name}`),
    "how-to/backup.md",
    "how-to/clean-up.md",
    "how-to/troubleshooting.md",
    "how-to/two-nases.md",
];

/** The blocks of code of a page: their languages, and their texts. */
export function blocksOf(page: string): { language: string; text: string }[] {
    const text = fs.readFileSync(path.join(docs, page), "utf8");
    return [...text.matchAll(/^( *)```(\w*)\n([^]*?)^\1```$/gm)].map(([, indent = "", language = "", code = ""]) => ({
        language,
        text: code.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
    }));
}

/** The commands that a page shows, a line each, without comments. */
export function commandsOf(page: string): string[] {
    return blocksOf(page)
        .filter(({ language }) => language === "sh")
        .flatMap(({ text }) => text.replaceAll(/\\\n\s*/g, "").split("\n"))
        .map((line) => line.replace(/(^|\s+)#\s.*/, ""))
        .filter(Boolean);
}

/**
 * A command for a shell, as one of the pages shows it. unit/pages.test.ts sees by the calls which commands no test runs, so the
 * command stands in them as it is.
 *
 * @param others What a test has in the place of examples: the name of its stack, say.
 * @throws Error when no page shows the command, or nothing of an example is in it
 */
export function shown(command: string, others: Record<string, string> = {}): string {
    if (!pages.some((page) => commandsOf(page).includes(command))) {
        throw new Error(`no page shows the command '${command}'`);
    }
    return Object.entries(others).reduce((text, [example, value]) => {
        if (!text.includes(example)) {
            throw new Error(`'${example}' is not in '${command}'`);
        }
        return text.replaceAll(example, value);
    }, command);
}
