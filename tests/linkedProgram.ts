import * as fs from "node:fs";
import * as path from "node:path";

import { ModuleKind, ScriptTarget, transpileModule } from "typescript";

import type { Program } from "../lab/workspace";
import { repositoryRoot } from "../toolchain";

/** A program of a folder of this repository with the repository's own package, as it is compiled. */
export function linkedProgram(folder: string): Program {
    return (project) => {
        const source = path.join(repositoryRoot, folder);
        fs.copyFileSync(path.join(source, "Pulumi.yaml"), path.join(project, "Pulumi.yaml"));
        const options = { compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 } };
        const { outputText } = transpileModule(fs.readFileSync(path.join(source, "index.ts"), "utf8"), options);
        fs.writeFileSync(path.join(project, "index.js"), outputText);
        for (const name of ["bin", "node_modules", "package.json"]) {
            fs.symlinkSync(path.join(repositoryRoot, name), path.join(project, name));
        }
    };
}
