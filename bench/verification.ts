/** What verification takes for many small blobs, in the shell that the registry's image has; arguments are how many blobs. */
import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import { ImagesOnNas } from "../tests/scripts/operations/imagesOnNas";

const SIZES = process.argv.slice(2).map(Number);
const LAYERS = 8;

/** Images of eight layers of 4 KiB, in repositories of a hundred. */
function fill(nas: ImagesOnNas, blobs: number): void {
    for (let image = 0; image * (LAYERS + 2) < blobs; image++) {
        const layers = Array.from({ length: LAYERS }, () => randomBytes(4096));
        nas.putImage(`team/app${Math.floor(image / 100)}`, [`v${image}`], layers);
    }
}

/** Seconds, and MiB of the largest of its processes. */
function measure(program: string, ...words: string[]): [seconds: number, memory: number] {
    const busybox = ["time", "-v", "busybox", "ash", program, ...words];
    const { stderr } = spawnSync("busybox", busybox, { encoding: "utf8", input: "", maxBuffer: 2 ** 28 });
    const [, minutes = "", seconds = ""] = /Elapsed.*: (\d+)m ([\d.]+)s/.exec(stderr) ?? [];
    const [, memory = ""] = /Maximum resident set size \(kbytes\): (\d+)/.exec(stderr) ?? [];
    return [Number(minutes) * 60 + Number(seconds), Number(memory) / 1024];
}

console.log("| blobs | read s | MiB | ms each | images s | MiB | ms each |");
console.log("|---:|---:|---:|---:|---:|---:|---:|");
const each = (SIZES.length > 0 ? SIZES : [1000, 10_000, 100_000]).map((blobs) => {
    const nas = new ImagesOnNas();
    try {
        fill(nas, blobs);
        const program = path.join(nas.directory, "images.sh");
        const text = fs.readFileSync(path.join(__dirname, "../components/operations/verification/images.sh"), "utf8");
        fs.writeFileSync(program, text.replace("/var/lib/registry", nas.data));
        execFileSync("sync");
        const read = measure(program, "read", "", "0", "0");
        const images = measure(program, "images", "");
        const cells = [read, images].flatMap(([seconds, memory]) => [
            seconds.toFixed(1),
            memory.toFixed(1),
            ((seconds * 1000) / blobs).toFixed(2),
        ]);
        console.log(`| ${[blobs, ...cells].join(" | ")} |`);
        return { time: (read[0] + images[0]) / blobs, memory: Math.max(read[1], images[1]) };
    } finally {
        nas.remove();
    }
});
const [first, last] = [each[0], each.at(-1)];
if (first && last && (last.time > 1.5 * first.time || last.memory > 2 * first.memory + 4)) {
    console.error("Its time grows faster than the number of blobs, or its memory grows with them.");
    process.exitCode = 1;
}
