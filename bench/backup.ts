/** What backups of registries of different sizes take: `npx tsx bench/backup.ts [BLOBS...]`. */
import * as fs from "node:fs";
import * as path from "node:path";

import { BackupNas } from "../tests/scripts/operations/backupNas";

/** An image has three: a layer, a configuration, a manifest. */
const BLOBS_OF_IMAGE = 3;

/** Seconds that it takes, and how it ended. */
async function timed(nas: BackupNas, operation: string) {
    const began = performance.now();
    const result = await nas.perform(operation);
    if (result.result !== "ok") throw new Error(`${operation}: ${result.output}`);
    return { seconds: Math.round((performance.now() - began) / 100) / 10, bytes: Number(result.added_bytes ?? 0) };
}

async function measure(blobs: number): Promise<void> {
    const nas = await BackupNas.make(["dash"]);
    try {
        for (let i = 0; i < blobs / BLOBS_OF_IMAGE; i++) {
            await nas.push(`team/r${i % 50}`, String(i), `${i} ${Math.random()} `.repeat(200));
        }
        const first = await timed(nas, "backup");
        const second = await timed(nas, "backup");
        fs.renameSync(path.join(nas.files.data, "docker"), path.join(nas.files.data, "before"));
        const restore = await timed(nas, "restore");
        const row = [blobs, first.seconds, first.bytes, second.seconds, second.bytes, restore.seconds];
        console.log(`| ${row.join(" | ")} |`);
    } finally {
        nas.remove();
    }
}

async function main(): Promise<void> {
    console.log("| blobs | first s | stored | second s | stored | restore s |\n| --- | --- | --- | --- | --- | --- |");
    for (const blobs of process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1000, 10_000])
        await measure(blobs);
}

void main();
