import type { Wording } from "./check";
import type { Rule } from "./schema";
import { shown } from "./values";

/** One of fixed words. */
export function oneOf(...allowed: string[]): Rule {
    const list = allowed.map((word) => JSON.stringify(word)).join(" ");
    return (value) =>
        allowed.includes(shown(value))
            ? undefined
            : `Invalid Attribute Value Match. Attribute {} value must be one of: [${list}], got: ${JSON.stringify(value)}`;
}

export function atLeast(least: number): Rule {
    return (value) =>
        Number(value) >= least
            ? undefined
            : `Invalid Attribute Value. Attribute {} value must be at least ${least}, got: ${shown(value)}`;
}

/** The words of providers built on Terraform's plugin framework; `{}` in a message stands for the attribute. */
export function frameworkWording(owner: string, resource: string): Wording {
    const examine = (path: string) => `Examine values at '${resource}.${path}'.`;
    return {
        owner,
        missing: (path) => ({ property: "", reason: `Missing required property '${path}'` }),
        // The real ones take such properties and do nothing with them: a mistake that nobody sees.
        unknown: (path) => ({ property: "", reason: `Invalid or unknown key. ${examine(path)}` }),
        kind: (path, { kind }, value) => ({
            property: "",
            reason: `Invalid Attribute Value. Attribute ${attribute(path)} must be a ${kind}, got: ${JSON.stringify(value)}. ${examine(path)}`,
        }),
        value: (path, message) => ({
            property: "",
            reason: `${message.replace("{}", attribute(path))}. ${examine(path)}`,
        }),
    };
}

/** Terraform's name of a property. */
function attribute(path: string): string {
    return path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
