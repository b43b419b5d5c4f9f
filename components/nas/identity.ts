import * as pulumi from "@pulumi/pulumi";

import type { Endpoint } from "./connection";

/**
 * Refuses an update that would go to another NAS than the one before: what stands on the old one would be left there, out
 * of every stack's sight. A NAS that only has a new name keeps its host key, and one with a new key its name.
 */
export function sameNas(name: string): pulumi.ResourceHookBinding | undefined {
    // Under unit-test mocks, the users' own included, there is no engine to register a hook with.
    const monitor = pulumi.runtime.getMonitor() as object | undefined;
    if (!monitor || !("registerResourceHook" in monitor)) {
        return undefined;
    }
    const hook = new pulumi.ResourceHook(
        name,
        ({ oldInputs, newInputs }) => {
            const problem = otherNasProblem(connectionOf(oldInputs), connectionOf(newInputs));
            if (problem) {
                throw new Error(problem);
            }
        },
        { onDryRun: true },
    );
    return { beforeUpdate: [hook] };
}

type KnownEndpoint = Partial<Pick<Endpoint, "host" | "hostKey">>;

function connectionOf(inputs: Record<string, unknown> | undefined): KnownEndpoint {
    return (pulumi.runtime.unwrapRpcSecret(inputs?.connection) ?? {}) as KnownEndpoint;
}

/** One sentence, or nothing when both are, as far as can be told, the same NAS. */
export function otherNasProblem(before: KnownEndpoint, now: KnownEndpoint): string | undefined {
    const isOther = (property: keyof KnownEndpoint) =>
        before[property] !== undefined && now[property] !== undefined && before[property] !== now[property];
    if (!isOther("host") || !isOther("hostKey")) {
        return undefined;
    }
    return `connection: ${now.host} is another NAS than ${before.host}, since host and host key both differ; to move, give the new NAS a stack of its own, copy the images, and destroy this one ('pulumi stack init', then docs/changes.md). If it is the same NAS, change connection.host and connection.hostKey in two updates.`;
}
