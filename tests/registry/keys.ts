import type { Schema } from "../../components/settings/schema";

/** Every key of the schema: `key[]` is an element of a list, `key.*` of a mapping with any keys. */
export function flatten({ properties, additionalProperties, items }: Schema, at = ""): string[] {
    if (items) {
        return flatten(items, `${at}[]`);
    }
    const inner = Object.entries({ ...properties, ...(additionalProperties && { "*": additionalProperties }) });
    return inner.length === 0 && !properties
        ? [at]
        : inner.flatMap(([key, each]) => flatten(each, at ? `${at}.${key}` : key));
}

/** Storage, auth and the options of middleware are maps to distribution's parser; their drivers look into them. */
export const isForDriver = (key: string) => /^(storage|auth)\.|^middleware\.\w+(\[\])?\.options\b/.test(key);
