import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { sdkVersion } from "../lab/providers/core/version";
import { installSubstitutes, SUBSTITUTES } from "../lab/providers/install";
import { capture, which } from "./process";

/**
 * Puts the provider plugins into a workspace's own PULUMI_HOME: the official ones from PATH, from the user's plugin cache,
 * or downloaded; substitutes where none of these has them.
 *
 * @returns Which they are, one line, and the names of the substitutes.
 */
export async function ensurePlugins(env: NodeJS.ProcessEnv): Promise<{ description: string; substitutes: string[] }> {
    const missing: string[] = [];
    for (const name of SUBSTITUTES) {
        if (!which(`pulumi-resource-${name}`) && !copyFromCache(name, env) && !(await download(name, missing, env))) {
            missing.push(name);
        }
    }
    if (missing.length > 0) {
        await installSubstitutes(env.PULUMI_HOME ?? "", missing);
        const substitutes = missing.join(", ");
        return {
            description: `provider plugins: substitutes of this repository for ${substitutes}; the official ones cannot be downloaded here`,
            substitutes: missing,
        };
    }
    return { description: "provider plugins: the official ones", substitutes: [] };
}

function copyFromCache(name: string, env: NodeJS.ProcessEnv): boolean {
    const plugin = path.join("plugins", `resource-${name}-v${sdkVersion(name)}`);
    const cached = path.join(process.env.PULUMI_HOME ?? path.join(os.homedir(), ".pulumi"), plugin);
    if (!fs.existsSync(path.join(cached, `pulumi-resource-${name}`))) {
        return false;
    }
    // A copy, since the engine passes over a folder that is a link.
    fs.cpSync(cached, path.join(env.PULUMI_HOME ?? "", plugin), {
        recursive: true,
        mode: fs.constants.COPYFILE_FICLONE,
    });
    return true;
}

/** Not tried any more once one could not be had. */
async function download(name: string, missing: string[], env: NodeJS.ProcessEnv): Promise<boolean> {
    if (missing.length > 0) {
        return false;
    }
    const install = ["plugin", "install", "resource", name, sdkVersion(name)];
    return (await capture("pulumi", install, { env, timeout: 120_000 })).code === 0;
}
