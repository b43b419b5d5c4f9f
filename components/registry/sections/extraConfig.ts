import { nearest } from "../../settings/nearest";
import { formerKeys, knownKeys, storageDrivers, type Keys, type Kind } from "./knownKeys";
import { ownedKeys } from "./ownedKeys";
import { parseYaml, type ConfigTree, type ConfigValue } from "./yaml";

/**
 * Says what is wrong with the text that a user adds to the registry's configuration, one sentence each. No sentence has a
 * value of it, only names of keys: the text may hold secrets.
 *
 * Distribution itself passes over unknown keys, and over values of the wrong kind in storage; it stops at its start for
 * other values of the wrong kind, when the container has been replaced already.
 *
 * A key that an argument sets is refused wherever the text has it, also with the argument's own value: so the text alone tells
 * what it can do, before anything else of the configuration is known.
 *
 * @param config What the text is added to; with it, what only the sum shows is found, too: a second storage driver.
 */
export function extraConfigProblems(text: string, config: ConfigTree = {}): string[] {
    const extra = parseExtraConfig(text);
    const problems =
        "problem" in extra
            ? [extra.problem]
            : [
                  ...problemsOf(extra.tree, knownKeys, []),
                  ...problemsOfOwned(extra.tree),
                  ...problemsOfSum(config, extra.tree),
              ];
    return problems.map((problem) => `extraConfig: ${problem}`);
}

/**
 * The configuration with the user's own text on top: mappings are joined, a value or a list takes the place of what was
 * there, and null takes the key away.
 *
 * @param text A text without {@link extraConfigProblems}: with one it could undo what makes the registry safe.
 */
export function mergeExtraConfig(config: ConfigTree, text: string | undefined): ConfigTree {
    const extra = parseExtraConfig(text ?? "");
    if ("problem" in extra) {
        throw new Error(`extraConfig: ${extra.problem}`);
    }
    return merge(config, extra.tree);
}

function merge(base: ConfigTree, extra: ConfigTree): ConfigTree {
    // The base's keys first, in their order, so that a difference shows what changed and nothing else.
    const keys = new Set([...Object.keys(base), ...Object.keys(extra)]);
    return Object.fromEntries(
        [...keys].flatMap((key): [string, ConfigValue][] => {
            const old = own(base, key);
            const value = Object.hasOwn(extra, key) ? own(extra, key) : old;
            if (value === null || value === undefined) {
                return [];
            }
            return [[key, isTree(value) ? merge(isTree(old) ? old : {}, value) : value]];
        }),
    );
}

function own<T>(tree: Readonly<Record<string, T>>, key: string): T | undefined {
    return Object.hasOwn(tree, key) ? tree[key] : undefined;
}

function isTree(value: ConfigValue | undefined): value is ConfigTree {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseExtraConfig(text: string): { tree: ConfigTree } | { problem: string } {
    const parsed = parseYaml(text);
    if ("problem" in parsed || isTree(parsed.value)) {
        return "problem" in parsed ? parsed : { tree: parsed.value as ConfigTree };
    }
    return parsed.value === null
        ? { tree: {} }
        : { problem: "it must be a YAML mapping, such as 'catalog: {maxentries: 2000}'." };
}

type Path = readonly (string | number)[];

/** `notifications.endpoints[0].url` */
function show(path: Path): string {
    return path.reduce<string>((text, part) => {
        if (typeof part === "number") {
            return `${text}[${part}]`;
        }
        const name = /^[\w-]+$/.test(part) ? part : JSON.stringify(part);
        return text === "" ? name : `${text}.${name}`;
    }, "");
}

function problemsOf(value: ConfigValue, kind: Kind, path: Path): string[] {
    const problem = (allowed: string) => [`'${show(path)}' must be ${allowed}.`];
    if (Array.isArray(kind)) {
        return Array.isArray(value)
            ? value.flatMap((item, index) => problemsOf(item, kind[0], [...path, index]))
            : problem(kind[0] === "string" ? "a list of strings" : "a list");
    }
    if (typeof kind === "string") {
        const { isRight, allowed } = scalars[kind];
        return isRight(value) ? [] : problem(allowed);
    }
    if (kind instanceof Set) {
        return kind.has(value) ? [] : problem(`one of ${[...kind].join(", ")}`);
    }
    return isTree(value) ? problemsOfKeys(value, kind as Keys, path) : problem("a mapping");
}

function problemsOfKeys(tree: ConfigTree, keys: Keys, path: Path): string[] {
    return Object.entries(tree).flatMap(([key, value]) => {
        const kind = own(keys, key) ?? keys["*"];
        const here = [...path, key];
        if (kind === undefined) {
            const advice = formerKeys.get(show(here)) ?? suggestion(here, keys);
            return [
                `'${show(here)}' is not a key of distribution 3, which would ignore it${advice ? `; ${advice}` : "."}`,
            ];
        }
        // Null takes the key away; without a version the registry does not start.
        return value === null && kind !== "version" ? [] : problemsOf(value, kind, here);
    });
}

const DURATION = /^[-+]?(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))*$/;
const isDuration = (value: ConfigValue) => typeof value === "string" && DURATION.test(value);
const durationRule = "a duration with its unit, such as 90s or 24h; distribution takes a bare number for nanoseconds";

const scalars: Record<Extract<Kind, string>, { isRight: (value: ConfigValue) => boolean; allowed: string }> = {
    any: { isRight: () => true, allowed: "anything" },
    // Distribution would take 0755 for text in one place and for 493 in another.
    string: { isRight: (value) => typeof value === "string", allowed: "a string; put it in quotes" },
    boolean: { isRight: (value) => typeof value === "boolean", allowed: "true or false, without quotes" },
    integer: { isRight: (value) => Number.isInteger(value), allowed: "a whole number, without quotes" },
    duration: { isRight: (value) => value === 0 || isDuration(value), allowed: durationRule },
    durationText: { isRight: isDuration, allowed: durationRule },
    version: { isRight: (value) => value === 0.1 || value === "0.1", allowed: "0.1, distribution's only one" },
};

/** Keys that arguments set: each by itself, and what holds some of them when it is taken away. */
function problemsOfOwned(tree: ConfigTree, parent = ""): string[] {
    return Object.entries(tree).flatMap(([key, value]) => {
        const here = `${parent}${key}`;
        const owner = ownedKeys.get(here);
        if (owner !== undefined) {
            return [`'${here}' is not for extraConfig; set ${owner} instead.`];
        }
        if (value === null && [...ownedKeys.keys()].some((owned) => owned.startsWith(`${here}.`))) {
            return [`'${here}' must not be null, since arguments set keys in it.`];
        }
        return isTree(value) ? problemsOfOwned(value, `${here}.`) : [];
    });
}

/** What cannot be seen in the text alone: distribution wants one storage driver. */
function problemsOfSum(config: ConfigTree, extra: ConfigTree): string[] {
    const { storage } = merge(config, extra);
    const drivers = isTree(storage) ? Object.keys(storage).filter((key) => Object.hasOwn(storageDrivers, key)) : [];
    return drivers.length > 1
        ? [`'storage' has ${drivers.join(" and ")}, but distribution 3 takes one storage driver; leave out the other.`]
        : [];
}

/** The key that was probably meant: one like it in the same place, or the same name in the one other place that has it. */
function suggestion(path: Path, siblings: Keys): string | undefined {
    const name = String(path.at(-1)).toLowerCase();
    const sibling = nearest(name, Object.keys(siblings));
    if (sibling) {
        return `did you mean '${show([...path.slice(0, -1), sibling])}'?`;
    }
    const [place, ...others] = placesOf(name, knownKeys, []);
    return place && others.length === 0 ? `did you mean '${show(place)}'?` : undefined;
}

function placesOf(name: string, kind: Kind, path: Path): Path[] {
    if (Array.isArray(kind)) {
        return placesOf(name, kind[0], path);
    }
    if (typeof kind === "string" || kind instanceof Set) {
        return [];
    }
    return Object.entries(kind).flatMap(([key, inner]: [string, Kind]) => [
        ...(key === name ? [[...path, key]] : []),
        ...placesOf(name, inner, [...path, key]),
    ]);
}
