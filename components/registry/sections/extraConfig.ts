import { join } from "node:path";

import { nearest } from "../../settings/nearest";
import { faultsBy, lazy, readSchema, showPath, type Fault, type Path, type Schema } from "../../settings/schema";
import { ownedKeys } from ".";
import { isTree, parseMapping, type ConfigTree, type ConfigValue } from "./yaml";

interface KnownKeys extends Schema {
    /** The keys of storage that are drivers; a configuration has one of them. */
    drivers: string[];
    /** Keys of distribution 2, and of its manual, with what to do about each. */
    formerKeys: Record<string, string>;
}

/** Every key that distribution 3.1.2 reads in config.yml; `npm run known-keys` makes the file of distribution's sources. */
export const knownKeys = lazy(() => readSchema(join(__dirname, "knownKeys.json")) as KnownKeys);

const configFaults = lazy(() => faultsBy(knownKeys()));

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
    const extra = parseMapping(text);
    const problems =
        typeof extra === "string"
            ? [extra]
            : [
                  ...configFaults()(extra).flatMap(problemsOfFault),
                  ...problemsOfOwned(extra),
                  ...problemsOfSum(merge(config, extra)),
              ];
    return problems.map((problem) => `extraConfig: ${problem}`);
}

/**
 * The configuration with the user's own text on top: mappings are joined, a value or a list takes the place of what was
 * there, and null takes the key away.
 *
 * @param text A text without {@link extraConfigProblems}: with one it could undo what makes the registry safe.
 */
export function mergeExtraConfig(config: ConfigTree, text = ""): ConfigTree {
    const extra = parseMapping(text);
    if (typeof extra === "string") {
        throw new Error(`extraConfig: ${extra}`);
    }
    return merge(config, extra);
}

export function merge(base: ConfigTree, extra: ConfigTree): ConfigTree {
    // The base's keys first, in their order, so that a difference shows what changed and nothing else.
    const entries = Object.entries({ ...base, ...extra }).filter(([, value]) => value !== null);
    return Object.fromEntries(
        entries.map(([key, value]) => {
            const old = Object.hasOwn(base, key) ? base[key] : undefined;
            return [key, isTree(value) ? merge(isTree(old) ? old : {}, value) : value];
        }),
    );
}

function problemsOfFault({ keyword, path, schema, value }: Fault): string[] {
    const key = showPath(path);
    if (keyword === "additionalProperties") {
        const advice = knownKeys().formerKeys[key] ?? suggestion(path, schema);
        return [`'${key}' is not a key of distribution 3, which would ignore it${advice ? `; ${advice}` : "."}`];
    }
    // Null takes the key away; without a version the registry does not start.
    if (value === null && typeof path.at(-1) === "string" && key !== "version") {
        return [];
    }
    return [`'${key}' must be ${schema.title}.`];
}

/** The key that was probably meant: one like it in the same place, or the same name in the one other place that has it. */
function suggestion(path: Path, { properties = {} }: Schema): string | undefined {
    const name = String(path.at(-1)).toLowerCase();
    const sibling = nearest(name, Object.keys(properties));
    const places = sibling ? [[...path.slice(0, -1), sibling]] : placesOf(name, knownKeys(), []);
    return places.length === 1 ? `did you mean '${showPath(places.flat())}'?` : undefined;
}

function placesOf(name: string, schema: Schema, path: Path): Path[] {
    const { properties = {} } = schema.items ?? schema;
    return Object.entries(properties).flatMap(([key, inner]) => [
        ...(key === name ? [[...path, key]] : []),
        ...placesOf(name, inner, [...path, key]),
    ]);
}

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
function problemsOfSum({ storage }: ConfigTree): string[] {
    const drivers = isTree(storage) ? Object.keys(storage).filter((key) => knownKeys().drivers.includes(key)) : [];
    return drivers.length > 1
        ? [`'storage' has ${drivers.join(" and ")}, but distribution 3 takes one storage driver; leave out the other.`]
        : [];
}

/** Sections that the registry passes over, without a word, unless these arguments have one of these values. */
const USED_WITH = {
    "http.tls": { argument: "tls", values: ["own-authority", "given"] },
    redis: { argument: "cache", values: ["redis", "external"] },
} as const;

/** Says which sections of a text without {@link extraConfigProblems} the registry would pass over. */
export function idleSections(text: string, args: Partial<Record<"tls" | "cache", string>>): string[] {
    const tree = parseMapping(text);
    return Object.entries(USED_WITH).flatMap(([section, { argument, values }]) => {
        const given = section
            .split(".")
            .reduce<ConfigValue | undefined>((inner, key) => (isTree(inner) ? inner[key] : undefined), tree);
        return given === undefined || values.some((value) => value === args[argument])
            ? []
            : [
                  `extraConfig: '${section}' is used with ${argument} ${values.join(" or ")} only; set that, or leave it out.`,
              ];
    });
}
