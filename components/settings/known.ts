import * as pulumi from "@pulumi/pulumi";

/** What is known of an argument before any Output in it resolves: every part of it may be missing. */
export type Known<T> = KnownValue<pulumi.Unwrap<T>>;

type KnownValue<T> = T extends readonly (infer E)[]
    ? (KnownValue<E> | undefined)[]
    : T extends object
      ? { [K in keyof T]?: KnownValue<T[K]> }
      : T;

/**
 * Takes out of a value what is an Output or a Promise: its key stays, with nothing. A key that was given nothing is left out,
 * so that whatever has a key was given.
 */
export function knownOf<T>(value: T): Known<T> | undefined {
    return knownValue(value) as Known<T> | undefined;
}

function knownValue(value: unknown): unknown {
    if (pulumi.Output.isInstance(value) || value instanceof Promise) {
        return undefined;
    }
    if (Array.isArray(value)) {
        return value.map(knownValue);
    }
    if (typeof value === "object" && value !== null) {
        const given = Object.entries(value).filter(([, each]) => each !== undefined);
        return Object.fromEntries(given.map(([key, each]) => [key, knownValue(each)]));
    }
    return value;
}
