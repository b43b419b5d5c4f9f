import * as pulumi from "@pulumi/pulumi";

import { engineTakes } from "./engine";

/**
 * Adds one sentence that says what to do to a provider's error.
 *
 * @param name Unique in the program.
 * @param context What the sentence is made of; it is known before anything that has the hook can fail.
 * @param explain Gets all messages of the failed operation; returns nothing for an error that explains itself.
 */
export function errorHook<T>(
    name: string,
    context: pulumi.Output<T>,
    explain: (error: string, context: T) => string | undefined,
): pulumi.ResourceHookBinding | undefined {
    if (!engineTakes("registerErrorHook")) {
        return undefined;
    }
    let known: { value: T } | undefined;
    context.apply((value) => {
        known = { value };
    });
    const hook = new pulumi.ErrorHook(name, async ({ errors }) => {
        const sentence = known && explain(errors.join("\n"), known.value);
        if (sentence) {
            // The engine may end the program as soon as it has the answer.
            await pulumi.log.error(sentence);
        }
        return false;
    });
    return { onError: [hook] };
}
