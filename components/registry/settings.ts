import * as pulumi from "@pulumi/pulumi";

import type { GivenConnection } from "../nas/connection";
import { asMeant, knownOf, problemsOf, refuse } from "../settings/section";
import {
    sections,
    type Confidential,
    type DeploymentArgs,
    type KnownArgs,
    type PlainArgs,
    type Presets,
    type Settings,
    type Structure,
} from "./sections";
import { onlyIn } from "../settings/shape";
import { extraConfigProblems, idleSections } from "./sections/extraConfig";

export type { Confidential, Settings, Structure } from "./sections";

/** The arguments, their connection possibly an Output as a whole. */
type GivenArgs = Omit<DeploymentArgs, "connection"> & { connection: GivenConnection["endpoint"] };

export type AllSettings = ReturnType<typeof settingsOf>;

const CONFIDENTIAL: readonly string[] = sections.flatMap(({ confidential = [] }) => confidential);

/**
 * The settings of a registry. What is wrong in arguments that are known now is thrown now, before any resource is made; an
 * Output is checked when it resolves.
 *
 * @throws ResourceError with one sentence for each argument that is wrong, all of them together.
 */
export function settingsOf(component: pulumi.Resource, name: string, args: GivenArgs) {
    const known = knownOf<DeploymentArgs>(args);
    const check = (more: object) => refuse(component, findProblems({ ...known, ...knownOf(more) }, name));
    check({});
    const part = (isConfidential: boolean) =>
        Object.fromEntries(Object.entries(args).filter(([key]) => CONFIDENTIAL.includes(key) === isConfidential));
    const open = pulumi.output(part(false));
    const settings = open.apply((plain) => {
        check(plain);
        return withDefaults(name, plain as PlainArgs);
    });
    const confidential = pulumi.all([open, part(true)]).apply(([plain, hidden]): Confidential => {
        check({ ...plain, ...hidden });
        return asMeant("DeploymentArgs", hidden, []);
    });
    const idle = pulumi
        .all([open, confidential])
        .apply(([plain, hidden]) => idleArguments(name, { ...plain, ...hidden } as PlainArgs));
    // Structural arguments are no Outputs.
    const structure = resultsOf("structure", name, args) as Structure;
    return { structure, settings, confidential: pulumi.secret(confidential), idle: pulumi.unsecret(idle) };
}

/** Refuses what the other component alone has: a program in JavaScript and a stack's configuration may hold it. */
export function refuseOthers(component: pulumi.Resource, kind: "NasRegistry" | "NasMirror", args: object): void {
    const others = Object.keys(knownOf(args)).map((name) => ({ name, only: onlyIn("DeploymentArgs", name) ?? kind }));
    const sentences = others
        .filter(({ only }) => only !== kind)
        .map(({ name, only }) => `${name}: it is an argument of ${only}, and this is a ${kind}; leave it out.`);
    refuse(component, sentences);
}

/**
 * What is wrong with the arguments, a sentence for each.
 *
 * @param known What is known of them; one that is given and not known is there as undefined.
 * @param name Name of the resource, the default of `containerName`.
 */
export function findProblems(known: KnownArgs, name: string): string[] {
    const all = withPresets(name, known);
    const problems = problemsOf("DeploymentArgs", all, sections);
    // Of all sections' keys.
    const { extraConfig = "" } = known;
    const isText = typeof extraConfig === "string";
    return [...problems, ...(isText ? [...extraConfigProblems(extraConfig), ...idleSections(extraConfig, all)] : [])];
}

/** Which of the arguments do nothing because of others, a sentence for each. */
export function idleArguments(name: string, args: PlainArgs): string[] {
    const valueAt = (path: string) =>
        path.split(".").reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], args);
    const filled = filledIn(name, args);
    return sections
        .flatMap(({ idle }) => Object.entries(idle?.(filled) ?? {}))
        .filter(([path, why]) => why && valueAt(path) !== undefined)
        .map(([path, why]) => `${path}: it does nothing with ${why}; leave it out, or change that.`);
}

export function withDefaults(name: string, args: PlainArgs): Settings {
    return resultsOf("settings", name, args) as Settings;
}

/** What all sections make of the arguments. */
function resultsOf(member: "settings" | "structure", name: string, args: object): object {
    const filled = filledIn(name, args);
    return Object.assign({}, ...sections.map((section) => section[member]?.(filled))) as object;
}

function filledIn(name: string, args: object): PlainArgs & DeploymentArgs & Presets {
    const given = Object.entries(args).filter(([, value]) => value !== undefined);
    return withPresets(name, Object.fromEntries(given) as PlainArgs & DeploymentArgs);
}

/** The arguments that are given, as they were meant, and in the place of others what depends on the tier. */
export function withPresets<Args extends object>(name: string, given: Args): Args & Presets {
    const meant = asMeant("DeploymentArgs", given as KnownArgs, sections);
    const presets = sections.map((section) => section.preset?.(meant, name));
    return Object.assign({}, ...presets, meant) as Args & Presets;
}
