import * as fs from "node:fs";
import * as path from "node:path";

import { repositoryRoot } from "../../toolchain";
import type { Machine } from "../machine";
import type { Part } from "../part";

const docs = path.join(repositoryRoot, "docs");
const plotsFolder = path.join(docs, "benchmarks");
const results = path.join(repositoryRoot, "bench", "results");

/** What is kept of one part. */
export interface Kept<Results = unknown> {
    machine: Machine;
    minutes: number;
    runs: number;
    results: Results;
}

export function keep(name: string, kept: Kept): void {
    const short = (_: string, value: unknown) => (typeof value === "number" ? Math.round(value * 1e4) / 1e4 : value);
    fs.mkdirSync(results, { recursive: true });
    fs.writeFileSync(path.join(results, `${name}.json`), `${JSON.stringify(kept, short)}\n`);
}

/** Writes docs/benchmarks.md, and its plots, of all that is kept. */
export function writePage(parts: readonly Part[]): void {
    fs.mkdirSync(plotsFolder, { recursive: true });
    const sections = parts.flatMap((part) => {
        const file = path.join(results, `${part.name}.json`);
        if (!fs.existsSync(file)) return [];
        const kept = JSON.parse(fs.readFileSync(file, "utf8")) as Kept;
        const { text, plots } = part.describe(kept.results);
        for (const [name, plot] of Object.entries(plots)) fs.writeFileSync(path.join(plotsFolder, name), plot);
        return [`## ${part.title}\n\n${measuredOn(kept)}\n\n${text.trim()}\n`];
    });
    const found = sections.length > 0 ? sections : ["No figures are kept here yet.\n"];
    const page = [introduction, ...found].join("\n").replace(/\n{3,}/g, "\n\n");
    fs.writeFileSync(path.join(docs, "benchmarks.md"), page);
}

const introduction = `<!-- \`make bench\` writes this page; the words are in bench/, the measurements in bench/results/*.json. -->

# Benchmarks

\`make bench\` measures all of this again on your machine, and takes away what it made. \`npm run bench -- deploying\` measures one part,
and \`npm run bench -- --page\` writes the page anew from the last measurements.

A figure is the median of all runs, and behind it are the least and the most of them. What is compared was measured in turns in the same
run, each time in another order, and a ratio is that of one round.
`;

function measuredOn({ machine, minutes, runs }: Kept): string {
    const { date, processor, memory, system, node, commit, load } = machine;
    return `Measured on ${date}, ${runs} ${runs === 1 ? "run" : "runs"} in ${minutes} minutes, at commit ${commit}: ${processor}, ${memory}, ${system}, Node.js ${node}, load ${load} at the end.`;
}
