import * as fs from "node:fs";
import * as path from "node:path";

import ts from "typescript";

import { binDirectory, cliVersion, ensureCli, ensureRegistry, repositoryRoot, toolchainDirectory } from "./goPrograms";
import { run, which } from "./process";

export { repositoryRoot, toolchainDirectory };

export interface Toolchain {
    /** Environment in which `pulumi` and its Node.js language host are found. */
    env: NodeJS.ProcessEnv;
    /** Path of the `registry` program, for the lab's image. */
    registry: string;
    /** What is used and where it comes from, one line each. */
    description: string[];
}

/** Even `pulumi version` writes a log into its home; the user's own stays as it is. */
const privateHome = { ...process.env, PULUMI_HOME: path.join(toolchainDirectory, "home") };

/** Finds the Pulumi CLI, its Node.js language host and the registry, and builds what is not there. */
export async function ensureToolchain(): Promise<Toolchain> {
    const registry = await ensureRegistry();
    const found = which("pulumi");
    if (found && which("pulumi-language-nodejs")) {
        return {
            env: { ...process.env },
            registry,
            description: [`Pulumi CLI: ${found} ${(await run(found, ["version"], { env: privateHome })).trim()}`],
        };
    }
    installLanguageHost();
    await ensureCli();
    return {
        env: { ...process.env, PATH: `${binDirectory}${path.delimiter}${process.env.PATH}` },
        registry,
        description: [
            `Pulumi CLI: ${cliVersion}, built from its Go module, in ${path.relative(repositoryRoot, binDirectory)}`,
        ],
    };
}

/** Compiles languageHost.ts and makes it the `pulumi-language-nodejs` that the CLI looks for. */
function installLanguageHost(): void {
    const { outputText } = ts.transpileModule(fs.readFileSync(path.join(__dirname, "languageHost.ts"), "utf8"), {
        compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true },
    });
    const compiled = path.join(toolchainDirectory, "language-host.js");
    fs.mkdirSync(binDirectory, { recursive: true });
    fs.writeFileSync(compiled, outputText);
    const wrapper = `#!/bin/sh\nexec node '${compiled}' "$@"\n`;
    fs.writeFileSync(path.join(binDirectory, "pulumi-language-nodejs"), wrapper, { mode: 0o755 });
}
