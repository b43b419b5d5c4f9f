import * as fs from "node:fs";
import * as path from "node:path";

import { Workspace } from "../../../lab/workspace";
import { repositoryRoot } from "../../../toolchain";
import { capture, run } from "../../../toolchain/process";
import type { Site } from "../site";
import type { Action, Tool, Wanted } from "../tool";

const STACK = "bench";

const commands: Record<Action, string[]> = {
    deploy: ["up", "--skip-preview"],
    refresh: ["up", "--skip-preview", "--refresh"],
    destroy: ["destroy", "--skip-preview"],
};

function line(action: Action): string[] {
    return ["pulumi", ...commands[action], "--yes", "--non-interactive", "--color", "never", "--stack", STACK];
}

/** This package's own program, compiled, with a file backend. */
export async function nasRegistry({ nas, host, toolchain, directory }: Site): Promise<Tool> {
    const workspace = await Workspace.open(path.join(directory, "pulumi"), toolchain);
    const { env } = workspace;
    const addStack = () => workspace.addStack(nas, { connection: { host, port: 22 } }, STACK);
    await addStack();
    const cli = (await capture("pulumi", ["version"], { env })).stdout.trim();
    return {
        name: "nas-registry",
        version: `nas-registry with Pulumi ${cli}; ${toolchain.description.at(-1)}; ${workspace.plugins}`,
        refreshes: true,
        want: (wanted) => workspace.changeArguments(STACK, registryArguments(wanted)),
        command: (action) => ({ line: line(action), env, directory: path.join(workspace.directory, "project") }),
        forget: addStack,
        close: () => workspace.close(),
    };
}

function registryArguments({ image, memory, rotation, logSize }: Wanted): Record<string, unknown> {
    return {
        image,
        memory: `${memory}m`,
        users: [{ name: "admin" }, { name: "anna", rotation: String(rotation) }],
        daemonConfig: { logDriver: "json-file", logOptions: { "max-size": logSize, "max-file": "3" } },
    };
}

/** A program that declares nothing: what Pulumi takes for itself. */
export async function emptyProgram({ toolchain, directory }: Site): Promise<Tool> {
    const workspace = await Workspace.open(path.join(directory, "empty"), toolchain, (project) => {
        const settings = "name: empty\nruntime: { name: nodejs, options: { typescript: false } }\nmain: index.js\n";
        fs.writeFileSync(path.join(project, "Pulumi.yaml"), settings);
        fs.writeFileSync(path.join(project, "package.json"), '{ "dependencies": { "@pulumi/pulumi": "*" } }\n');
        fs.writeFileSync(path.join(project, "index.js"), 'require("@pulumi/pulumi");\n');
        fs.symlinkSync(path.join(repositoryRoot, "node_modules"), path.join(project, "node_modules"));
    });
    const { env } = workspace;
    const project = path.join(workspace.directory, "project");
    await run("pulumi", ["stack", "init", "--stack", STACK], { env, cwd: project });
    return {
        name: "empty",
        version: "a Pulumi program without resources",
        deploys: false,
        refreshes: true,
        want: () => undefined,
        command: (action) => ({ line: line(action), env, directory: project }),
        close: () => workspace.close(),
    };
}
