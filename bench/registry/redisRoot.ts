import { execFileSync } from "node:child_process";
import * as fs from "node:fs";

import { stopIdleEngine } from "../../lab";
import { ensureEngine } from "../../lab/engine";
import { ensureImages } from "../../lab/images";

/** Lays out what is in the lab's image of the cache, so that it runs beside a registry without an engine. */
export async function layOutRedis(directory: string, registry: string): Promise<void> {
    const engine = await ensureEngine();
    try {
        const { redis } = await ensureImages(engine, registry, () => undefined);
        const [container = ""] = await engine.docker.lines(["create", redis]);
        try {
            fs.mkdirSync(directory);
            await engine.docker.run(["export", "--output", `${directory}.tar`, container]);
            execFileSync("tar", ["--extract", "--file", `${directory}.tar`, "--directory", directory]);
        } finally {
            await engine.docker.run(["rm", container]);
        }
    } finally {
        await stopIdleEngine();
    }
}
