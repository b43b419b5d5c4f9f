/** For people: `npx tsx lab/cli.ts up|status|down [--namespace NAME] [--all]`. */
import * as path from "node:path";
import { parseArgs } from "node:util";
import { findEngine, type Engine } from "./engine";
import { keyPair } from "./keys";
import { downLab, ensureLab, namespaces, natures } from "./lab";
import { sshPort } from "./nas";
import type { Nature } from "./nasOptions";
import { repository } from "./paths";

const usage = `usage: npx tsx lab/cli.ts <command> [--namespace NAME]
  up       start one Synology and one QNAP
  status   say what runs, in every namespace, and how to get in
  down     remove what the namespace started; --all: every namespace, and the lab's own engine
`;

async function main(): Promise<number> {
    const { values, positionals } = parseArgs({
        allowPositionals: true,
        options: {
            namespace: { type: "string", default: "lab" },
            all: { type: "boolean", default: false },
            registry: { type: "string", default: path.join(repository, ".toolchain", "bin", "registry") },
        },
    });
    switch (positionals[0]) {
        case "up":
            return up(values.namespace, values.registry);
        case "status":
            return status();
        case "down":
            return down(values.all ? undefined : values.namespace);
        default:
            process.stderr.write(usage);
            return 2;
    }
}

async function up(namespace: string, registryBinary: string): Promise<number> {
    const lab = await ensureLab({ namespace, registryBinary, progress: (line) => console.log(line) });
    await Promise.all([lab.startNas({ vendor: "synology" }), lab.startNas({ vendor: "qnap" })]);
    await describeAll(lab.engine, namespace);
    return 0;
}

async function status(): Promise<number> {
    const engine = await findEngine();
    if (!engine) {
        console.log("no Docker Engine runs, so no lab does");
        return 0;
    }
    console.log(engine.description);
    for (const namespace of await namespaces(engine)) {
        console.log(`namespace ${namespace}`);
        await describeAll(engine, namespace);
    }
    return 0;
}

async function down(namespace: string | undefined): Promise<number> {
    const engine = await findEngine();
    const doomed = namespace !== undefined ? [namespace] : engine ? await namespaces(engine) : [];
    for (const name of doomed) await downLab(name, { engine: namespace === undefined });
    if (namespace === undefined && doomed.length === 0) await downLab("lab", { engine: true });
    return 0;
}

async function describeAll(engine: Engine, namespace: string): Promise<void> {
    for (const nas of await natures(engine, namespace)) await describe(namespace, nas);
}

async function describe(namespace: string, nas: Nature): Promise<void> {
    const host = await keyPair(namespace, `${nas.name}.host`);
    const client = await keyPair(namespace, "client");
    const login = `${nas.login.user}@${nas.address}`;
    console.log(`  ${nas.name} (${nas.vendor}) at ${nas.address}, on the lab's network ${nas.hostNames.join(" and ")}`);
    console.log(`    host key ${host.publicKey}`);
    console.log(`    ssh -i ${client.privateKeyFile} -p ${sshPort} -o UserKnownHostsFile=/dev/null ${login}`);
}

main().then(
    (code) => (process.exitCode = code),
    (error: unknown) => {
        console.error(error instanceof Error ? error.message : error);
        process.exitCode = 1;
    },
);
