import type { Known } from "../../settings/known";
import type { Problems } from "../../settings/checks";
import type { Section } from "../../settings/section";
import type { TierArgs } from "./tier";

/** Contents of files beside config.yml, by name; undefined for one that is not there. */
export type Files = Record<string, string | undefined>;

/** A port that is open on the NAS, and its number inside a container of its own network. */
export interface Port {
    address: string;
    port: number;
    inside: number;
}

/** Some arguments of a registry, and all that they decide. What a section does not need, it leaves out. */
export interface RegistrySection<Args extends object> extends Section<Args> {
    /** Arguments that may hold secrets: kept apart, or all that is made of the others would be secret, too. */
    confidential?: readonly (keyof Args)[];
    /** Arguments that decide which resources there are, and so must be known when the program runs. */
    structural?: readonly (keyof Args)[];
    /** Arguments, in the place of those that are left out, that depend on the tier. */
    preset?(given: Known<Args & TierArgs>): Partial<Args>;
    /** What decides which resources there are. */
    structure?(args: Args): object;
    /** Keys of config.yml that the arguments set, with their names. */
    owns?: Record<string, string>;
    /** What is set in config.yml; a key with undefined is left out. */
    config?(settings: never, secrets: never): object;
    /** Files that config.yml or the environment names. */
    files?(settings: never, secrets: never): Files;
    /** Variables for what config.yml cannot express; the engine shows them, so they are no secrets. */
    environment?(settings: never): string[];
    ports?(settings: never): Port[];
}

/** Refuses an argument without the one choice that uses it, and that choice without the argument. */
export function checkNeeds(problems: Problems, args: object, name: string, isChosen: boolean, choice: string): void {
    if (isChosen && !(name in args)) {
        problems.add(`${name}: it is missing; ${choice} needs it.`);
    }
    if (!isChosen && name in args) {
        problems.add(`${name}: it is used with ${choice} only; set that, or leave ${name} out.`);
    }
}
