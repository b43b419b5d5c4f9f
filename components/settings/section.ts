import * as pulumi from "@pulumi/pulumi";

import { checkShapes, Problems, spelled } from "./shape";

/** Arguments without Inputs. */
export type Plain<T> = pulumi.Unwrap<T>;

/** What is known of an argument before any Output in it resolves: every part of it may be missing. */
export type Known<T> = KnownValue<Plain<T>>;

type KnownValue<T> = T extends readonly (infer E)[]
    ? (KnownValue<E> | undefined)[]
    : T extends object
      ? { [K in keyof T]?: KnownValue<T[K]> }
      : T;

/** All that is decided about some arguments, in one place; what each must be by itself is in its comment, behind `@is`. */
export interface Section<Args extends object> {
    /** Arguments that may hold secrets: they are not shown. */
    confidential?: readonly string[];
    /** The same arguments, each in its own place: people put a port behind a host. They may be of any type. */
    spelling?(args: Known<Args>): Known<Args>;
    /** What they must be together. One that is given, but not known yet, is there as undefined. */
    check?(problems: Problems, args: Known<Args>): void;
    /** What is in force: the arguments, and defaults in the place of those that are left out. */
    settings?(args: Plain<Args>): unknown;
}

/**
 * Arguments that are right. What is wrong in those that are known now is thrown now, before any resource is made; an Output
 * is checked when it resolves.
 *
 * @param type Name of the arguments' interface.
 * @throws ResourceError with one sentence for each argument that is wrong, all of them together.
 */
export function checked<Args extends object>(
    component: pulumi.Resource,
    type: string,
    args: Args,
    section: Section<Args> = {},
): pulumi.Output<Plain<Args>> {
    refuse(component, problemsOf(type, knownOf(args), [section]));
    return pulumi.output(args).apply((plain) => {
        refuse(component, problemsOf(type, knownOf(plain) as Known<Args>, [section]));
        return asMeant(type, plain as Known<Args>, [section]) as Plain<Args>;
    });
}

/** Arguments in their usual spelling, and each in its place, which is what all else is made of. */
export function asMeant<Args extends object>(
    type: string,
    args: Args,
    sections: readonly { spelling?(args: Args): Args }[],
): Args {
    return sections.reduce((each, section) => section.spelling?.(each) ?? each, spelled(type, args));
}

/** What is wrong with arguments, as far as they are known: a sentence for each, with its name, its value and what is allowed. */
export function problemsOf<Args extends object>(
    type: string,
    args: Args,
    sections: readonly {
        confidential?: readonly string[];
        spelling?(args: Args): Args;
        check?(problems: Problems, args: Args): void;
    }[] = [],
): string[] {
    const problems = new Problems();
    const hidden = sections.flatMap(({ confidential = [] }) => confidential);
    const readable = checkShapes(problems, type, asMeant(type, args, sections), hidden);
    sections.forEach((section) => section.check?.(problems, readable));
    return problems.sentences;
}

/** Throws sentences, all of them together. */
export function refuse(component: pulumi.Resource, sentences: string[]): void {
    if (sentences.length > 0) {
        throw new pulumi.ResourceError(sentences.join("\n"), component, true);
    }
}

/**
 * Takes out of arguments what is an Output or a Promise: its key stays, undefined. A key that was given undefined is
 * left out, so that whatever has a key was given.
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

/** The arguments that are named here, each with its default where it is left out. */
export function filled<A extends object, D extends { [K in keyof A]?: A[K] }>(args: A | undefined, defaults: D) {
    const all = Object.entries<unknown>(defaults).map(([name, value]) => [name, args?.[name as keyof A] ?? value]);
    return Object.fromEntries(all) as {
        [K in keyof A & keyof D]-?: undefined extends D[K] ? A[K] | undefined : NonNullable<A[K]>;
    };
}
