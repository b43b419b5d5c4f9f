import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { capture } from "../toolchain/process";
import type { Docker } from "./docker";
import type { Engine } from "./engine";
import type { Suite } from "./engines";
import { images } from "./paths";
import { pipe } from "./pipe";
import type { Report } from "../toolchain/steps";

const folder = path.join(images, "base");

/**
 * The Debian root that lab images are made from: with mmdebstrap on the lab's own engine (which cannot pull anything),
 * from Debian's image elsewhere.
 */
export async function baseImage(engine: Engine, suite: Suite, progress: Report): Promise<string> {
    const hash = createHash("sha256").update(suite);
    for (const file of ["packages", `packages.${suite}`, "customize.sh"])
        hash.update(fs.readFileSync(path.join(folder, file)));
    const tag = `nas-registry-lab/base:${hash.digest("hex").slice(0, 16)}`;
    if ((await engine.docker.try(["image", "inspect", tag])).code === 0) return tag;

    progress(`building image ${tag} (Debian ${suite}; half a minute to three minutes)`);
    const pulled = !engine.own && (await engine.docker.try(["pull", `debian:${suite}-slim`])).code === 0;
    if (pulled) {
        const build = ["build", "--quiet", "--tag", tag, "--build-arg", `SUITE=${suite}`, folder];
        await engine.docker.run(build, { env: { DOCKER_BUILDKIT: "0" } });
    } else {
        await bootstrap(engine.docker, suite, tag);
    }
    return tag;
}

/** mmdebstrap | docker import: no archive on disk. */
async function bootstrap(docker: Docker, suite: Suite, tag: string): Promise<void> {
    if ((await capture("mmdebstrap", ["--version"])).code !== 0 || process.getuid?.() !== 0) {
        throw new Error(
            `debian:${suite}-slim cannot be pulled: install mmdebstrap and run as root, so that the lab can make its own`,
        );
    }
    const packages = ["packages", `packages.${suite}`].flatMap((file) =>
        fs.readFileSync(path.join(folder, file), "utf8").trim().split("\n"),
    );
    const excluded = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*"];
    const debian = [
        "--quiet",
        "--variant=minbase",
        `--include=${packages.join(",")}`,
        // A mirror may stand still.
        '--aptopt=Acquire::Check-Valid-Until "false"',
        ...excluded.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
        `--customize-hook=sh '${path.join(folder, "customize.sh")}' "$1"`,
        suite,
        "-", // the archive goes to standard output
        ...aptSources(suite),
    ];
    try {
        await pipe({ command: "mmdebstrap", args: debian }, docker.program(["import", "-", tag]));
    } catch (error) {
        await docker.try(["image", "rm", tag]); // what was imported is only the beginning of a root
        throw error;
    }
}

/** The mirrors this machine is configured with, when it is the same Debian; mmdebstrap's own otherwise. */
function aptSources(suite: Suite): string[] {
    const release = fs.existsSync("/etc/os-release") ? fs.readFileSync("/etc/os-release", "utf8") : "";
    if (!release.includes(`VERSION_CODENAME=${suite}`)) return [];
    const file = ["/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"].find((name) =>
        fs.existsSync(name),
    );
    return file === undefined ? [] : [file];
}
