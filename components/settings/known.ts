import * as pulumi from "@pulumi/pulumi";

/** What is known of an argument before any Output in it resolves: every part of it may be missing. */
export type Known<T> = KnownValue<pulumi.Unwrap<T>>;

type KnownValue<T> = T extends readonly (infer E)[]
    ? (KnownValue<E> | undefined)[]
    : T extends object
      ? { [K in keyof T]?: KnownValue<T[K]> }
      : T;

/**
 * Takes out of arguments what is an Output or a Promise: its key stays, undefined. A key that was given undefined is left
 * out, so that whatever has a key was given.
 */
export function knownOf<T extends object>(args: T): Known<T> {
    return (knownValue(args) ?? {}) as Known<T>;
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
