import { readFileSync } from "node:fs";
import * as path from "node:path";

import type { Problems } from "./checks";
import { nearest } from "./nearest";

/** A type in the package's schema. */
interface Type {
    type?: string;
    $ref?: string;
    items?: Type;
    additionalProperties?: Type;
    properties?: Record<string, Type>;
    required?: string[];
    enum?: object[];
}

interface Schema {
    resources: Record<string, { inputProperties: Record<string, Type>; requiredInputs: string[] }>;
    types: Record<string, Type>;
}

/** What each type of the schema is called in a sentence. */
const NAMES: Record<string, string> = {
    string: "text",
    number: "a number",
    boolean: "true or false",
    array: "a list",
    object: "a mapping",
};

/** Arguments that have line breaks by nature, and passwords, of which each has its own check. */
const FREE_TEXTS =
    /^(certificate|privateKey|caCertificate|rootCertificates|trustedCertificates|jwks|credentials|hostKey|extraConfig|password)$/;
const CONTROL_CHARACTER = /\p{Cc}/u;

let cached: Schema | undefined;

/** The schema beside this folder: what TypeScript checks in a TypeScript program, for all the others. */
function schema(): Schema {
    cached ??= JSON.parse(readFileSync(path.join(__dirname, "..", "..", "schema.json"), "utf8")) as Schema;
    return cached;
}

/**
 * Says which arguments have another type than the schema's, have a property that there is not, or lack one that there must
 * be: a JavaScript program and a stack's configuration can hold anything. Enums are not looked at; each has its own check.
 *
 * A text has no control characters, wherever it ends up: a line break would begin another line of a file, a header or a log.
 *
 * @param args What is known of them.
 * @param given Names of those that are given, known or not.
 * @param secretNames Names of the arguments whose values are not shown.
 * @returns The names of those that are wrong, which no further check could read.
 */
export function checkShapes(
    problems: Problems,
    args: object,
    given: ReadonlySet<string>,
    secretNames: readonly string[],
): Set<string> {
    const wrong = new Set<string>();
    const { inputs, required } = argumentsOf(schema());
    for (const name of required.filter((each) => !given.has(each))) {
        problems.add(`${name}: it is missing.`);
    }
    for (const [name, value] of Object.entries(args) as [string, unknown][]) {
        const before = problems.sentences.length;
        checkMember(problems, inputs, name, name, value, secretNames.includes(name));
        if (problems.sentences.length > before) {
            wrong.add(name);
        }
    }
    return wrong;
}

/** The arguments of a registry and a mirror together: which of them a mirror has is the compiler's matter and the engine's. */
function argumentsOf({ resources }: Schema) {
    const all = ["NasRegistry", "NasMirror"].flatMap((name) => resources[`nas-registry:index:${name}`] ?? []);
    return {
        inputs: Object.assign({}, ...all.map(({ inputProperties }) => inputProperties)) as Record<string, Type>,
        required: [...new Set(all.flatMap(({ requiredInputs }) => requiredInputs))],
    };
}

function checkMember(
    problems: Problems,
    members: Record<string, Type>,
    name: string,
    at: string,
    value: unknown,
    isSecret: boolean,
): void {
    const type = Object.hasOwn(members, name) ? members[name] : undefined;
    if (type) {
        checkValue(problems, type, at, value, isSecret, FREE_TEXTS.test(name));
    } else {
        const meant = nearest(name, Object.keys(members));
        const advice = meant ? `did you mean ${meant}?` : `there are ${Object.keys(members).join(", ")}.`;
        problems.add(`${at}: there is no such setting; ${advice}`);
    }
}

function checkValue(
    problems: Problems,
    given: Type,
    at: string,
    value: unknown,
    isSecret: boolean,
    isFree = false,
): void {
    const type = given.$ref ? (schema().types[given.$ref.replace("#/types/", "")] ?? given) : given;
    // Left out, or not known yet.
    if (value === undefined || type.enum) {
        return;
    }
    const kind = type.type ?? "object";
    if (kindOf(value) !== kind) {
        const check = isSecret ? problems.checkSecret.bind(problems) : problems.check.bind(problems);
        check(at, value, () => false, NAMES[kind] ?? kind);
    } else if (kind === "string" && !isFree) {
        problems.checkSecret(
            at,
            value as string,
            hasNoControls,
            "text without line breaks and other control characters",
        );
    } else if (kind === "array") {
        const items = type.items ?? {};
        (value as unknown[]).forEach((item, index) => checkValue(problems, items, `${at}[${index}]`, item, isSecret));
    } else if (kind === "object") {
        checkMembers(problems, type, at, value as object, isSecret);
    }
}

function checkMembers(problems: Problems, type: Type, at: string, value: object, isSecret: boolean): void {
    for (const [name, member] of Object.entries(value) as [string, unknown][]) {
        if (type.additionalProperties) {
            problems.checkSecret(at, name, hasNoControls, "a mapping whose names have no control characters");
            checkValue(problems, type.additionalProperties, `${at}.${name}`, member, isSecret);
        } else {
            checkMember(problems, type.properties ?? {}, name, `${at}.${name}`, member, isSecret);
        }
    }
    for (const name of type.required ?? []) {
        if (!Object.hasOwn(value, name)) {
            problems.add(`${at}.${name}: it is missing.`);
        }
    }
}

function hasNoControls(text: string): boolean {
    return !CONTROL_CHARACTER.test(text);
}

function kindOf(value: unknown): string {
    if (Array.isArray(value)) {
        return "array";
    }
    return value === null ? "null" : typeof value;
}
