import { authority } from "../../nas/connection";
import { readValues } from "../../nas/script";
import { fetchChain } from "../../certificates/serverChain";
import { certificateFindings, certificateNote, tlsServers } from "./certificates";
import type { Ended } from "./process";
import type { Remedies } from "./remedies";
import type { Place, Thing } from "./report";
import { findingsIn, type AppliedScript } from "./scripts";
import { Session } from "./session";
import type { StateResource } from "./state";

/** Looks at one machine, and changes nothing there. */
export async function lookAtMachine(
    scripts: readonly AppliedScript[],
    resources: readonly StateResource[],
    remedies: Remedies,
): Promise<Place> {
    const machine = scripts[0]?.machine;
    if (!machine) {
        return { where: "", things: [] };
    }
    const place: Place = { where: `${machine.user}@${authority(machine.host, machine.port)}`, things: [] };
    let session: Session;
    try {
        session = await Session.open(machine);
    } catch (error) {
        return { ...place, things: [{ name: "connection", findings: [], problem: messageOf(error) }] };
    }
    try {
        for (const script of scripts) {
            place.things.push(await lookAtScript(session, script, resources, remedies));
        }
    } finally {
        await session.close();
    }
    for (const server of tlsServers(scripts)) {
        const [shown, problem] = await fetchChain(server.host, server.port, server.serverName).then(
            ([first]) => [first, undefined] as const,
            (error: unknown) => [undefined, messageOf(error)] as const,
        );
        const note = certificateNote(server);
        place.things.push({
            name: `certificate of ${server.authority}`,
            findings: certificateFindings(server, shown, resources, remedies, new Date()),
            // Whether it serves at all is for the smoke test to say, which runs on the NAS.
            note: problem === undefined ? note : `${note} in the stack; ${problem}`,
        });
    }
    return place;
}

async function lookAtScript(
    session: Session,
    script: AppliedScript,
    resources: readonly StateResource[],
    remedies: Remedies,
): Promise<Thing> {
    const { name, command, input } = script;
    try {
        return { name, ...outcome(script, await session.run(command, input), remedyFor(script, resources, remedies)) };
    } catch (error) {
        return { name, findings: [], problem: messageOf(error) };
    }
}

/** A registry that does not serve, though its files are right, needs another container; all else is for the scripts to put back. */
export function remedyFor(
    { input }: Pick<AppliedScript, "input">,
    resources: readonly StateResource[],
    remedies: Remedies,
): string {
    const { registry_container_id: registry } = readValues(input);
    return registry === undefined
        ? remedies.reapply
        : remedies.container(resources.find(({ id }) => id === registry)?.urn);
}

/** What a script's end means. */
export function outcome(
    { said }: Pick<AppliedScript, "said">,
    { code, stdout, stderr }: Ended,
    remedy: string,
): Pick<Thing, "findings" | "problem"> {
    if (code !== 0) {
        return { findings: [], problem: firstLine(stderr.slice(Math.max(0, stderr.indexOf("nas-registry: ")))) };
    }
    return { findings: findingsIn(said, stdout).map((text) => ({ text, remedy })) };
}

function firstLine(text: string): string {
    return (
        text
            .trim()
            .split("\n")[0]
            ?.replace(/^nas-registry: /, "") ?? ""
    );
}

function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}
