import * as pulumi from "@pulumi/pulumi";

/** Whether hooks can be registered: under unit-test mocks, the users' own included, there is no engine that takes them. */
function engineTakes(request: "registerErrorHook" | "registerResourceHook"): boolean {
    const monitor = pulumi.runtime.getMonitor() as object | undefined;
    return monitor !== undefined && request in monitor;
}

/** A hook, its name unique in the program, that runs in previews, too. */
export function resourceHooks(name: string, run: pulumi.ResourceHookFunction): pulumi.ResourceHook[] {
    return engineTakes("registerResourceHook") ? [new pulumi.ResourceHook(name, run, { onDryRun: true })] : [];
}

/**
 * Adds one sentence to a provider's error: what to do. The name is unique in the program; what the sentence is made of is known
 * before anything can fail; `explain` gets all messages, and returns undefined for an error that explains itself.
 */
export function errorHooks<T extends object | string>(
    name: string,
    context: pulumi.Output<T>,
    explain: (error: string, context: T) => string | undefined,
): pulumi.ErrorHook[] {
    if (!engineTakes("registerErrorHook")) {
        return [];
    }
    let known: T | undefined;
    context.apply((value) => (known = value));
    const hook = new pulumi.ErrorHook(name, async ({ errors }) => {
        const sentence = known && explain(errors.join("\n"), known);
        if (sentence) {
            // The engine may end the program as soon as it has the answer.
            await pulumi.log.error(sentence);
        }
        return false;
    });
    return [hook];
}
