import { readFileSync } from "node:fs";

import { Validator } from "jsonschema";

/** A JSON Schema, as far as it is used here. */
export interface Schema {
    type?: string;
    properties?: Record<string, Schema>;
    additionalProperties?: Schema | false;
    items?: Schema;
    required?: string[];
    enum?: unknown[];
    /** What a value must be, in words. */
    title?: string;
    [keyword: string]: unknown;
}

export type Path = readonly (string | number)[];

/** Something in a value that its schema does not allow. */
export interface Fault {
    /** The keyword that does not allow it, with the schema that has it. */
    keyword: string;
    schema: Schema;
    /** Where it is; the name of a property that is missing, or that there is not, is the end of it. */
    path: Path;
    value: unknown;
}

/** @param change Makes each part of the file's JSON what a JSON Schema has in its place. */
export function readSchema(file: string, change = (part: Schema, _name: string) => part): Schema {
    const prepare = (name: string, part: unknown): unknown =>
        typeof part === "object" && part !== null && !Array.isArray(part)
            ? // The validator would take `constructor` for a property of every schema.
              Object.setPrototypeOf(change(part as Schema, name), null)
            : part;
    return JSON.parse(readFileSync(file, "utf8"), prepare) as Schema;
}

/** Finds all faults of a value. A property that is undefined is given, and not known yet. */
export function faultsBy(schema: Schema): (value: unknown) => Fault[] {
    const validator = new Validator();
    // Once: for each value it would take longer than the value.
    validator.addSchema(schema, "/");
    return (value) =>
        validator.validate(value, { $ref: "/" }).errors.flatMap(({ name, path, argument, schema, instance }) => {
            const property = /^(required|additionalProperties)$/.test(name) ? [String(argument)] : [];
            const isGiven = name === "required" && Object.hasOwn(instance as object, String(argument));
            const fault = {
                keyword: name,
                schema: schema as Schema,
                path: [...path, ...property],
                value: instance as unknown,
            };
            return isGiven ? [] : [fault];
        });
}

/** `notifications.endpoints[0].url` */
export function showPath(path: Path): string {
    const show = (part: string) => (/^[\w./-]+$/.test(part) ? part : JSON.stringify(part));
    return path
        .map((part) => (typeof part === "number" ? `[${part}]` : `.${show(part)}`))
        .join("")
        .slice(1);
}

/** A value that is made when it is first used. */
export function lazy<T>(make: () => T): () => T {
    let made: T | undefined;
    return () => (made ??= make());
}
