import * as path from "node:path";

import { nearest } from "./nearest";
import type { Problems } from "./problems";
import { checkOf, faultsBy, lazy, readSchema, showPath, type Fault } from "./schema";

/** What the types and comments of all arguments say, for a program that runs. `npm run schema` makes the file. */
const argumentsSchema = lazy(() => readSchema(path.join(__dirname, "..", "arguments.json")));
const argumentFaults = lazy(() => faultsBy(argumentsSchema()));

/**
 * Says which arguments have another type than the schema's, have a property that there is not, lack one that there must be, or
 * are not what their comments say: a JavaScript program and a stack's configuration can hold anything.
 *
 * @param type Name of their interface.
 * @param args What is known of them; an undefined one is given, and not known yet.
 * @param secretNames Names of the arguments whose values are not shown.
 * @returns The same without those of a wrong type, which no further check could read.
 */
export function checkShapes<Args extends object>(
    problems: Problems,
    type: string,
    args: Args,
    secretNames: readonly string[] = [],
): Args {
    const faults = argumentFaults()(args, type);
    const isOfType = ({ keyword }: Fault) => keyword !== "is" && keyword !== "enum";
    const unreadable = Object.fromEntries(faults.filter(isOfType).map((fault) => [nameOf(fault), undefined]));
    for (const fault of faults.filter((fault) => isOfType(fault) || !(nameOf(fault) in unreadable))) {
        if (fault.keyword === "is") {
            problems.check(showPath(fault.path), fault.value, checkOf(fault.schema));
        } else {
            problems.add(sentenceOf(fault, fault.keyword !== "enum" && secretNames.includes(nameOf(fault))));
        }
    }
    for (const [name, { plain }] of Object.entries(argumentsSchema().definitions?.[type]?.properties ?? {})) {
        if (plain && name in args && args[name as keyof Args] === undefined) {
            problems.add(`${name}: an output of a resource is not allowed; it must be known when the program runs.`);
        }
    }
    return { ...args, ...unreadable };
}

const nameOf = ({ path }: Fault) => String(path[0]);

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
