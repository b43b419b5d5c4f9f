import { readFileSync } from "node:fs";

import { Validator } from "jsonschema";

import * as is from "./is";

/** A JSON Schema, as far as it is used here. */
export interface Schema {
    properties?: Record<string, Schema>;
    additionalProperties?: Schema | false;
    items?: Schema;
    enum?: unknown[];
    /** A check of is.ts; `secret` before it hides the value. */
    is?: string;
    /** Whether it must be known when the program runs. */
    plain?: boolean;
    /** The one component that has an argument, of those whose arguments these are. */
    only?: string;
    definitions?: Record<string, Schema>;
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

/** The check that a schema has as its keyword `is`. */
export function checkOf({ is: rule = "" }: Schema): is.Check<unknown> {
    const [, secret, name = "", text = ""] = /^(secret )?(\w+)\s*([^]*)$/.exec(rule) ?? [];
    const found = (is as unknown as Record<string, is.Check<unknown> | ((text: string) => is.Check<unknown>)>)[name];
    if (!found) {
        throw new Error(`@is ${rule}: there is no such check in settings/is.ts.`);
    }
    const check = typeof found === "function" ? found(text) : found;
    return secret ? { ...check, hides: () => true } : check;
}

/** Finds all faults of a value, by the schema or a definition in it. An undefined property is given, and not known yet. */
export function faultsBy(schema: Schema): (value: unknown, definition?: string) => Fault[] {
    const validator = new Validator();
    validator.attributes.is = (value: unknown, { type, ...here }) => {
        const hasType = value !== undefined && (type === undefined || typeof value === type);
        return hasType && !checkOf(here as Schema).isRight(value) ? "it is wrong" : "";
    };
    // Once: for each value it would take longer than the value.
    validator.addSchema(schema, "/");
    return (value, definition) => {
        const $ref = definition === undefined ? "/" : `/#/definitions/${definition}`;
        const faults = validator.validate(value, { $ref }).errors.map((error) => ({
            // A keyword of ours has no name.
            keyword: (error.name as string | undefined) ?? "is",
            schema: error.schema as Schema,
            path: isOfProperty.test(error.name) ? [...error.path, String(error.argument)] : error.path,
            value: error.instance as unknown,
        }));
        const isGiven = ({ value, path }: Fault) => Object.hasOwn(value as object, path.at(-1) ?? "");
        return faults.filter((fault) => fault.keyword !== "required" || !isGiven(fault));
    };
}

const NO_CHECK: is.Check<unknown> = { isRight: () => false, allowed: "" };
/** Line breaks and other control characters are no blanks: they are refused wherever they are. */
const BLANKS = /^[\p{Zs}\u200b\ufeff]+|[\p{Zs}\u200b\ufeff]+$/gu;

/**
 * A value in its usual spelling, by the checks of the part of a schema that it is for: texts that are right in it, of
 * secrets PEM alone, and words of a list. What is wrong stays as it was typed.
 */
export function spelledBy(schema: Schema, part: Schema, value: unknown): unknown {
    const definition = String(part.$ref).split("/").at(-1) ?? "";
    const { properties, items, additionalProperties, ...own } = schema.definitions?.[definition] ?? part;
    if (typeof value === "string") {
        const text = value.replace(BLANKS, "");
        const word = own.enum?.find((each) => each === text.toLowerCase());
        const { isRight, hides, spelling } = own.is ? checkOf(own) : NO_CHECK;
        const meant = spelling?.(text) ?? (hides?.(text) ? value : text);
        return word ?? (isRight(meant) ? meant : value);
    }
    if (Array.isArray(value)) {
        return value.map((each: unknown) => (items ? spelledBy(schema, items, each) : each));
    }
    // An Output is an object of a class.
    if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) {
        return value;
    }
    const parts = Object.entries(value).map(([name, each]) => {
        const inner = properties?.[name] ?? additionalProperties;
        return [name, inner ? spelledBy(schema, inner, each) : each] as const;
    });
    return Object.fromEntries(parts);
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
