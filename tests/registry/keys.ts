import type { Keys, Kind } from "../../components/registry/sections/knownKeys";

export const isKeys = (kind: Kind): kind is Keys =>
    typeof kind === "object" && !(kind instanceof Set) && !Array.isArray(kind);

/** Every key of the table with its kind: `key[]` is an element of a list, `key.*` of a mapping with any keys. */
export function flatten(kind: Kind, at = ""): [string, string][] {
    if (typeof kind === "string") {
        return [[at, kind]];
    }
    if (kind instanceof Set) {
        return [[at, "string"]];
    }
    if (Array.isArray(kind)) {
        return flatten(kind[0], `${at}[]`);
    }
    return Object.entries(kind).flatMap(([key, inner]: [string, Kind]) => flatten(inner, at ? `${at}.${key}` : key));
}

/** Storage, auth and the options of middleware are maps to distribution's parser; their drivers look into them. */
export const isForDriver = (key: string) => /^(storage|auth)\.|^middleware\.\w+(\[\])?\.options\b/.test(key);
