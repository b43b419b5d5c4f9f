/**
 * What operations take for registries of different sizes: the whole program of a NAS, with the real registry and restic, in containers
 * as far as they can be had without Docker. It needs root, busybox and GNU time; TMPDIR says where the images are.
 *
 * Arguments: how many blobs, and which operations, if not all.
 * Options:   --together (all images in one repository), --untagged (images lose their tags, instead of being deleted),
 *            --layer BYTES (of a layer; 600), --json (figures, a line each, in place of a table)
 */
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parseArgs } from "node:util";

import { operations, operationValues } from "../../components/operations/operations";
import { scheduleValues } from "../../components/operations/schedule/schedule";
import { statusValues } from "../../components/operations/status/status";
import { BackupNas } from "../../tests/scripts/operations/backupNas";
import { owner } from "../../tests/scripts/registryFiles";

/** A manifest, a configuration and a layer. */
const BLOBS_OF_IMAGE = 3;
const IMAGES_OF_REPOSITORY = 100;

const { values: options, positionals } = parseArgs({
    allowPositionals: true,
    options: {
        together: { type: "boolean" },
        untagged: { type: "boolean" },
        layer: { type: "string", default: "600" },
        json: { type: "boolean" },
    },
});
const numbers = positionals.map(Number).filter(Number.isInteger);
const sizes = numbers.length > 0 ? numbers : [1000, 10_000, 100_000];
const names = positionals.filter((word) => !Number.isInteger(Number(word)));

/** What one operation took, as --json prints it. */
export interface OperationFigures extends Figures {
    operation: string;
    blobs: number;
}

interface Figures {
    elapsed: number;
    processor: number;
    /** MiB of the largest of all its processes. */
    memory: number;
    /** MiB that a backup has added. */
    stored?: number;
}

const figuresFile = path.join(os.tmpdir(), `nas-registry-bench-${process.pid}`);
process.on("exit", () => fs.rmSync(figuresFile, { force: true }));
const timed = ["/usr/bin/time", "-o", figuresFile, "-f", "%e %U %S %M", "busybox", "ash"];

const hexOf = (text: string) => createHash("sha256").update(text).digest("hex");

/** Writes text where it is not yet, and the directories above it. */
function put(file: string, text: string): void {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
}

/** What is written of pushes, as distribution lays it out; afterwards every other image was deleted, or has lost its tag. */
function fill(nas: BackupNas, blobs: number): void {
    for (let image = 0; image * BLOBS_OF_IMAGE < blobs; image++) {
        const of = nas.v2(
            "repositories/team",
            `app${options.together ? "" : Math.floor(image / IMAGES_OF_REPOSITORY)}`,
        );
        const blob = (text: string, mediaType: string) => {
            const hex = hexOf(text);
            put(nas.v2("blobs/sha256", hex.slice(0, 2), hex, "data"), text);
            return { mediaType: `application/vnd.oci.image.${mediaType}`, digest: `sha256:${hex}`, size: text.length };
        };
        const link = (digest: string, ...names: string[]) => put(path.join(of, ...names, "link"), digest);
        const hashed = (digest: string) => digest.replace(":", "/");
        const config = blob(randomBytes(150).toString("hex"), "config.v1+json");
        const layer = blob(randomBytes(Number(options.layer) / 2).toString("hex"), "layer.v1.tar");
        for (const { digest } of [config, layer]) link(digest, "_layers", hashed(digest));
        const index = { schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json" };
        const { digest } = blob(JSON.stringify({ ...index, config, layers: [layer] }), "manifest.v1+json");
        const isTagged = image % 2 === 0;
        if (isTagged || options.untagged) link(digest, "_manifests/revisions", hashed(digest));
        if (isTagged) {
            link(digest, "_manifests/tags", `v${image}`, "current");
            link(digest, "_manifests/tags", `v${image}`, "index", hashed(digest));
        }
    }
    execFileSync("chown", ["-R", `${owner}:${owner}`, nas.v2("../../..")]);
    execFileSync("sync");
}

async function prepared(): Promise<BackupNas> {
    const nas = await BackupNas.make(timed);
    const programs = path.join(nas.engine, "bin");
    const applets = execFileSync("busybox", ["--list"], { encoding: "utf8" }).trim().split("\n");
    for (const applet of applets) {
        if (!fs.existsSync(path.join(programs, applet)))
            fs.symlinkSync("/usr/bin/busybox", path.join(programs, applet));
    }
    const config =
        "version: 0.1\nlog: { level: warn }\nstorage: { filesystem: { rootdirectory: /var/lib/registry } }\n";
    fs.writeFileSync(path.join(nas.files.control, "registry/config.yml"), config);
    const given = {
        garbageCollection: { uploadPatience: "0s", deleteUntagged: options.untagged },
        backup: nas.args,
        retention: { rules: [{ keepNewest: 1 }], maxShare: 100 },
    };
    nas.values = {
        ...operationValues(given),
        ...scheduleValues({}),
        ...statusValues({}),
        sparse_indexes: "",
        regctl_image: "",
        regctl_config: "",
        regclient_authority: "",
    };
    const scripts = Object.values(operations).map(({ script }) => script);
    nas.scripts = [
        ...scripts,
        "restore/restore.sh",
        "regclient.sh",
        "schedule/schedule.sh",
        "status/status.sh",
        "program.sh",
    ];
    return nas;
}

/** @throws with all that it printed when it did not end well */
async function measure(nas: BackupNas, words: string[]): Promise<Figures> {
    const { code, stdout, stderr } = await nas.run(...words);
    const [verb, operation = ""] = words;
    const said: Record<string, string> = verb === "perform" ? nas.result(operation) : { result: "ok", output: stdout };
    if (code !== 0 || said.result === "failed") throw new Error(`${words.join(" ")}: ${said.output}${stderr}`);
    const [elapsed = NaN, user = NaN, system = NaN, kibibytes = NaN] = fs
        .readFileSync(figuresFile, "utf8")
        .trim()
        .split(" ")
        .map(Number);
    const stored = said.added_bytes === undefined ? undefined : Number(said.added_bytes) / 2 ** 20;
    return { elapsed, processor: user + system, memory: kibibytes / 1024, stored };
}

type Earlier = Figures & { blobs: number };
const AGAIN = "backup, nothing new";

/** What is measured, one after the other, on the same images. */
const measured: [name: string, words: string[], prepare?: (nas: BackupNas) => void][] = [
    ["backup, the first", ["perform", "backup"]],
    [AGAIN, ["perform", "backup"]],
    [
        "backup, one tag more",
        ["perform", "backup"],
        (nas) => {
            const tags = nas.v2("repositories/team", options.together ? "app" : "app0", "_manifests/tags");
            execFileSync("cp", ["-a", path.join(tags, "v0"), path.join(tags, "another")]);
        },
    ],
    ["status", ["status"]],
    ["prune, dry run", ["perform", "prune", "dry_run=yes"]],
    ["verify", ["perform", "verify"]],
    [
        "restore",
        ["perform", "restore"],
        // It brings nothing back where something is.
        ({ files }) => fs.renameSync(path.join(files.data, "docker"), path.join(files.data, "before")),
    ],
    ["gc", ["perform", "gc"]],
];

/** One line for an operation: what it took, what each blob more took, and for a second backup what it took of the first. */
function row(name: string, blobs: number, now: Figures, before?: Earlier, first?: Figures): string {
    const { elapsed, processor, memory, stored } = now;
    const cells = [name, blobs, elapsed.toFixed(1), processor.toFixed(1), ((1000 * processor) / blobs).toFixed(2)];
    const more = before && ((memory - before.memory) * 1024) / (blobs - before.blobs);
    const share = first && `${(elapsed / first.elapsed).toFixed(2)} / ${(processor / first.processor).toFixed(2)}`;
    const growth = [before && (processor / before.processor).toFixed(1), memory.toFixed(0), more?.toFixed(2)];
    return `| ${[...cells, ...growth, stored?.toFixed(1), share].map((cell) => cell ?? "").join(" | ")} |`;
}

function printHead(): void {
    console.log(
        "| operation | blobs | elapsed s | processor s | ms a blob | × the size before | MiB | KiB a blob more | stored MiB | of the first: elapsed / processor |",
    );
    console.log("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
}

async function main(): Promise<void> {
    const earlier = new Map<string, Earlier>();
    const grows = new Set<string>();
    if (!options.json) printHead();
    for (const blobs of sizes) {
        const nas = await prepared();
        try {
            fill(nas, blobs);
            let first: Figures | undefined;
            for (const [name, words, prepare] of measured) {
                if (names.length > 0 && !names.includes(words[1] ?? name)) continue;
                prepare?.(nas);
                const figures = await measure(nas, words);
                const before = earlier.get(name);
                const printed: OperationFigures = { operation: name, blobs, ...figures };
                const line = row(name, blobs, figures, before, name === AGAIN ? first : undefined);
                console.log(options.json ? JSON.stringify(printed) : line);
                earlier.set(name, { ...figures, blobs });
                first ??= figures;
                if (before && figures.processor / before.processor > (1.5 * blobs) / before.blobs) grows.add(name);
            }
        } finally {
            nas.remove();
        }
    }
    if (grows.size > 0) {
        console.error(`Faster than the number of blobs grows: ${[...grows].join("; ")}.`);
        process.exitCode = 1;
    }
}

void main();
