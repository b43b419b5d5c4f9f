/** `npm run bench [-- PART...]`: measures and writes docs/benchmarks.md; --runs N for a try, --page to write the page only. */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { ensureToolchain } from "../toolchain";
import { machine } from "./machine";
import type { Bench } from "./part";
import { parts } from "./parts";
import { keep, writePage } from "./report/page";

const closers: (() => Promise<void> | void)[] = [];

let closing = Promise.resolve();
let isInterrupted = false;

/** What is still being measured then goes no further, and opens nothing that nobody would close. */
function goOn(): void {
    if (isInterrupted) throw new Error("interrupted");
}

/** Undoes all, in reverse order; what fails is said, and the rest goes on. */
function close(): Promise<void> {
    return (closing = closing.then(closeAll));
}

async function closeAll(): Promise<void> {
    for (let closer = closers.pop(); closer; closer = closers.pop()) {
        try {
            await closer();
        } catch (error) {
            console.error((error as Error).message);
        }
    }
}

async function bench(): Promise<void> {
    const { values, positionals } = parseArgs({
        allowPositionals: true,
        options: { runs: { type: "string", default: "5" }, page: { type: "boolean", default: false } },
    });
    const unknown = positionals.find((name) => !parts.some((part) => part.name === name));
    if (unknown !== undefined) {
        throw new Error(`no part '${unknown}': choose among ${parts.map(({ name }) => name).join(", ")}`);
    }
    const chosen = positionals.length > 0 ? parts.filter(({ name }) => positionals.includes(name)) : parts;
    if (!values.page) {
        const toolchain = await ensureToolchain();
        console.log(toolchain.description.join("\n"));
        const context: Omit<Bench, "report"> = {
            toolchain,
            runs: Number(values.runs),
            opened: (closer) => {
                closers.push(closer);
                goOn();
            },
        };
        for (const part of chosen) {
            const began = Date.now();
            const minutes = () => (Date.now() - began) / 60_000;
            const report = (line: string) => {
                goOn();
                console.log(`${minutes().toFixed(1).padStart(5)} min  ${part.name}: ${line}`);
            };
            const results = await part.measure({ ...context, report });
            await close();
            keep(part.name, { machine: await machine(), minutes: Math.round(minutes()), runs: context.runs, results });
        }
    }
    writePage(parts);
}

const measured = bench()
    .catch((error: unknown) => {
        console.error((error as Error).message);
        process.exitCode = 1;
    })
    .finally(() => close());

// What runs in the foreground hears of Ctrl-C itself; what is left of it goes with the control group and the lab. What was just being
// started is closed, too, when it has started.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
        isInterrupted = true;
        console.error(`${signal}: everything is taken away`);
        void close()
            .then(() => Promise.race([measured, sleep(10_000)]))
            .then(close)
            .then(() => process.exit(130));
    });
}
