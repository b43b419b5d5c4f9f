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
 * Adds one sentence to a provider's error: what to do; or tries again. The name is unique in the program; what is known is so
 * before anything can fail. `react` gets all messages, and returns the sentence, `true` when it has put right what was wrong, or
 * undefined for an error that explains itself.
 */
export function errorHooks<T extends object | string>(
    name: string,
    context: pulumi.Output<T>,
    react: (error: string, context: T, failed: pulumi.ErrorHookArgs) => Reaction | Promise<Reaction>,
): pulumi.ErrorHook[] {
    if (!engineTakes("registerErrorHook")) {
        return [];
    }
    let known: T | undefined;
    context.apply((value) => (known = value));
    const hook = new pulumi.ErrorHook(name, async (failed) => {
        const reaction = known && (await react(failed.errors.join("\n"), known, failed));
        if (typeof reaction === "string") {
            // The engine may end the program as soon as it has the answer.
            await pulumi.log.error(reaction);
        }
        return reaction === true;
    });
    return [hook];
}

type Reaction = string | true | undefined;
