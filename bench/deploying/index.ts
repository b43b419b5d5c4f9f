import { ensureCompose, ensureDelayedLink } from "../../toolchain/goPrograms";
import type { Part } from "../part";
import { alternating } from "../statistics";
import { describeDeploying } from "./describe";
import { containersOf } from "./nas";
import { initially, operations, type Operation, type OperationName } from "./operations";
import { Site, type Measured } from "./site";
import type { OpenTool, Tool } from "./tool";
import { ansible, compose, shell } from "./tools/others";
import { emptyProgram, nasRegistry } from "./tools/pulumi";

/** One operation of one tool in one round. */
export interface Sample extends Measured {
    tool: string;
    operation: OperationName;
    /** Milliseconds that are added to a round trip. */
    delay: number;
    round: number;
    /** Whether a container of the registry is another one afterwards, or has been restarted. */
    touched?: boolean;
}

export interface DeployingResults {
    tools: Pick<Tool, "name" | "version">[];
    engine: string;
    /** Rounds that came to no end, for people. */
    failures: string[];
    samples: Sample[];
}

const tools: readonly OpenTool[] = [nasRegistry, ansible, compose, shell, emptyProgram];

/** Added to a round trip, in milliseconds. */
export const delays = [0, 5, 20];

export const deploying: Part<DeployingResults> = {
    name: "deploying",
    title: "Deploying",
    async measure(bench) {
        // Before anything runs that would run beside a compiler.
        await ensureDelayedLink();
        await ensureCompose();
        const site = await Site.open(bench.toolchain, bench.opened);
        const opened: Tool[] = [];
        for (const open of tools) {
            const tool = await open(site);
            bench.opened(() => tool.close?.());
            opened.push(tool);
        }
        const samples: Sample[] = [];
        const failures: string[] = [];
        for (const delay of delays) {
            await site.desk.delay(delay);
            for (let round = 0; round < bench.runs; round++) {
                const chosen = opened.filter(({ deploys = true }) => deploys || delay === 0);
                for (const tool of alternating(chosen, round)) {
                    const which = `${tool.name}, ${delay} ms, round ${round + 1}`;
                    bench.report(which);
                    try {
                        samples.push(...(await oneRound(site, tool, delay)).map((each) => ({ ...each, round })));
                    } catch (error) {
                        const { message } = error as Error;
                        bench.report(`${which} failed: ${message}`);
                        failures.push(`${which}: ${message.trim().split("\n").at(-1)}`);
                        await tool.forget?.();
                    }
                }
            }
        }
        const engine = (await site.nas.docker("version", "--format", "{{.Server.Version}}")).trim();
        return { tools: opened.map(({ name, version }) => ({ name, version })), engine, failures, samples };
    },
    describe: describeDeploying,
};

/** From a NAS without a registry to a NAS without one. */
async function oneRound(site: Site, tool: Tool, delay: number): Promise<Omit<Sample, "round">[]> {
    const { name, deploys = true, refreshes = false } = tool;
    await site.reset();
    const samples: Omit<Sample, "round">[] = [];
    let wanted = initially;
    tool.want(wanted);
    for (const operation of operations as readonly (Operation & { name: OperationName })[]) {
        const { action, change, isDelayed, isEmpty, isWatched } = operation;
        if ((delay > 0 && !isDelayed) || (!deploys && !isEmpty) || (action === "refresh" && !refreshes)) continue;
        if (change) tool.want((wanted = { ...wanted, ...change }));
        const before = change && (await containersOf(site.nas));
        const measured = await site.measure(tool.command(action), deploys && isWatched === true);
        const touched = before === undefined ? undefined : (await containersOf(site.nas)) !== before;
        if (deploys) await site.verify(action === "destroy" ? undefined : wanted);
        samples.push({
            tool: name,
            operation: operation.name,
            delay,
            ...measured,
            ...(touched !== undefined && { touched }),
        });
    }
    return samples;
}
