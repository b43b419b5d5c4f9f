import * as fs from "node:fs";
import * as path from "node:path";

import type { Program } from "../lab/workspace";
import { repositoryRoot } from "../toolchain";
import { run } from "../toolchain/process";

interface LockFile {
    packages: Record<string, { dev?: boolean; devOptional?: boolean; link?: boolean }>;
}

/**
 * A program of a folder of this repository, in a project of its own into which the package was installed as its users
 * install it: from the tarball of `npm pack`.
 */
export function programWithPackage(folder: string): Program {
    return async (project) => {
        fs.cpSync(path.join(repositoryRoot, folder), project, { recursive: true });
        const pack = ["pack", "--ignore-scripts", "--silent", "--pack-destination", project];
        const tarball = (await run("npm", pack, { cwd: repositoryRoot })).trim();
        const manifest = {
            name: path.basename(folder),
            private: true,
            dependencies: { "nas-registry": `file:${tarball}` },
        };
        writeJson(path.join(project, "package.json"), manifest);
        writeJson(path.join(project, "package-lock.json"), lockFile(manifest));
        const install = ["install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"];
        await run("npm", install, { cwd: project });
    };
}

/** Asks for the versions of this repository, which are in npm's cache, so that no network is needed. */
function lockFile(manifest: { dependencies: Record<string, string> }): object {
    const { packages } = JSON.parse(
        fs.readFileSync(path.join(repositoryRoot, "package-lock.json"), "utf8"),
    ) as LockFile;
    const shipped = Object.entries(packages).filter(
        ([name, { dev, devOptional, link }]) => name.startsWith("node_modules/") && !dev && !devOptional && !link,
    );
    return { lockfileVersion: 3, requires: true, packages: { "": manifest, ...Object.fromEntries(shipped) } };
}

function writeJson(file: string, content: object): void {
    fs.writeFileSync(file, JSON.stringify(content, null, 4));
}
