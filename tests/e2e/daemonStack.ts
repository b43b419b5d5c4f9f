import * as fs from "node:fs";
import * as path from "node:path";

import { ModuleKind, ScriptTarget, transpileModule } from "typescript";

import type { Nas } from "../../lab";
import type { Workspace } from "../../lab/workspace";
import { repositoryRoot } from "../../toolchain";

/** The program of tests/daemon with this repository's package, as it is compiled. */
export function daemonProgram(project: string): void {
    const source = path.join(repositoryRoot, "tests", "daemon");
    fs.copyFileSync(path.join(source, "Pulumi.yaml"), path.join(project, "Pulumi.yaml"));
    const options = { compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 } };
    const { outputText } = transpileModule(fs.readFileSync(path.join(source, "index.ts"), "utf8"), options);
    fs.writeFileSync(path.join(project, "index.js"), outputText);
    for (const name of ["bin", "node_modules", "package.json"]) {
        fs.symlinkSync(path.join(repositoryRoot, name), path.join(project, name));
    }
}

/** Makes a stack of that program. */
export async function addDaemonStack(workspace: Workspace, stack: string, nas: Nas, settings: object): Promise<void> {
    const connection = { host: nas.address, port: nas.sshPort, user: nas.user, hostKey: nas.hostKey };
    const config = { vendor: nas.vendor, connection, settings: JSON.stringify(settings) };
    const named = Object.fromEntries(Object.entries(config).map(([name, value]) => [`daemon:${name}`, value]));
    await workspace.initStack(stack, named, [nas]);
}

/** What the running daemon says it has. */
export async function running(nas: Nas): Promise<{ insecure: string[]; mirrors: string[] }> {
    const info = JSON.parse(await nas.docker("info", "--format", "{{json .RegistryConfig}}")) as {
        InsecureRegistryCIDRs: string[];
        IndexConfigs: Record<string, { Secure: boolean }>;
        Mirrors: string[];
    };
    const hosts = Object.entries(info.IndexConfigs).filter(([, { Secure }]) => !Secure);
    return { insecure: [...hosts.map(([host]) => host), ...info.InsecureRegistryCIDRs], mirrors: info.Mirrors };
}
