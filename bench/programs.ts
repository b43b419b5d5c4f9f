/** What a program with 1, 10, 25 and 50 registries takes, each in fresh processes; the argument is how many of them. */
import { execFileSync } from "node:child_process";
import os from "node:os";
import path from "node:path";

import type { Figures } from "./program";

const SIZES = [1, 10, 25, 50];
const runs = Number(process.argv[2] ?? 5);

function measure(registries: number): Figures {
    const program = [require.resolve("tsx/cli"), path.join(__dirname, "program.ts"), String(registries)];
    return JSON.parse(execFileSync(process.execPath, program, { encoding: "utf8" })) as Figures;
}

function median(values: number[]): number {
    return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function medians(all: Figures[]): Figures {
    const of = (name: keyof Figures) => median(all.map((figures) => figures[name]));
    return { resources: of("resources"), processor: of("processor"), elapsed: of("elapsed"), memory: of("memory") };
}

// One size after another in each round, so that what else the machine does meets all of them alike.
const rounds = Array.from({ length: runs }, () => SIZES.map(measure));
const results = SIZES.map((registries, index) => ({
    registries,
    ...medians(rounds.flatMap((round) => round[index] ?? [])),
}));
const [least] = results;

/** What each registry beyond the first one takes. */
function oneMore(index: number, name: "processor" | "memory"): number {
    const result = results[index];
    return result && least ? (result[name] - least[name]) / (result.registries - 1) : NaN;
}

console.log(`Node.js ${process.version}, ${os.availableParallelism()} x ${os.cpus()[0]?.model}, median of ${runs}\n`);
console.log(
    "| registries | resources | processor ms | elapsed ms | peak MiB | one more: processor ms | one more: MiB |",
);
console.log("|---:|---:|---:|---:|---:|---:|---:|");
for (const [index, { registries, resources, processor, elapsed, memory }] of results.entries()) {
    const more = (["processor", "memory"] as const).map((name) => (index > 0 ? oneMore(index, name).toFixed(1) : ""));
    const cells = [registries, resources, processor.toFixed(0), elapsed.toFixed(0), memory.toFixed(0), ...more];
    console.log(`| ${cells.join(" | ")} |`);
}
// Were it quadratic, the fiftieth would take several times what the tenth does.
const last = SIZES.length - 1;
if ((["processor", "memory"] as const).some((name) => oneMore(last, name) > 1.5 * oneMore(1, name))) {
    console.error("It grows faster than the number of registries.");
    process.exitCode = 1;
}
