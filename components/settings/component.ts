import type * as pulumi from "@pulumi/pulumi";

/** Options of a component's child: the engine hands neither of these two on to it. */
export function childOptions(
    parent: pulumi.ComponentResource,
    { dependsOn, retainOnDelete }: pulumi.ComponentResourceOptions = {},
): pulumi.CustomResourceOptions {
    return { parent, dependsOn, retainOnDelete };
}

/** Sets a component's outputs, for `registerOutputs`. Its inputs are not recorded: an SSH key or a password could be in them. */
export function setOutputs<Component extends pulumi.ComponentResource>(
    component: Component,
    outputs: Omit<Component, keyof pulumi.ComponentResource>,
) {
    Object.assign(component, outputs);
    return outputs;
}

/**
 * Runs it without the stack traces of errors. Pulumi's SDK takes one for each promise, of which a registry has thousands, and maps
 * its lines to sources: without them a program takes a third of the time. A resource still has its place in the program.
 */
export function withoutStackTraces<T>(run: () => T): T {
    const { stackTraceLimit } = Error;
    try {
        Error.stackTraceLimit = 0;
        return run();
    } finally {
        Error.stackTraceLimit = stackTraceLimit;
    }
}

/** Some properties of an object, or of an Output, which has those of what it holds. */
export function pick<T extends object, Name extends keyof T>(all: T, ...names: Name[]): Pick<T, Name> {
    return Object.fromEntries(names.map((name) => [name, all[name]])) as Pick<T, Name>;
}
