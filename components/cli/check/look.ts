import { fetchChain } from "../../certificates/serverChain";
import { printable } from "../../settings/printable";
import { messageOf } from "../messageOf";
import { certificateFindings, tlsServer } from "./certificates";
import type { Ended } from "./process";
import { linesOf, type Line } from "./report";
import { connected, type Run } from "./session";
import type { Machine, Script, Stack } from "./stack";
import { nameOf } from "./urn";

/** Looks at what scripts have done on their machine, and changes nothing there. */
export async function lookAtMachine(machine: Machine, scripts: readonly Script[], stack: Stack): Promise<Line[]> {
    const lines: Line[] = [];
    try {
        await connected(machine, async (run) => {
            for (const script of scripts) {
                lines.push(...(await lookAtScript(run, script, stack)));
            }
        });
    } catch (error) {
        return [{ word: "unknown", name: "connection", text: messageOf(error) }];
    }
    for (const component of new Set(scripts.map(({ parent }) => parent))) {
        lines.push(...(await lookAtCertificates(component, machine.host, stack)));
    }
    return lines;
}

async function lookAtScript(run: Run, script: Script, { remedies }: Stack): Promise<Line[]> {
    const { urn, inputs, outputs } = script;
    try {
        const ended = await run(inputs.create.replace(/apply$/, "check"), inputs.stdin);
        const texts = findingsIn(outputs.stdout ?? "", ended);
        return linesOf(
            nameOf(urn),
            texts.map((text) => ({ text, remedy: remedies.script(script) })),
        );
    } catch (error) {
        return [{ word: "unknown", name: nameOf(urn), text: messageOf(error) }];
    }
}

async function lookAtCertificates(component: string, nas: string, stack: Stack): Promise<Line[]> {
    const server = tlsServer(stack, component, nas);
    if (!server) {
        return [];
    }
    const [shown, problem] = await fetchChain(server.host, server.port, server.serverName).then(
        ([first]) => [first, ""] as const,
        // Whether it serves at all is for the smoke test to say, which runs on the NAS.
        (error: unknown) => [undefined, ` in the stack; ${messageOf(error)}`] as const,
    );
    const findings = certificateFindings(server, shown, stack);
    return linesOf(`certificate of ${server.authority}`, findings, server.note + problem);
}

/**
 * What is not right, one sentence a line: each line of a script's `check`; of a `name=value` line that the script said when it
 * was applied, only what differs.
 *
 * @throws Error with the script's own sentence when it could not look.
 */
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
