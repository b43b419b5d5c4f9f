import * as path from "node:path";

import { faultsBy, lazy, readSchema, type Schema } from "../../settings/schema";

interface KnownKeys extends Schema {
    /** The keys of storage that are drivers; a configuration has one of them. */
    drivers: string[];
    /** Keys of distribution 2, and of its manual, with what to do about each. */
    formerKeys: Record<string, string>;
}

/** Every key that distribution 3.1.2 reads in config.yml; `npm run known-keys` makes the file of distribution's sources. */
export const knownKeys = lazy(() => readSchema(path.join(__dirname, "knownKeys.json")) as KnownKeys);

export const configFaults = lazy(() => faultsBy(knownKeys()));

/** The words that a key may have as its value. */
export function wordsFor(key: string): string[] {
    const at = key.split(".").reduce<Schema | undefined>((schema, name) => schema?.properties?.[name], knownKeys());
    return (at?.enum ?? []) as string[];
}
