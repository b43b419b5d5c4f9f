import type * as pulumi from "@pulumi/pulumi";

import type { Checks, Problems } from "./checks";
import type { Known } from "./known";

/** Arguments without Inputs. */
export type Plain<T> = pulumi.Unwrap<T>;

/** All that is decided about some arguments, in one place. */
export interface Section<Args extends object> {
    /** What each of them must be by itself. */
    checks?: Checks<Plain<Args>>;
    /** What they must be together. One that is given, but not known yet, is there as undefined. */
    check?(problems: Problems, args: Known<Args>): void;
    /** What is in force: the arguments, and defaults in the place of those that are left out. */
    settings?(args: Plain<Args>): unknown;
}

/** Adds what is wrong with arguments, as far as they are known. */
export function checkSection<Args extends object>(problems: Problems, args: Known<Args>, section: Section<Args>): void {
    if (section.checks) {
        problems.judgeAll("", args, section.checks);
    }
    section.check?.(problems, args);
}

/** The arguments that are named here, each with its default where it is left out. */
export function filled<A extends object, D extends { [K in keyof A]?: A[K] }>(args: A | undefined, defaults: D) {
    const all = Object.entries<unknown>(defaults).map(([name, value]) => [name, args?.[name as keyof A] ?? value]);
    return Object.fromEntries(all) as {
        [K in keyof A & keyof D]-?: undefined extends D[K] ? A[K] | undefined : NonNullable<A[K]>;
    };
}
