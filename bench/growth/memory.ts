import * as fs from "node:fs";

/** What a process is, as far as it matters here. */
interface Process {
    pid: number;
    parent: number;
}

/** Milliseconds between two looks. */
const INTERVAL = 500;

/** Runs something, and looks meanwhile what memory the processes have that this one has started, shared pages counted once. */
export async function withMemory<T>(run: () => Promise<T>): Promise<{ result: T; mebibytes: number }> {
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, memoryOf(descendants(processes(), process.pid)))), INTERVAL);
    try {
        return { result: await run(), mebibytes: most };
    } finally {
        clearInterval(watch);
    }
}

function processes(): Process[] {
    const pids = fs.readdirSync("/proc").map(Number).filter(Number.isInteger);
    return pids.flatMap((pid) => {
        const status = read(`/proc/${pid}/stat`);
        // The name, in parentheses, may have any letters.
        const parent = Number(status.slice(status.lastIndexOf(")")).split(" ")[2]);
        return status === "" ? [] : [{ pid, parent }];
    });
}

/** All below a process, itself left out. */
export function descendants(all: readonly Process[], root: number): number[] {
    const children = all.filter(({ parent }) => parent === root).map(({ pid }) => pid);
    return children.flatMap((pid) => [pid, ...descendants(all, pid)]);
}

/** MiB; a process that has ended has none. */
function memoryOf(pids: readonly number[]): number {
    const sizes = pids.map((pid) => Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0));
    return sizes.reduce((sum, each) => sum + each, 0) / 1024;
}

function read(file: string): string {
    try {
        return fs.readFileSync(file, "utf8");
    } catch {
        return "";
    }
}
