import { readFileSync } from "node:fs";
import * as path from "node:path";

import { repositoryRoot } from "..";
import { documented, type Documented } from "./documented";

interface SchemaType {
    type?: string;
    $ref?: string;
    items?: SchemaType;
    additionalProperties?: SchemaType;
    plain?: boolean;
    properties?: Record<string, SchemaType>;
    required?: string[];
    description?: string;
    enum?: { value: string; description?: string }[];
}

interface Schema {
    resources: Record<
        string,
        { description: string; inputProperties: Record<string, SchemaType>; properties: Record<string, SchemaType> }
    >;
    types: Record<string, SchemaType>;
}

/** What a value is. */
export type Type =
    | { kind: "string" | "number" | "boolean" }
    | { kind: "words"; words: { value: string; text: string }[] }
    | { kind: "object"; name: string }
    | { kind: "list" | "mapping"; of: Type };

/** An argument, or a property of one. */
export interface Argument extends Omit<Documented, "owner"> {
    type: Type;
}

export interface ComponentReference {
    name: string;
    text: string;
    args: Argument[];
    outputs: { name: string; text: string }[];
}

export interface TypeReference {
    name: string;
    text: string;
    properties: Argument[];
}

const PREFIX = "nas-registry:index:";

export function readReference(): { components: ComponentReference[]; types: TypeReference[] } {
    const schema = JSON.parse(readFileSync(path.join(repositoryRoot, "schema.json"), "utf8")) as Schema;
    const typeOf = ({ type, $ref, items, additionalProperties }: SchemaType): Type => {
        const name = $ref?.split(PREFIX)[1] ?? "";
        const words = schema.types[`${PREFIX}${name}`]?.enum;
        if (words) {
            return { kind: "words", words: words.map(({ value, description = "" }) => ({ value, text: description })) };
        }
        if ($ref) {
            return { kind: "object", name };
        }
        if (items) {
            return { kind: "list", of: typeOf(items) };
        }
        return additionalProperties
            ? { kind: "mapping", of: typeOf(additionalProperties) }
            : { kind: type as "string" | "number" | "boolean" };
    };
    const argumentsOf = (name: string, properties: Record<string, SchemaType> = {}): Argument[] => {
        const comments = documented(name);
        return Object.entries(properties).map(([property, type]) => {
            const comment = comments.get(property);
            if (!comment) {
                throw new Error(`${name}.${property}: there is no interface of that name with it.`);
            }
            return { ...comment, type: typeOf(type) };
        });
    };
    const short = (token: string) => token.slice(PREFIX.length);
    return {
        components: Object.entries(schema.resources).map(([token, { description, inputProperties, properties }]) => ({
            name: short(token),
            text: description,
            args: argumentsOf(`${short(token)}Args`, inputProperties),
            outputs: Object.entries(properties).map(([name, { description: text = "" }]) => ({ name, text })),
        })),
        types: Object.entries(schema.types)
            .filter(([, { properties }]) => properties)
            .map(([token, { description = "", properties }]) => ({
                name: short(token),
                text: description,
                properties: argumentsOf(short(token), properties),
            })),
    };
}
