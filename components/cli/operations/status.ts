import { parseArgs } from "node:util";

import { tlsServer } from "../check/certificates";
import { findingsIn } from "../check/check";
import { connected, type Ended } from "../check/session";
import { shellOf } from "../check/stack";
import { NAMED, operationsOf, said } from "./operation";
import { standingOf } from "./standing";
import { page } from "./statusPage";

/** Shows how a stack's registry and its operations are; changes nothing, but that it may count the images anew. */
export async function run(args: string[]): Promise<number> {
    const { values } = parseArgs({ args, options: { ...NAMED, json: { type: "boolean" } } });
    const { stack, script, command } = await operationsOf(values);
    const { stdin, connection } = script.inputs;
    const [answer, problems] = await connected(connection, async (run) => [
        await said(run, command("status"), () => undefined),
        problemsIn(script.outputs.stdout ?? "", await run(`${shellOf(script)} -s check`, stdin)),
    ]);
    const server = tlsServer(stack, script.parent, connection.host);
    const certificates = server ? [...server.chain.slice(0, 1), ...server.authorities] : [];
    const { registry = "" } = stack.outputs(script.parent);
    const standing = standingOf(registry, answer, { certificates, problems });
    process.stdout.write(values.json ? `${JSON.stringify(standing, null, 2)}\n` : page(standing));
    return standing.findings.length > 0 ? 1 : 0;
}

/** What is not as `up` left it; also that this could not be seen. */
function problemsIn(before: string, ended: Ended): string[] {
    try {
        return findingsIn(before, ended);
    } catch (error) {
        return [`the program and its entry in the NAS's scheduler could not be looked at: ${(error as Error).message}`];
    }
}
