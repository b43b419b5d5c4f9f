import * as path from "node:path";

import type { ProgramImage } from "../lab/images";
import { installLanguageHost } from "../lab/providers/install";
import {
    binDirectory,
    cliVersion,
    ensureCli,
    ensureObjectStore,
    ensureRegctl,
    ensureRegistry,
    ensureRegistrySchema,
    ensureRegsync,
    ensureRestic,
    ensureRestServer,
    repositoryRoot,
    toolchainDirectory,
} from "./goPrograms";
import { run, which } from "./process";

export { repositoryRoot, toolchainDirectory };

export interface Toolchain {
    /** Environment in which `pulumi` and its Node.js language host are found. */
    env: NodeJS.ProcessEnv;
    /** Path of the `registry` program, for the lab's image. */
    registry: string;
    /** What is used and where it comes from, one line each; the language host is the last. */
    description: string[];
}

/** Even `pulumi version` writes a log into its home; the user's own stays as it is. */
const privateHome = { ...process.env, PULUMI_HOME: path.join(toolchainDirectory, "home") };

const HOST = "language host of Node.js:";

/** Finds the Pulumi CLI, its Node.js language host and the registry, and builds what is not there. */
export async function ensureToolchain(): Promise<Toolchain> {
    const found = which("pulumi");
    if (found && which("pulumi-language-nodejs")) {
        return {
            env: { ...process.env },
            registry: await ensureRegistry(),
            description: [
                `Pulumi CLI: ${found} ${(await run(found, ["version"], { env: privateHome })).trim()}`,
                `${HOST} the official one`,
            ],
        };
    }
    // Side by side: downloading and linking leave processors idle.
    const [registry] = await Promise.all([ensureRegistry(), ensureCli(), installLanguageHost(binDirectory)]);
    return {
        env: { ...process.env, PATH: `${binDirectory}${path.delimiter}${process.env.PATH}` },
        registry,
        description: [
            `Pulumi CLI: ${cliVersion}, built from its Go module, in ${path.relative(repositoryRoot, binDirectory)}`,
            `${HOST} a substitute of this repository`,
        ],
    };
}

export interface TestToolchain extends Toolchain {
    /** Paths of the static programs in those of the lab's images that only tests need. */
    programs: Record<ProgramImage, string>;
}

/** The toolchain, and what only tests need: they have limits of time in which nothing can be built. */
export async function ensureTestToolchain(): Promise<TestToolchain> {
    const [toolchain, programs] = await Promise.all([ensureToolchain(), testPrograms(), ensureRegistrySchema()]);
    return { ...toolchain, programs };
}

/** One after the other: each build has work for all processors, and wants memory. */
async function testPrograms(): Promise<Record<ProgramImage, string>> {
    return {
        "object-store": await ensureObjectStore(),
        "rest-server": await ensureRestServer(),
        restic: await ensureRestic(),
        regctl: await ensureRegctl(),
        regsync: await ensureRegsync(),
    };
}
