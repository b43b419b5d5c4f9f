import type { Wording } from "../core/check";
import type { Property, Rule, Schema } from "../core/schema";
import { shown } from "../core/values";
import { parseDuration } from "./duration";

export function matches(pattern: RegExp): Rule {
    return (value) =>
        pattern.test(shown(value)) ? undefined : `'${shown(value)}' doesn't match the pattern '${pattern.source}'`;
}

export function oneOf(...words: string[]): Rule {
    return matches(new RegExp(`^(${words.join("|")})$`));
}

export function atLeast(least: number): Rule {
    return (value) => (Number(value) >= least ? undefined : `'${shown(value)}' cannot be lower than ${least}`);
}

export const duration: Rule = (value) => {
    const parsed = parseDuration(shown(value));
    if (parsed === undefined) {
        return `'${shown(value)}' is not a valid duration`;
    }
    return parsed < 0 ? `duration must not be negative` : undefined;
};

export const absolutePath: Rule = (value) =>
    /^[a-zA-Z]:\\|^\//.test(shown(value)) ? undefined : `'${shown(value)}' must be an absolute path`;

export const OWNER = "the lab's substitute of the docker provider";

/** The words of providers on Terraform's older SDK, through Pulumi's bridge. */
export function classicWording(schema: Schema, resource: string): Wording {
    const failure = (path: string, reason: string) => ({
        property: "",
        reason: `${reason}. Examine values at '${resource}.${visible(schema, path)}'.`,
    });
    return {
        owner: OWNER,
        missing: (path) =>
            failure(
                path,
                `Missing required argument. The argument "${terraformName(path)}" is required, but no definition was found.`,
            ),
        unknown: (path) => failure(path, "Invalid or unknown key"),
        kind: (path, { kind }, value) => failure(path, `expected a ${kind}, got ${JSON.stringify(value)}`),
        value: (path, message) => failure(path, `${message}. ${message}`),
    };
}

function terraformName(path: string): string {
    const last = /[^.]*$/.exec(path)?.[0] ?? path;
    return last.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The elements of a set have no place of their own: what is in one is said of the set. */
function visible(schema: Schema, path: string): string {
    const top = /^[^.[]+/.exec(path)?.[0] ?? path;
    const property: Property | undefined = schema[top];
    return property?.kind === "set" ? top : path;
}
