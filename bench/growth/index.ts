import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { downLab, ensureLab, type Lab, type Nas } from "../../lab";
import { stopIdleEngine } from "../../lab/lab";
import { Workspace } from "../../lab/workspace";
import { linkedProgram } from "../../tests/linkedProgram";
import type { Part } from "../part";
import { alternating } from "../statistics";
import { describeGrowth } from "./describe";
import { withMemory } from "./memory";
import type { Figures } from "./mocked";

/** One program with so many registries. */
export interface Sample {
    /** `mocks`: what the program itself takes; else `pulumi up` on simulated NASes, the first and one with nothing to do. */
    kind: "mocks" | "first" | "again";
    registries: number;
    round: number;
    seconds: number;
    /** Of the program, or of all that runs here for an update, MiB. */
    memory: number;
}

export interface GrowthResults {
    samples: Sample[];
    plugins: string;
}

const MOCKED = [1, 50, 200];
const REAL = [1, 4, 16];
const MOST = Math.max(...REAL);
const namespace = "growth";
const STACK = "growth";

export const growth: Part<GrowthResults> = {
    name: "growth",
    title: "Many NASes in one program",
    async measure(bench) {
        const samples: Sample[] = [];
        for (let round = 0; round < bench.runs; round++) {
            for (const registries of alternating(MOCKED, round)) {
                bench.report(`${registries} under mocks, round ${round + 1}`);
                samples.push({ kind: "mocks", registries, round, ...mocked(registries) });
            }
        }
        bench.opened(async () => {
            await downLab(namespace);
            await stopIdleEngine();
        });
        const lab = await ensureLab({ namespace, registryBinary: bench.toolchain.registry });
        bench.report(`${MOST} simulated NASes start`);
        const nases = await started(lab);
        const directory = fs.mkdtempSync(path.join(os.tmpdir(), "growth-"));
        bench.opened(() => fs.rmSync(directory, { recursive: true, force: true }));
        const program = linkedProgram("bench/growth/program");
        const workspace = await Workspace.open(path.join(directory, "pulumi"), bench.toolchain, program);
        bench.opened(() => workspace.close());
        // So that each NAS has the images, whoever comes first.
        await inLab(workspace, nases, async () => {
            await update(workspace);
        });
        for (let round = 0; round < bench.runs; round++) {
            for (const registries of alternating(REAL, round)) {
                const measured = async (kind: "first" | "again") => {
                    bench.report(`${registries} simulated NASes, ${kind}, round ${round + 1}`);
                    samples.push({ kind, registries, round, ...(await update(workspace)) });
                };
                await inLab(workspace, nases.slice(0, registries), async () => {
                    await measured("first");
                    await measured("again");
                });
            }
        }
        return { samples, plugins: `${bench.toolchain.description.at(-1)}; ${workspace.plugins}` };
    },
    describe: describeGrowth,
};

/** One after the other in small groups, which is faster than all at once. */
async function started(lab: Lab): Promise<Nas[]> {
    const nases: Nas[] = [];
    while (nases.length < MOST) {
        const group = Array.from({ length: 4 }, (_, index) => `nas-${nases.length + index}`);
        nases.push(
            ...(await Promise.all(group.map((name) => lab.startNas({ vendor: "synology", name, hostNames: [name] })))),
        );
    }
    return nases;
}

function mocked(registries: number): Pick<Sample, "seconds" | "memory"> {
    const program = [require.resolve("tsx/cli"), path.join(__dirname, "mocked.ts"), String(registries)];
    const { elapsed, memory } = JSON.parse(execFileSync(process.execPath, program, { encoding: "utf8" })) as Figures;
    return { seconds: elapsed / 1000, memory };
}

async function inLab(workspace: Workspace, nases: readonly Nas[], run: () => Promise<void>): Promise<void> {
    const connections = nases.map((nas) => ({
        host: nas.address,
        port: nas.sshPort,
        user: nas.user,
        hostKey: nas.hostKey,
    }));
    await workspace.initStack(STACK, { "growth:nases": connections }, nases);
    await run();
    await workspace.operate(STACK, "destroy");
}

async function update(workspace: Workspace): Promise<Pick<Sample, "seconds" | "memory">> {
    const began = performance.now();
    const { mebibytes } = await withMemory(() => workspace.operate(STACK, "up"));
    return { seconds: (performance.now() - began) / 1000, memory: mebibytes };
}
