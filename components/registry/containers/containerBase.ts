import type * as pulumi from "@pulumi/pulumi";

import type { NasFacts } from "../../nas/probe";
import type { Settings } from "../settings";

/** What both containers have in common: no right that they do not need, and logs that cannot fill the NAS. */
export function hardened(settings: pulumi.Output<Settings>, facts: pulumi.Output<NasFacts>, networkMode: string) {
    return {
        user: facts.owner,
        readOnly: true,
        capabilities: { drops: ["ALL"] },
        securityOpts: ["no-new-privileges:true"],
        // Said although it is the default, since engines report it under two names.
        networkMode,
        // All options and the driver, or a daemon's own defaults appear as a difference at every up.
        logDriver: leftOutWhenUndefined(settings.apply(({ logs }) => logs?.driver)),
        logOpts: leftOutWhenUndefined(settings.apply(({ logs }) => logs?.options)),
    };
}

/** In place of a volume of the image's, which would be an anonymous one. */
export const SCRATCH = "rw,noexec,nosuid,nodev,size=1m";

/** The SDK's types do not say that an Output of nothing leaves a property out. */
export function leftOutWhenUndefined<T>(output: pulumi.Output<T | undefined>): pulumi.Output<T> {
    return output as pulumi.Output<T>;
}

export function healthcheck(tests: pulumi.Input<string[]>) {
    // Durations in Go's canonical form, or every up shows a difference.
    return { tests, interval: "30s", timeout: "5s", startPeriod: "10s", retries: 3 };
}

/** What keeps a second `up` quiet and a failed create from passing as done. */
export function containerOptions(
    opts: pulumi.CustomResourceOptions,
    { hasMemorySwap } = { hasMemorySwap: false },
): pulumi.CustomResourceOptions {
    return {
        ...opts,
        deleteBeforeReplace: true,
        // The provider would change these in its state only, or, for memory, fail on some kernels.
        replaceOnChanges: ["healthcheck", "init", "tmpfs", "memory", "memorySwap", "#initerror"],
        // The engine fills it in.
        ignoreChanges: hasMemorySwap ? [] : ["memorySwap"],
    };
}
