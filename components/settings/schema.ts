import { readFileSync } from "node:fs";

import { Validator } from "jsonschema";

/** A JSON Schema, as far as it is used here. */
export interface Schema {
    properties?: Record<string, Schema>;
    additionalProperties?: Schema | false;
    items?: Schema;
    enum?: unknown[];
    /** What a value of the schema's type is called in a sentence. */
    title?: string;
    /** The same for its other keywords. */
    description?: string;
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

export function readSchema(file: string): Schema {
    // The validator would take `constructor` for a property of every schema.
    const bare = (_: string, part: unknown): unknown =>
        typeof part === "object" && !Array.isArray(part) ? Object.setPrototypeOf(part, null) : part;
    return JSON.parse(readFileSync(file, "utf8"), bare) as Schema;
}

const isOfProperty = /^(required|additionalProperties)$/;

/** Finds all faults of a value. A property that is undefined is given, and not known yet. */
export function faultsBy(schema: Schema): (value: unknown) => Fault[] {
    const validator = new Validator();
    // Once: for each value it would take longer than the value.
    validator.addSchema(schema, "/");
    return (value) => {
        const faults = validator.validate(value, { $ref: "/" }).errors.map((error) => ({
            keyword: error.name,
            schema: error.schema as Schema,
            path: isOfProperty.test(error.name) ? [...error.path, String(error.argument)] : error.path,
            value: error.instance as unknown,
        }));
        const isGiven = ({ value, path }: Fault) => Object.hasOwn(value as object, path.at(-1) ?? "");
        return faults.filter((fault) => fault.keyword !== "required" || !isGiven(fault));
    };
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
