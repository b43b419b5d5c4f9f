import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { sdkVersion } from "./core/version";

const SOURCES = __dirname;
const ROOT = resolve(SOURCES, "..", "..");
const CACHE = join(ROOT, ".toolchain", "providers");

/** The provider plugins that have a substitute. */
export const SUBSTITUTES = ["command", "docker", "random", "tls"] as const;

/**
 * Makes the substitutes known to a Pulumi home, as the plugin versions that the installed SDKs ask for. Compiles them
 * once per content of this folder; `names` limits them to some. Safe to call again, and by several at once.
 */
export async function installSubstitutes(pulumiHome: string, names: readonly string[] = SUBSTITUTES): Promise<void> {
    const compiled = await compileSubstitutes();
    for (const name of names) {
        const folder = join(pulumiHome, "plugins", `resource-${name}-v${sdkVersion(name)}`);
        await mkdir(folder, { recursive: true });
        await writeExecutable(join(folder, `pulumi-resource-${name}`), wrapper(join(compiled, name, "main.js")));
    }
}

/** Puts the substitute for the Node.js language host into a folder that is on the engine's PATH. */
export async function installLanguageHost(folder: string): Promise<void> {
    const compiled = await compileSubstitutes();
    await mkdir(folder, { recursive: true });
    await writeExecutable(join(folder, "pulumi-language-nodejs"), wrapper(join(compiled, "nodejs", "main.js")));
}

/**
 * Starts the substitutes that need no settings once, for engines that attach to them and do not start their own.
 *
 * @param names Those that may be meant; the others are left to the engine.
 * @param env Their environment, in which they find an ssh-agent.
 * @returns what the engine's environment has for it, and the process, which ends with this one
 */
export async function attachSubstitutes(
    names: readonly string[],
    env: NodeJS.ProcessEnv,
): Promise<{ variables: Record<string, string>; pid: number }> {
    const main = join(await compileSubstitutes(), "attached", "main.js");
    const child = spawn(process.execPath, [main, ...names], { env, stdio: ["ignore", "pipe", "inherit"] });
    for await (const served of createInterface(child.stdout)) {
        // Nobody waits for it, nor for what else it prints.
        child.unref();
        child.stdout.destroy();
        return { variables: { PULUMI_DEBUG_PROVIDERS: served }, pid: child.pid ?? 0 };
    }
    throw new Error(`${main} ended before it served anything`);
}

function wrapper(main: string): string {
    return `#!/bin/sh\nexec ${quoted(process.execPath)} ${quoted(main)} "$@"\n`;
}

function quoted(word: string): string {
    return `'${word.replace(/'/g, "'\\''")}'`;
}

/** Written aside and renamed: a plugin that is just being started is never half a file. */
async function writeExecutable(path: string, content: string): Promise<void> {
    const aside = `${path}.${process.pid}`;
    await writeFile(aside, content);
    await chmod(aside, 0o755);
    await rename(aside, path);
}

/** The folder with the compiled plugins. */
export async function compileSubstitutes(): Promise<string> {
    const target = join(CACHE, await contentHash());
    if (existsSync(target)) {
        return target;
    }
    await mkdir(CACHE, { recursive: true });
    const aside = await mkdtemp(join(CACHE, "building-"));
    try {
        const tsc = join(dirname(require.resolve("typescript/package.json")), "bin", "tsc");
        await promisify(execFile)(process.execPath, [
            tsc,
            "-p",
            join(SOURCES, "tsconfig.build.json"),
            "--outDir",
            aside,
        ]);
        await rename(aside, target);
    } catch (error) {
        await rm(aside, { recursive: true, force: true });
        // Someone else who compiled the same at the same time is no failure.
        if (!existsSync(target)) {
            throw new Error(`compiling the substitutes of Pulumi's plugins failed: ${outputOf(error)}`);
        }
    }
    return target;
}

async function contentHash(): Promise<string> {
    const hash = createHash("sha256");
    const files = (await readdir(SOURCES, { recursive: true }))
        .filter((file) => /\.(ts|json)$/.test(file) && !file.startsWith("tests"))
        .sort();
    for (const file of [...files.map((file) => join(SOURCES, file)), join(ROOT, "tsconfig.json")]) {
        hash.update(relative(ROOT, file))
            .update("\0")
            .update(await readFile(file))
            .update("\0");
    }
    return hash.digest("hex").slice(0, 16);
}

function outputOf(error: unknown): string {
    const { stdout, message } = error as { stdout?: string; message?: string };
    return [stdout, message].find((text) => text) ?? String(error);
}
