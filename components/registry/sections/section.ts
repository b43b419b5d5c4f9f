import type { Known, Plain, Section } from "../../settings/section";
import type { Problems } from "../../settings/shape";
import type { TierArgs } from "./tier";

export * as is from "../../settings/is";
export { filled, type Known, type Plain } from "../../settings/section";
export type { Problems } from "../../settings/shape";
export { bytesIn, mebibytesIn, secondsIn } from "../../settings/units";

/** Contents of files beside config.yml, by name; undefined for one that is not there. */
export type Files = Record<string, string | undefined>;

/** A port that is open on the NAS, and its number inside a container of its own network. */
export interface Port {
    address: string;
    port: number;
    inside: number;
}

/** Those that a preset has are never left out. */
export type Filled<Args, Preset> = Args & { [K in keyof Preset & keyof Args]-?: NonNullable<Args[K]> };

/** Some arguments of a registry, and all that they decide. What a section does not need, it leaves out. */
export interface RegistrySection<Args extends object, Own, Open, Hidden, Preset, Structure, Secret> extends Omit<
    Section<Args>,
    "confidential" | "settings"
> {
    /** Arguments that may hold secrets: kept apart, or all that is made of the others would be secret, too. */
    confidential?: readonly Secret[];
    /** Arguments, in the place of those that are left out, that depend on the tier or the resource's name. */
    preset?(given: Known<Args & TierArgs>, name: string): Preset;
    /** What decides which resources there are, of arguments that are no Inputs, and of whether others are given. */
    structure?(args: Filled<Args, Preset>): Structure;
    settings?(args: Filled<Plain<Args>, Preset>): Own;
    /** Arguments that do nothing, each with the other one because of which; `up` warns of those that are given. */
    idle?(args: Filled<Plain<Args>, Preset>): Record<string, string | false | undefined>;
    /**
     * Keys of config.yml with the arguments that set them, so that `extraConfig` may not, and what they are made of: the
     * settings, and what may be a secret. Undefined leaves a key out.
     */
    keys?: Record<string, readonly [owner: string | undefined, render?: (open: Open, hidden: Hidden) => unknown]>;
    /** Files that config.yml or the environment names. */
    files?(open: Open, hidden: Hidden): Files;
    /** Variables for what config.yml cannot express; the engine shows them, so they are no secrets. */
    environment?(open: Open): string[];
    ports?(open: Open): Port[];
}

/** A section that reads these arguments, these settings of other sections, and these secrets that are no arguments. */
export function section<Args extends object, Others = unknown, Hidden = unknown>() {
    return <
        Own = object,
        Structure = object,
        Preset extends Partial<Args> = object,
        const Secret extends keyof Args = never,
    >(
        all: RegistrySection<
            Args,
            Own,
            Own & Others,
            Pick<Plain<Args>, Secret & keyof Plain<Args>> & Hidden,
            Preset,
            Structure,
            Secret
        >,
    ) => all;
}

/** Where a registry's container is; see `networkMode`. */
export interface Networked {
    networkMode?: "bridge" | "host";
}

/** The host of a URL, of `host:port` or of an address, when it is whoever asks. */
export function loopbackIn(address: string | undefined): string | undefined {
    const url = address?.includes("://") ? address : `tcp://${address}`;
    const host = URL.canParse(url) ? new URL(url).hostname : "";
    return /^(localhost|127(\.\d+){3}|\[::1\])$/i.test(host) ? host : undefined;
}

/** Refuses, for what the registry is to reach, its own container. */
export function checkReaches(
    problems: Problems,
    property: string,
    address: string | undefined,
    { networkMode }: Networked,
): void {
    const host = loopbackIn(address);
    if (networkMode !== "host" && host) {
        problems.add(
            `${property}: ${host} is not allowed with networkMode bridge, where it is the registry's own container; give the NAS's address in your network, or set networkMode to host.`,
        );
    }
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
