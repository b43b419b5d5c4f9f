import { parseArgs } from "node:util";

import { fetchChain } from "../../certificates/serverChain";
import { authority } from "../../nas/connection";
import { printable } from "../../settings/printable";
import { certificateFindings, tlsServer } from "./certificates";
import { exported } from "./exported";
import { nameOf } from "./remedies";
import { describe, linesOf, summary, type Line } from "./report";
import { connected, type Ended, type Run } from "./session";
import { shellOf, Stack, type Machine, type Script } from "./stack";

/** Shows what on the NAS is no longer as the stack left it, by the state alone: the program does not run. */
export async function run(args: string[]): Promise<number> {
    const { values } = parseArgs({ args, options: { stack: { type: "string", short: "s" } } });
    const stack = new Stack(await exported(values.stack, "--show-secrets"), new Date(), values.stack);
    const reports: Line[][] = [];
    for (const { machine, scripts } of stack.machines()) {
        const lines = await lookAtMachine(machine, scripts, stack);
        process.stdout.write(describe(`${machine.user}@${authority(machine.host, machine.port)}`, lines));
        reports.push(lines);
    }
    if (reports.length === 0) {
        throw new Error("the stack has put nothing on a NAS, so there is nothing to look at.");
    }
    const { line, code } = summary(reports);
    process.stdout.write(line);
    return code;
}

/** Looks at what scripts have done on their machine, and changes nothing there. */
async function lookAtMachine(machine: Machine, scripts: Script[], stack: Stack): Promise<Line[]> {
    const look = async (run: Run) => {
        const lines: Line[] = [];
        for (const script of scripts) {
            lines.push(...(await lookAtScript(run, script, stack).catch(unknown(nameOf(script.urn)))));
        }
        for (const component of new Set(scripts.map(({ parent }) => parent))) {
            lines.push(...(await lookAtCertificates(component, machine.host, stack)));
        }
        return lines;
    };
    return connected(machine, look).catch(unknown("connection"));
}

function unknown(name: string) {
    return ({ message }: Error): Line[] => [{ word: "unknown", name, text: message }];
}

async function lookAtScript(run: Run, script: Script, { remedies }: Stack): Promise<Line[]> {
    const { urn, inputs, outputs } = script;
    const ended = await run(`${shellOf(script)} -s check`, inputs.stdin);
    const texts = findingsIn(outputs.stdout ?? "", ended);
    return linesOf(
        nameOf(urn),
        texts.map((text) => ({ text, remedy: remedies.script(script) })),
    );
}

async function lookAtCertificates(component: string, nas: string, stack: Stack): Promise<Line[]> {
    const server = tlsServer(stack, component, nas);
    if (!server) {
        return [];
    }
    // Whether it serves at all is for the smoke test to say, which runs on the NAS.
    const shown = await fetchChain(server.host, server.port, server.serverName).catch(
        (error: unknown) => error as Error,
    );
    const [first, problem] = shown instanceof Error ? [undefined, ` in the stack; ${shown.message}`] : [shown[0], ""];
    const findings = certificateFindings(server, first, stack);
    return linesOf(`certificate of ${server.authority}`, findings, server.note + problem);
}

/** What a script's `check` found, a sentence a line; of a `name=value` line that `apply` said, too, only what differs. */
export function findingsIn(said: string, { code, stdout, stderr }: Ended): string[] {
    if (code !== 0) {
        throw new Error((/nas-registry: (.*)/.exec(stderr) ?? /^\s*(.*)/.exec(stderr))?.[1]);
    }
    const before = printable(said).split("\n");
    const changes = stdout.split("\n").filter((line) => line !== "" && !before.includes(line));
    return changes.map((line) => {
        const [name = line, value] = line.split(/=(.*)/);
        const then = before.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);
        return then === undefined ? line : `${name} is '${value}' now, and was '${then}'`;
    });
}
