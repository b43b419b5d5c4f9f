import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { baseImage } from "./base";
import type { Docker } from "./docker";
import type { Engine } from "./engine";
import { contentSuite, suites, type Suite } from "./engines";
import { withLock } from "./lock";
import { images, keep } from "./paths";
import { vendors, type Vendor } from "./vendors";
import type { Report } from "../toolchain/steps";

/** What containers of the lab are: a NAS of a vendor, or a client. */
export type Host = Vendor | "client";

/** The lab's images that are not hosts, each under a tag that is a hash of what it was made from. */
export interface Images {
    /** Stands for the registry's image on Docker Hub. */
    readonly registry: string;
    /** Stands for the cache's image on Docker Hub. */
    readonly redis: string;
    /** A small image to push and pull, busybox:lab. */
    readonly busybox: string;
}

/** What each of them is made from, below lab/images. */
const sources: Record<keyof Images, readonly string[]> = {
    registry: ["busybox", "registry"],
    redis: ["busybox", "redis"],
    busybox: ["busybox"],
};

/** Images of one static program each, which few labs need, and what each is made from beside its program. */
const programImages = {
    "object-store": ["busybox", "object-store"],
    "rest-server": ["busybox", "rest-server"],
    restic: ["busybox", "restic"],
    regctl: ["regclient", "regctl"],
    regsync: ["regclient", "regsync"],
} as const;

export type ProgramImage = keyof typeof programImages;

/** Builds what is missing; nothing when nothing changed. */
export async function ensureImages(engine: Engine, registryBinary: string, progress: Report): Promise<Images> {
    if (!fs.existsSync(registryBinary)) {
        throw new Error(`registryBinary: ${registryBinary} does not exist; build the registry first (make setup)`);
    }
    return withLock("images", async () => {
        const base = await baseImage(engine, contentSuite, progress);
        const built: Partial<Record<keyof Images, string>> = {};
        for (const name of Object.keys(sources) as (keyof Images)[]) {
            const program = name === "registry" ? registryBinary : undefined;
            built[name] = await ensureImage(engine.docker, { name, folders: sources[name], program }, base, progress);
        }
        return built as Images;
    });
}

/** The image of a host with the engine that a Debian has. */
export async function ensureHostImage(engine: Engine, host: Host, suite: Suite, progress: Report): Promise<string> {
    return withLock("images", async () => {
        const base = await baseImage(engine, suite, progress);
        return ensureImage(engine.docker, { name: host, folders: ["nas", host] }, base, progress);
    });
}

/** The images of all hosts, with each engine. */
export async function ensureHostImages(engine: Engine, progress: Report): Promise<void> {
    for (const suite of suites) {
        for (const host of [...(Object.keys(vendors) as Vendor[]), "client" as const]) {
            await ensureHostImage(engine, host, suite, progress);
        }
    }
}

/** The image of a static program. */
export async function ensureProgramImage(
    engine: Engine,
    name: ProgramImage,
    program: string,
    progress: Report,
): Promise<string> {
    return withLock("images", async () => {
        const base = await baseImage(engine, contentSuite, progress);
        return ensureImage(engine.docker, { name, folders: programImages[name], program }, base, progress);
    });
}

/** What one image is made from. */
interface Recipe {
    readonly name: string;
    /** Below lab/images; the one of the image's name has its Dockerfile. */
    readonly folders: readonly string[];
    /** A static binary, which its Dockerfile finds as bin/<name>. */
    readonly program?: string;
}

async function ensureImage(
    docker: Docker,
    { name, folders, program }: Recipe,
    base: string,
    progress: Report,
): Promise<string> {
    const files = folders.flatMap((folder) => filesBelow(path.join(images, folder)));
    const hash = createHash("sha256").update(base);
    for (const file of files) hash.update(path.relative(images, file)).update(fs.readFileSync(file));
    if (program !== undefined) hash.update(fs.readFileSync(program));
    const tag = `nas-registry-lab/${name}:${hash.digest("hex").slice(0, 16)}`;
    if ((await docker.try(["image", "inspect", tag])).code === 0) return tag;

    progress(`building image ${tag}`);
    const context = fs.mkdtempSync(path.join(keep, `context-${name}-`));
    try {
        for (const folder of folders)
            fs.cpSync(path.join(images, folder), path.join(context, folder), { recursive: true });
        if (program !== undefined) {
            fs.mkdirSync(path.join(context, "bin"));
            fs.copyFileSync(program, path.join(context, "bin", name));
            fs.chmodSync(path.join(context, "bin", name), 0o755);
        }
        await docker.run(
            [
                "build",
                "--quiet",
                "--tag",
                tag,
                "--build-arg",
                `BASE=${base}`,
                "--file",
                path.join(context, name, "Dockerfile"),
                context,
            ],
            { env: { DOCKER_BUILDKIT: "0" } }, // the classic builder is in every engine; BuildKit needs a plugin
        );
    } finally {
        fs.rmSync(context, { recursive: true, force: true });
    }
    return tag;
}

/** All files below a folder, in a fixed order. */
export function filesBelow(folder: string): string[] {
    return fs
        .readdirSync(folder, { withFileTypes: true })
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .flatMap((entry) => {
            const file = path.join(folder, entry.name);
            return entry.isDirectory() ? filesBelow(file) : [file];
        });
}
