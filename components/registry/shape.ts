import * as path from "node:path";

import type { Problems } from "../settings/checks";
import { nearest } from "../settings/nearest";
import { faultsBy, lazy, readSchema, showPath, type Fault } from "../settings/schema";

/** What TypeScript checks in a TypeScript program, for all the others. `npm run schema` makes the file. */
const argumentFaults = lazy(() => faultsBy(readSchema(path.join(__dirname, "arguments.json"))));

/**
 * Says which arguments have another type than the schema's, have a property that there is not, or lack one that there must
 * be: a JavaScript program and a stack's configuration can hold anything.
 *
 * @param args What is known of them; an undefined one is given, and not known yet.
 * @param secretNames Names of the arguments whose values are not shown.
 * @returns The names of those that are wrong, which no further check could read.
 */
export function checkShapes(problems: Problems, args: object, secretNames: readonly string[]): Set<string> {
    const faults = argumentFaults()(args);
    const nameOf = (fault: Fault) => String(fault.path[0]);
    faults.forEach((fault) => problems.add(sentenceOf(fault, secretNames.includes(nameOf(fault)))));
    return new Set(faults.map(nameOf));
}

function sentenceOf({ keyword, path, schema, value }: Fault, isSecret: boolean): string {
    const at = showPath(path);
    if (keyword === "required") {
        return `${at}: it is missing.`;
    }
    if (keyword === "additionalProperties") {
        const names = Object.keys(schema.properties ?? {});
        const meant = nearest(String(path.at(-1)), names);
        return `${at}: there is no such setting; ${meant ? `did you mean ${meant}?` : `there are ${names.join(", ")}.`}`;
    }
    const hasControls = keyword === "pattern";
    const shown = isSecret || hasControls ? "the value given" : JSON.stringify(value);
    return `${at}: ${shown} is not allowed; it must be ${hasControls ? schema.description : schema.title}.`;
}
