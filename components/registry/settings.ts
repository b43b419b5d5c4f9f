import * as pulumi from "@pulumi/pulumi";

import type { GivenConnection } from "../nas/connection";
import { knownOf, problemsOf, refuse } from "../settings/section";
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
import { extraConfigProblems } from "./sections/extraConfig";

export type { Confidential, Settings, Structure } from "./sections";

export interface AllSettings {
    structure: Structure;
    settings: pulumi.Output<Settings>;
    /** A secret as a whole. */
    confidential: pulumi.Output<Confidential>;
}

/** The arguments, their connection possibly an Output as a whole. */
export type GivenArgs = Omit<DeploymentArgs, "connection"> & { connection: GivenConnection["endpoint"] };

const CONFIDENTIAL: readonly string[] = sections.flatMap(({ confidential = [] }) => confidential);

/**
 * The settings of a registry. What is wrong in arguments that are known now is thrown now, before any resource is made; an
 * Output is checked when it resolves.
 *
 * @throws ResourceError with one sentence for each argument that is wrong, all of them together.
 */
export function settingsOf(component: pulumi.Resource, name: string, args: GivenArgs): AllSettings {
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
        return hidden;
    });
    return { structure: structureOf(name, args), settings, confidential: pulumi.secret(confidential) };
}

/**
 * What is wrong with the arguments, a sentence for each.
 *
 * @param known What is known of them; one that is given and not known is there as undefined.
 * @param name Name of the resource, the default of `containerName`.
 */
export function findProblems(known: KnownArgs, name: string): string[] {
    const problems = problemsOf("DeploymentArgs", withPresets(name, known), sections, CONFIDENTIAL);
    // Of all sections' keys.
    const { extraConfig = "" } = known;
    return [...problems, ...(typeof extraConfig === "string" ? extraConfigProblems(extraConfig) : [])];
}

export function withDefaults(name: string, args: PlainArgs): Settings {
    const given = withPresets(name, givenOf(args));
    return Object.assign({}, ...sections.map((section) => section.settings?.(given))) as Settings;
}

/** What the structural arguments, which are no Outputs, come to. */
function structureOf(name: string, args: GivenArgs): Structure {
    const given = withPresets(name, givenOf(args as DeploymentArgs));
    return Object.assign({}, ...sections.map((section) => section.structure?.(given))) as Structure;
}

function givenOf<Args extends object>(args: Args): Args {
    return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined)) as Args;
}

/** The arguments that are given, and in the place of others what depends on the tier. */
export function withPresets<Args extends object>(name: string, given: Args): Args & Presets {
    const presets = sections.map((section) => section.preset?.(given as KnownArgs, name));
    return Object.assign({}, ...presets, given) as Args & Presets;
}
