import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { keep } from "./paths";

/** Runs `work` while no other process does something under the same name (demo and tests may start together). */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
    const file = path.join(keep, `${name}.lock`);
    fs.mkdirSync(keep, { recursive: true });
    while (!take(file)) await sleep(200);
    try {
        return await work();
    } finally {
        fs.rmSync(file, { force: true });
    }
}

function take(file: string): boolean {
    try {
        fs.writeFileSync(file, String(process.pid), { flag: "wx" });
        return true;
    } catch {
        const holder = holderOf(file);
        // An empty file is being written this moment; a dead holder left its lock behind.
        if (holder > 0 && !alive(holder)) fs.rmSync(file, { force: true });
        return false;
    }
}

function holderOf(file: string): number {
    try {
        return Number(fs.readFileSync(file, "utf8"));
    } catch {
        // It was given back this moment.
        return 0;
    }
}

function alive(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch (error) {
        return (error as NodeJS.ErrnoException).code === "EPERM";
    }
}
