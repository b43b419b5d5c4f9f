import { fetchChain } from "../../certificates/serverChain";
import { authority } from "../../nas/connection";
import { printable } from "../../settings/printable";
import { messageOf } from "../messageOf";
import { certificateFindings, tlsServer } from "./certificates";
import type { Ended } from "./process";
import type { Place, Thing } from "./report";
import { connected } from "./session";
import type { Script, Stack } from "./stack";
import { nameOf } from "./urn";

/**
 * Looks at what scripts have done on their machine, and changes nothing there.
 *
 * @param scripts At least one, all for the same machine.
 */
export async function lookAtMachine(scripts: readonly Script[], stack: Stack): Promise<Place> {
    const [{ connection: machine }] = scripts.map(({ inputs }) => inputs) as [Script["inputs"]];
    const where = `${machine.user}@${authority(machine.host, machine.port)}`;
    const things: Thing[] = [];
    try {
        await connected(machine, async (run) => {
            for (const script of scripts) {
                const { create, stdin } = script.inputs;
                const result = await run(create.replace(/( apply)?$/, " check"), stdin).then(
                    (ended) => outcome(script.outputs.stdout, ended, stack.remedies.script(script)),
                    (error: unknown) => ({ findings: [], problem: messageOf(error) }),
                );
                things.push({ name: nameOf(script.urn), ...result });
            }
        });
    } catch (error) {
        return { where, things: [{ name: "connection", findings: [], problem: messageOf(error) }] };
    }
    for (const component of new Set(scripts.map(({ parent }) => parent))) {
        things.push(...(await lookAtCertificates(component, machine.host, stack)));
    }
    return { where, things };
}

async function lookAtCertificates(component: string, nas: string, stack: Stack): Promise<Thing[]> {
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
    return [{ name: `certificate of ${server.authority}`, findings, note: server.note + problem }];
}

/**
 * What the end of a script's `check` means.
 *
 * @param said By the script, when it was applied.
 */
export function outcome(
    said: string | undefined,
    { code, stdout, stderr }: Ended,
    remedy: string,
): Pick<Thing, "findings" | "problem"> {
    if (code !== 0) {
        const [, sentence = ""] = /nas-registry: (.*)/.exec(stderr) ?? /^\s*(.*)/.exec(stderr) ?? [];
        return { findings: [], problem: sentence };
    }
    return { findings: findingsIn(printable(said ?? ""), stdout).map((text) => ({ text, remedy })) };
}

/**
 * What is not right, one sentence a line: each line of a script's `check`; of a `name=value` line that the script said when it
 * was applied, only what differs.
 */
function findingsIn(said: string, now: string): string[] {
    const before = said.split("\n");
    const changes = now.split("\n").filter((line) => line !== "" && !before.includes(line));
    return changes.map((line) => {
        const [name = line, value] = line.split(/=(.*)/);
        const then = before.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);
        return then === undefined ? line : `${name} is '${value}' now, and was '${then}'`;
    });
}
