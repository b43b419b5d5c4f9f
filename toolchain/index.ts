import * as fs from "node:fs";
import * as path from "node:path";

import ts from "typescript";

import { run, which } from "./process";
import { step } from "./steps";

export const repositoryRoot = path.join(__dirname, "..");
/** What is built here is kept here; git ignores it. */
export const toolchainDirectory = path.join(repositoryRoot, ".toolchain");
const binDirectory = path.join(toolchainDirectory, "bin");

export interface Toolchain {
    /** Environment in which `pulumi` and its Node.js language host are found. */
    env: NodeJS.ProcessEnv;
    /** Path of the `registry` program, for the lab's image. */
    registry: string;
    /** What is used and where it comes from, one line each. */
    description: string[];
}

/** A program built from a pinned Go module when it is not there. */
interface GoProgram {
    name: string;
    /** Folder beside this file with go.mod and go.sum. */
    module: string;
    package: string;
    ldflags: string;
    /** What it is, for the step's line. */
    title: string;
}

const cliVersion = "v3.259.0";
const programs = {
    registry: {
        name: "registry",
        module: "registry",
        package: "github.com/distribution/distribution/v3/cmd/registry",
        ldflags: "-s -w -X github.com/distribution/distribution/v3/version.version=v3.1.2",
        title: "registry 3.1.2, built from its Go module",
    },
    cli: {
        name: "pulumi",
        module: "cli",
        package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        ldflags: `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${cliVersion}`,
        title: `Pulumi CLI ${cliVersion}, built from its Go module (about five minutes on two cores)`,
    },
} satisfies Record<string, GoProgram>;

/** Even `pulumi version` writes a log into its home; the user's own stays as it is. */
const privateHome = { ...process.env, PULUMI_HOME: path.join(toolchainDirectory, "home") };

/** Finds the Pulumi CLI, its Node.js language host and the registry, and builds what is not there. */
export async function ensureToolchain(): Promise<Toolchain> {
    const registry = await built(programs.registry);
    const found = which("pulumi");
    if (found && which("pulumi-language-nodejs")) {
        return {
            env: { ...process.env },
            registry,
            description: [`Pulumi CLI: ${found} ${(await run(found, ["version"], { env: privateHome })).trim()}`],
        };
    }
    installLanguageHost();
    await built(programs.cli);
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

/** Path of the program; built again when its pinned versions change. */
async function built(program: GoProgram): Promise<string> {
    const file = path.join(binDirectory, program.name);
    const moduleDirectory = path.join(__dirname, program.module);
    const pins = fs.readFileSync(path.join(moduleDirectory, "go.sum"), "utf8") + program.ldflags;
    const stamp = `${file}.pins`;
    if (fs.existsSync(file) && fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === pins) {
        return file;
    }
    if (!which("go")) {
        throw new Error(
            `Go is needed to build ${program.name}: install Go, or Pulumi's CLI (https://www.pulumi.com/docs/install)`,
        );
    }
    fs.mkdirSync(binDirectory, { recursive: true });
    await step(program.title, async () => {
        const build = ["build", "-trimpath", "-ldflags", program.ldflags, "-o", file, program.package];
        // Static, so that the registry runs in an image that has no C library.
        await run("go", build, {
            cwd: moduleDirectory,
            env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly -buildvcs=false" },
        });
    });
    fs.writeFileSync(stamp, pins);
    return file;
}
