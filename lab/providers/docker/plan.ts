import type { Property, Schema } from "../core/schema";
import { given, isProps, Props, UNKNOWN, Value } from "../core/values";

/**
 * The state that inputs lead to, as Terraform's SDK plans it: every property present; what was not given has its
 * default, is unknown until the thing exists, or is empty.
 */
export function plan(schema: Schema, inputs: Props): Props {
    const planned: Props = {};
    for (const [name, property] of Object.entries(schema)) {
        const value = inputs[name];
        if (given(value)) {
            planned[name] = complete(property, value);
        } else if (property.default !== undefined) {
            planned[name] = property.default;
        } else {
            planned[name] = property.computed || property.output ? UNKNOWN : emptyPlan(property);
        }
    }
    return planned;
}

/** Blocks are empty lists where plain values are null. */
function emptyPlan(property: Property): Value {
    return property.of?.fields ? [] : null;
}

/** Nested objects with all their fields; text is "" and numbers are null where nothing was given. */
function complete(property: Property, value: Value): Value {
    if (Array.isArray(value)) {
        const of = property.of;
        // A set that has an unknown element is unknown: it may turn out to have fewer elements.
        const unknown = property.kind === "set" && value.includes(UNKNOWN);
        return unknown ? UNKNOWN : of ? value.map((item) => complete(of, item)) : value;
    }
    const fields = property.fields;
    if (!fields || !isProps(value)) {
        return value;
    }
    return Object.fromEntries(
        Object.entries(fields).map(([name, field]) => {
            const inner = value[name];
            return [name, given(inner) ? complete(field, inner) : (field.default ?? emptyField(field))];
        }),
    );
}

function emptyField(field: Property): Value {
    if (field.computed) {
        return UNKNOWN;
    }
    switch (field.kind) {
        case "string":
            return "";
        case "list":
        case "set":
            return [];
        case "map":
            return {};
        default:
            return null;
    }
}

/** What a plan leaves behind when the thing could not be finished: unknown becomes null, of a set nothing. */
export function unfinished(schema: Schema, planned: Props): Props {
    return Object.fromEntries(
        Object.entries(planned).map(([name, value]) => {
            const isSet = schema[name]?.kind === "set";
            return [name, value === UNKNOWN && isSet ? [] : withoutUnknown(value)];
        }),
    );
}

function withoutUnknown(value: Value): Value {
    if (Array.isArray(value)) {
        return value.map(withoutUnknown);
    }
    return value === UNKNOWN ? null : isProps(value) ? unfinished({}, value) : value;
}

/**
 * Right after a change: an empty answer to something that was not asked for stays null, and a list that the provider
 * fills in but never reads (envs, labels) is empty.
 */
export function applied(schema: Schema, planned: Props, seen: Props): Props {
    const state = unfinished(schema, planned);
    for (const [name, value] of Object.entries(planned)) {
        const answer = seen[name];
        if (answer !== undefined) {
            state[name] = value === null && isEmptyCollection(answer) ? null : answer;
        } else if (value === UNKNOWN && ["list", "set"].includes(schema[name]?.kind ?? "")) {
            state[name] = [];
        }
    }
    return state;
}

/** Seen again later, the same things are empty instead of null. */
export function refreshed(schema: Schema, state: Props, seen: Props): Props {
    const result: Props = { ...state };
    for (const [name, property] of Object.entries(schema)) {
        const value = name in seen ? seen[name] : state[name];
        result[name] = filled(property, value ?? null);
    }
    return result;
}

function filled(property: Property, value: Value): Value {
    if (Array.isArray(value) && property.of?.fields) {
        return value.map((item) => (isProps(item) ? filledObject(property.of?.fields ?? {}, item) : item));
    }
    return value;
}

function filledObject(fields: Schema, value: Props): Props {
    return Object.fromEntries(
        Object.entries(value).map(([name, inner]) => {
            const kind = fields[name]?.kind;
            return [
                name,
                inner === null && kind === "number" ? 0 : inner === null && kind === "boolean" ? false : inner,
            ];
        }),
    );
}

function isEmptyCollection(value: Value): boolean {
    return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
