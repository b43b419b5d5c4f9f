import * as path from "node:path";

import type { Problems } from "./checks";
import { nearest } from "./nearest";
import { faultsBy, lazy, readSchema, showPath, type Fault, type Schema } from "./schema";

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
const NO_CONTROLS = "^\\P{Cc}*$";

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
    const unknown = Object.fromEntries([...given].map((name) => [name, undefined]));
    const faults = argumentFaults()({ ...unknown, ...args });
    const nameOf = (fault: Fault) => String(fault.path[0]);
    faults.forEach((fault) => problems.add(sentenceOf(fault, secretNames.includes(nameOf(fault)))));
    return new Set(faults.map(nameOf));
}

/**
 * Holds arguments against the package's schema: what TypeScript checks in a TypeScript program, for all the others. Those of a
 * registry and a mirror together: which of them a mirror has is the compiler's matter and the engine's.
 */
const argumentFaults = lazy(() => {
    const { resources, types } = readSchema(path.join(__dirname, "..", "..", "schema.json"), jsonSchemaOf) as {
        resources?: Record<string, { inputProperties: Record<string, Schema>; requiredInputs: string[] }>;
        types?: unknown;
    };
    const all = ["NasRegistry", "NasMirror"].flatMap((name) => resources?.[`nas-registry:index:${name}`] ?? []);
    const properties = all.flatMap(({ inputProperties }) => Object.entries(inputProperties));
    return faultsBy({
        types,
        properties: Object.assign(Object.create(null) as object, Object.fromEntries(properties)),
        additionalProperties: false,
        required: [...new Set(all.flatMap(({ requiredInputs }) => requiredInputs))],
    });
});

/** A type of Pulumi's schema, which leaves out what a compiler knows. */
function jsonSchemaOf({ required = [], ...type }: Schema, name: string): Schema {
    if (type.enum) {
        return {};
    }
    if (type.properties) {
        return { ...type, additionalProperties: false, required };
    }
    if (type.additionalProperties) {
        const title = "a mapping whose names have no control characters";
        return { ...type, propertyNames: { pattern: NO_CONTROLS, title } };
    }
    const title = "text without line breaks and other control characters";
    return type.type === "string" && !FREE_TEXTS.test(name) ? { ...type, pattern: NO_CONTROLS, title } : type;
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
    const allowed = hasControls ? schema.title : NAMES[schema.type ?? ""];
    const shown = isSecret || hasControls ? "the value given" : JSON.stringify(value);
    return `${at}: ${shown} is not allowed; it must be ${allowed}.`;
}
