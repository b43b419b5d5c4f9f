import * as pulumi from "@pulumi/pulumi";

/**
 * Adds one sentence that says what to do to a provider's error.
 *
 * @param name Unique in the program.
 * @param explain Gets all messages of the failed operation; returns nothing for an error that explains itself.
 */
export function errorHook(
    name: string,
    explain: (error: string) => string | undefined,
): pulumi.ResourceHookBinding | undefined {
    // Under unit-test mocks, the users' own included, there is no engine to register a hook with.
    const monitor = pulumi.runtime.getMonitor() as object | undefined;
    if (!monitor || !("registerErrorHook" in monitor)) {
        return undefined;
    }
    const hook = new pulumi.ErrorHook(name, ({ errors }) => {
        const sentence = explain(errors.join("\n"));
        if (sentence) {
            void pulumi.log.error(sentence);
        }
        return false;
    });
    return { onError: [hook] };
}
