import type { CheckFailure } from "./provider";
import type { Property, Schema } from "./schema";
import { given, isProps, isSecret, isUnknown, Props, secret, Value } from "./values";

/** How one family of providers words what is wrong with inputs. */
export interface Wording {
    missing(path: string): CheckFailure;
    unknown(path: string): CheckFailure;
    kind(path: string, property: Property, value: Value): CheckFailure;
    value(path: string, message: string): CheckFailure;
    /** Whose substitute this is, for what it does not implement. */
    owner: string;
}

/** Everything that is wrong with the inputs of a resource; unknown values are taken on trust. */
export function validate(schema: Schema, inputs: Props, wording: Wording, path = ""): CheckFailure[] {
    const failures: CheckFailure[] = [];
    for (const [name, value] of Object.entries(inputs)) {
        const property = schema[name];
        const at = path ? `${path}.${name}` : name;
        if (name === "__defaults" || !given(value)) {
            continue;
        }
        if (!property || property.output) {
            failures.push(wording.unknown(at));
        } else if (property.unsupported) {
            failures.push(...(meansNothing(property, value) ? [] : [unsupported(at, wording.owner)]));
        } else {
            failures.push(...validateValue(property, value, wording, at));
        }
    }
    for (const [name, property] of Object.entries(schema)) {
        if (property.required && !given(inputs[name])) {
            failures.push(wording.missing(path ? `${path}.${name}` : name));
        }
    }
    return failures;
}

function unsupported(path: string, owner: string): CheckFailure {
    const reason = `${path} is not implemented by ${owner}; leave it out, or install the official plugin`;
    return { property: path, reason };
}

function meansNothing(property: Property, value: Value): boolean {
    const nothing = property.default ?? { string: "", number: 0, boolean: false }[property.kind as string];
    return value === nothing || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
}

function validateValue(property: Property, value: Value, wording: Wording, at: string): CheckFailure[] {
    if (isUnknown(value)) {
        return [];
    }
    if (isSecret(value)) {
        return validateValue(property, value.value ?? null, wording, at);
    }
    if (!isKind(property, value)) {
        return [wording.kind(at, property, value)];
    }
    const message = property.validate?.(value);
    if (message) {
        return [wording.value(at, message)];
    }
    const of = property.of;
    if (of && Array.isArray(value)) {
        return value.flatMap((item, index) => validateValue(of, item, wording, `${at}[${index}]`));
    }
    if (of && isProps(value)) {
        return Object.entries(value).flatMap(([key, item]) => validateValue(of, item, wording, `${at}.${key}`));
    }
    return property.fields && isProps(value) ? validate(property.fields, value, wording, at) : [];
}

function isKind(property: Property, value: Value): boolean {
    switch (property.kind) {
        case "list":
        case "set":
            return Array.isArray(value);
        case "map":
        case "object":
            return isProps(value);
        default:
            return typeof value === property.kind;
    }
}

/** Wraps what the schema calls secret, at every depth; unknown values are left bare unless asked for. */
export function markSecrets(schema: Schema, values: Props, unknownsToo = false): Props {
    return Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, markValue(schema[name], value, unknownsToo)]),
    );
}

function markValue(property: Property | undefined, value: Value, unknownsToo: boolean): Value {
    if (!property || !given(value) || (isUnknown(value) && !unknownsToo)) {
        return value;
    }
    if (isSecret(value)) {
        return secret(markFields(property, value.value ?? null, unknownsToo));
    }
    const marked = markFields(property, value, unknownsToo);
    return property.secret ? secret(marked) : marked;
}

function markFields(property: Property, value: Value, unknownsToo: boolean): Value {
    return property.fields && isProps(value) ? markSecrets(property.fields, value, unknownsToo) : value;
}
