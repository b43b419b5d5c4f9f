import * as path from "node:path";

import * as prettier from "prettier";

import type { Schema } from "../components/settings/schema";
import { repositoryRoot } from ".";

/** What is used here of the schema that Pulumi infers. */
interface PackageSchema {
    resources: Record<string, { inputProperties: Record<string, Type>; requiredInputs: string[] }>;
    types: Record<string, { enum?: object[]; properties?: Record<string, Type>; required?: string[] }>;
}

interface Type {
    type?: string;
    description?: string;
    $ref?: string;
    items?: Type;
    additionalProperties?: Type;
}

export const argumentsFile = path.join(repositoryRoot, "components", "registry", "arguments.json");

/** What the documentation of an argument calls a text that has line breaks by nature. */
const OF_LINES = /\b(PEM|OpenSSH|JSON|YAML)\b/;
/** These have checks of their own. */
const FREE_NAMES = /^(hostKey|password)$/;
const NO_CONTROLS = "^\\P{Cc}*$";

/**
 * The arguments of a registry and a mirror together, as a JSON Schema: which of them a mirror has is the compiler's matter and
 * the engine's. Enums are left out; each has its own check.
 *
 * A text has no control characters, wherever it ends up: a line break would begin another line of a file, a header or a log.
 *
 * @param packageSchema JSON of Pulumi's schema.
 */
export function argumentsSchema(packageSchema: string): Promise<string> {
    const { resources, types } = JSON.parse(packageSchema) as PackageSchema;
    const definitions: Record<string, Schema> = {
        text: {
            type: "string",
            title: "text",
            pattern: NO_CONTROLS,
            description: "text without line breaks and other control characters",
        },
        freeText: { type: "string", title: "text" },
        number: { type: "number", title: "a number" },
        boolean: { type: "boolean", title: "true or false" },
        name: { pattern: NO_CONTROLS, description: "a mapping whose names have no control characters" },
    };
    const a = (definition: string) => ({ $ref: `#/definitions/${definition}` });
    const membersOf = (properties: Record<string, Type>, required: string[]): Schema => ({
        properties: Object.fromEntries(Object.entries(properties).map(([name, type]) => [name, convert(type, name)])),
        additionalProperties: false,
        required,
    });
    const convert = ({ type = "", description = "", $ref, items, additionalProperties }: Type, name = ""): Schema => {
        if ($ref) {
            const { enum: words, properties = {}, required = [] } = types[$ref.replace("#/types/", "")] ?? {};
            return words ? {} : { type: "object", title: "a mapping", ...membersOf(properties, required) };
        }
        if (items) {
            return { type: "array", title: "a list", items: convert(items) };
        }
        if (additionalProperties) {
            const members = { propertyNames: a("name"), additionalProperties: convert(additionalProperties) };
            return { type: "object", title: "a mapping", ...members };
        }
        const isFree = OF_LINES.test(description) || FREE_NAMES.test(name);
        return a(type !== "string" ? type : isFree ? "freeText" : "text");
    };
    const all = ["NasRegistry", "NasMirror"].flatMap((name) => resources[`nas-registry:index:${name}`] ?? []);
    const properties = Object.assign({}, ...all.map(({ inputProperties }) => inputProperties)) as Record<string, Type>;
    const required = [...new Set(all.flatMap(({ requiredInputs }) => requiredInputs))];
    const $comment = "Generated from schema.json by npm run schema; do not edit.";
    return formatted(argumentsFile, { $comment, ...membersOf(properties, required), definitions });
}

/** JSON as it stands in the repository. */
export async function formatted(file: string, json: object): Promise<string> {
    return prettier.format(JSON.stringify(json), { ...(await prettier.resolveConfig(file)), filepath: file });
}
