import * as path from "node:path";

import * as prettier from "prettier";

import * as components from "../components";
import { knownKeys } from "../components/registry/sections/extraConfig";
import { checkOf, type Schema } from "../components/settings/schema";
import { repositoryRoot } from ".";
import { documented, type Documented } from "./reference/documented";

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
    plain?: boolean;
}

export const argumentsFile = path.join(repositoryRoot, "components", "arguments.json");

/** What the documentation of an argument calls a text that has line breaks by nature. */
const OF_LINES = /\b(PEM|OpenSSH|JSON|YAML)\b/;
/** These have checks of their own. */
const FREE_NAMES = /^(hostKey|password)$/;
const NO_CONTROLS = "^\\P{Cc}*$";

/**
 * What a value of each type is. A text has no control characters, wherever it ends up: a line break would begin another line
 * of a file, a header or a log.
 */
const SCALARS: Record<string, Schema> = {
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

const PREFIX = "nas-registry:index:";

/**
 * What a program's arguments are held against: a definition for each interface of arguments, made of its types and of what its
 * comments say behind `@is`. A registry and a mirror have one together, in which `only` says what one of the two has.
 *
 * @param packageSchema JSON of Pulumi's schema.
 */
export function argumentsSchema(packageSchema: string): Promise<string> {
    const { resources, types } = JSON.parse(packageSchema) as PackageSchema;
    const a = (definition: string) => ({ $ref: `#/definitions/${definition}` });
    const convert = (
        { type = "", description = "", $ref, items, additionalProperties }: Type,
        name: string,
        comment: Partial<Documented> = {},
    ): Schema => {
        if ($ref) {
            const referred = $ref.split(PREFIX)[1] ?? "";
            return types[`${PREFIX}${referred}`]?.enum
                ? { enum: wordsOf(referred), title: `one of ${wordsOf(referred).join(", ")}` }
                : a(referred);
        }
        if (items) {
            return { type: "array", title: "a list", items: convert(items, "", comment) };
        }
        if (additionalProperties) {
            const propertyNames = checkedBy("name", comment.names);
            const members = convert(additionalProperties, "", comment);
            return { type: "object", title: "a mapping", propertyNames, additionalProperties: members };
        }
        const isFree = OF_LINES.test(description) || FREE_NAMES.test(name);
        return checkedBy(type !== "string" ? type : isFree ? "freeText" : "text", comment.is);
    };
    const membersOf = (owners: string[], properties: Record<string, Type>, required: string[]): Schema => {
        const comments = new Map(owners.flatMap((owner) => [...documented(owner)]));
        const convertEach = ([name, type]: [string, Type]): [string, Schema] => [
            name,
            { ...convert(type, name, comments.get(name)), ...(type.plain && { plain: true }) },
        ];
        return {
            type: "object",
            title: "a mapping",
            properties: Object.fromEntries(Object.entries(properties).map(convertEach)),
            additionalProperties: false,
            required,
        };
    };
    const argumentsOf = (...names: string[]) => {
        const all = names.flatMap((name) => resources[`${PREFIX}${name}`] ?? []);
        const ownersOf = (property: string) =>
            names.filter((name) => property in (resources[`${PREFIX}${name}`]?.inputProperties ?? {}));
        const properties = Object.assign({}, ...all.map(({ inputProperties }) => inputProperties)) as Record<
            string,
            Type
        >;
        const required = [...new Set(all.flatMap(({ requiredInputs }) => requiredInputs))];
        const members = membersOf(
            names.map((name) => `${name}Args`),
            properties,
            required,
        );
        for (const [name, property] of Object.entries(members.properties ?? {})) {
            const [only, ...others] = ownersOf(name);
            Object.assign(property, names.length > 1 && others.length === 0 && { only });
        }
        return members;
    };
    const objects = Object.entries(types).flatMap(([token, { properties, required = [] }]) => {
        const name = token.slice(PREFIX.length);
        return properties ? [[name, membersOf([name], properties, required)] as const] : [];
    });
    const definitions = {
        ...SCALARS,
        ...Object.fromEntries(objects),
        DeploymentArgs: argumentsOf("NasRegistry", "NasMirror"),
        ...Object.fromEntries(
            ["NasProbe", "RegistryClient", "ServerCertificate"].map((name) => [`${name}Args`, argumentsOf(name)]),
        ),
    };
    const $comment = "Generated from schema.json and the arguments' comments by npm run schema; do not edit.";
    return formatted(argumentsFile, { $comment, definitions });
}

/** In the order of the sources; the compiler has one of its own. */
function wordsOf(name: string): string[] {
    return Object.values((components as unknown as Record<string, Record<string, string>>)[name] ?? {});
}

/** A scalar that a check of components/settings/is.ts looks at; `wordOf KEY` is one of the words that a key of config.yml has. */
function checkedBy(scalar: string, comment: string | undefined): Schema {
    if (comment === undefined) {
        return { $ref: `#/definitions/${scalar}` };
    }
    const is = comment.replace(/^wordOf (\S+)$/, (_, key: string) => {
        const at = key.split(".").reduce<Schema | undefined>((inner, name) => inner?.properties?.[name], knownKeys());
        return `oneOf ${(at?.enum ?? []).join(" ")}`;
    });
    checkOf({ is });
    // It says itself what a value of another type should be.
    const { type, title, ...others } = SCALARS[scalar] ?? {};
    return { ...(is === "optionText" ? {} : { type, title }), ...others, is };
}

/** JSON as it stands in the repository. */
export async function formatted(file: string, json: object): Promise<string> {
    return prettier.format(JSON.stringify(json), { ...(await prettier.resolveConfig(file)), filepath: file });
}
