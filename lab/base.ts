import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { capture } from "../toolchain/process";
import type { Docker } from "./docker";
import type { Engine } from "./engine";
import { images } from "./paths";
import { pipe } from "./pipe";
import type { Report } from "../toolchain/steps";

const folder = path.join(images, "base");
const suite = "bookworm";

/**
 * The Debian root every lab image is made from: with mmdebstrap on the lab's own engine (which cannot pull anything),
 * from Debian's image elsewhere.
 */
export async function baseImage(engine: Engine, progress: Report): Promise<string> {
    const hash = createHash("sha256");
    for (const file of ["packages", "customize.sh"]) hash.update(fs.readFileSync(path.join(folder, file)));
    const tag = `nas-registry-lab/base:${hash.digest("hex").slice(0, 16)}`;
    if ((await engine.docker.try(["image", "inspect", tag])).code === 0) return tag;

    progress(`building image ${tag} (Debian ${suite}; the longest step, one to three minutes)`);
    const pulled = !engine.own && (await engine.docker.try(["pull", `debian:${suite}-slim`])).code === 0;
    if (pulled) {
        await engine.docker.run(["build", "--quiet", "--tag", tag, folder], { env: { DOCKER_BUILDKIT: "0" } });
    } else {
        await bootstrap(engine.docker, tag);
    }
    return tag;
}

/** mmdebstrap | docker import: no archive on disk. */
async function bootstrap(docker: Docker, tag: string): Promise<void> {
    if ((await capture("mmdebstrap", ["--version"])).code !== 0 || process.getuid?.() !== 0) {
        throw new Error(
            `debian:${suite}-slim cannot be pulled: install mmdebstrap and run as root, so that the lab can make its own`,
        );
    }
    const packages = fs.readFileSync(path.join(folder, "packages"), "utf8").trim().split("\n");
    const excluded = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*"];
    const debian = [
        "--quiet",
        "--variant=minbase",
        `--include=${packages.join(",")}`,
        ...excluded.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
        `--customize-hook=sh '${path.join(folder, "customize.sh")}' "$1"`,
        suite,
        "-", // the archive goes to standard output
        ...aptSources(),
    ];
    try {
        await pipe({ command: "mmdebstrap", args: debian }, docker.program(["import", "-", tag]));
    } catch (error) {
        await docker.try(["image", "rm", tag]); // what was imported is only the beginning of a root
        throw error;
    }
}

/** The mirrors this machine is configured with, when it is the same Debian; mmdebstrap's own otherwise. */
function aptSources(): string[] {
    const release = fs.existsSync("/etc/os-release") ? fs.readFileSync("/etc/os-release", "utf8") : "";
    if (!release.includes(`VERSION_CODENAME=${suite}`)) return [];
    const file = ["/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"].find((name) =>
        fs.existsSync(name),
    );
    return file === undefined ? [] : [file];
}
