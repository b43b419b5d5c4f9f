import * as pulumi from "@pulumi/pulumi";

import type { Endpoint } from "./connection";
import { resourceHooks } from "./hooks";

type Before = Partial<Pick<Endpoint, "host" | "hostKey">>;

/**
 * Refuses an update that would go to another NAS than the one before: what stands on the old one would be left there, out of
 * every stack's sight. A NAS that only has a new name keeps its host key, and one with a new key its name. Nothing is refused
 * while the endpoint is not known.
 */
export function sameNas(name: string, endpoint: pulumi.Output<Endpoint>): pulumi.ResourceHook[] {
    let now: Endpoint | undefined;
    endpoint.apply((known) => (now = known));
    return resourceHooks(name, async ({ oldInputs }) => {
        // A secret in the state, which a hook gets as an Output.
        const connection = pulumi.output((oldInputs as { connection?: pulumi.Input<Before> } | undefined)?.connection);
        const before = await new Promise<Before>((resolve) => connection.apply((known) => resolve(known ?? {})));
        const problem = now && otherNasProblem(before, now);
        if (problem) {
            throw new Error(problem);
        }
    });
}

/** One sentence; undefined when both are, as far as can be told, the same NAS. */
export function otherNasProblem(before: Before, now: Required<Before>): string | undefined {
    const isOther = (property: keyof Before) => (before[property] ?? now[property]) !== now[property];
    return isOther("host") && isOther("hostKey")
        ? `connection: ${now.host} is another NAS than ${before.host}, since host and host key both differ; to move, give the new NAS a stack of its own, copy the images, and destroy this one ('pulumi stack init', then docs/how-to/move.md). If it is the same NAS, change connection.host and connection.hostKey in two updates.`
        : undefined;
}
