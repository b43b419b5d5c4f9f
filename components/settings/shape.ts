import * as path from "node:path";

import type { Check } from "./is";
import { nearest } from "./nearest";
import { checkOf, faultsBy, lazy, readSchema, showPath, spelledBy, type Fault } from "./schema";

/** Collects what is wrong with arguments: one sentence for each, with its name, its value and what is allowed. */
export class Problems {
    readonly sentences: string[] = [];

    add(sentence: string): void {
        this.sentences.push(sentence);
    }

    /** A value that is left out, or not known yet, is not checked. */
    check<T>(property: string, value: T | undefined, { isRight, allowed, hides, seems }: Check<T>): void {
        if (value !== undefined && !isRight(value)) {
            const shown = hides?.(value) ? "the value given" : JSON.stringify(value);
            this.add(`${property}: ${shown} is ${seems?.(value) ?? "not allowed"}; it must be ${allowed}.`);
        }
    }
}

/** What the types and comments of all arguments say, for a program that runs. `npm run schema` makes the file. */
const schema = lazy(() => readSchema(path.join(__dirname, "..", "arguments.json")));
const faultsOf = lazy(() => faultsBy(schema()));

/** Arguments with their names and addresses in the usual spelling; those of a wrong type, and Outputs, stay as they are. */
export function spelled<Args extends object>(type: string, args: Args): Args {
    return spelledBy(schema(), { $ref: `#/definitions/${type}` }, args) as Args;
}

/**
 * Says which arguments are not what their types and comments say: a JavaScript program and a stack's configuration can hold
 * anything.
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
    secretNames: readonly string[],
): Args {
    const faults = faultsOf()(args, type);
    const isOfType = ({ keyword }: Fault) => keyword !== "is" && keyword !== "enum";
    const unreadable = Object.fromEntries(faults.filter(isOfType).map((fault) => [nameOf(fault), undefined]));
    for (const fault of faults.filter((fault) => isOfType(fault) || !(nameOf(fault) in unreadable))) {
        if (fault.keyword === "is") {
            problems.check(showPath(fault.path), fault.value, checkOf(fault.schema));
        } else {
            problems.add(sentenceOf(fault, isOfType(fault) && secretNames.includes(nameOf(fault))));
        }
    }
    for (const [name, { plain }] of Object.entries(schema().definitions?.[type]?.properties ?? {})) {
        if (plain && name in args && args[name as keyof Args] === undefined) {
            problems.add(`${name}: an output of a resource is not allowed; it must be known when the program runs.`);
        }
    }
    return { ...args, ...unreadable };
}

/** The one component that has an argument, where several have such arguments. */
export function onlyIn(type: string, name: string): string | undefined {
    return schema().definitions?.[type]?.properties?.[name]?.only;
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
