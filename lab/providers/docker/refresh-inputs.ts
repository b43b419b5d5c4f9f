import type { Property, Schema } from "../core/schema";
import { given, isProps, Props, texts, Value } from "../core/values";
import { canonicalText, differs } from "./diff";

/** The inputs as they would have to be written to get the state that was seen. */
export function refreshInputs(schema: Schema, inputs: Props, state: Props): Props {
    const result: Props = {};
    for (const [name, input] of Object.entries(inputs)) {
        const property = schema[name];
        if (name === "__defaults") {
            const still = texts(inputs, name).filter((one) => sameMeaning(schema[one], inputs[one], state[one]));
            if (still.length > 0) {
                result[name] = still;
            }
        } else if (!property || !(name in state) || sameMeaning(property, input, state[name])) {
            result[name] = withoutEmptyDefaults(input);
        } else if (property.fields && isProps(input) && isProps(state[name])) {
            result[name] = refreshInputs(property.fields, input, state[name]);
        } else {
            result[name] = withoutNothing(property, state[name] ?? null);
        }
    }
    return result;
}

function sameMeaning(property: Property | undefined, input: Value | undefined, seen: Value | undefined): boolean {
    return property === undefined || seen === undefined || !differs(property, seen, input);
}

/** The bridge forgets empty `__defaults` when it reads inputs back. */
function withoutEmptyDefaults(value: Value): Value {
    if (Array.isArray(value)) {
        return value.map(withoutEmptyDefaults);
    }
    if (!isProps(value)) {
        return value;
    }
    return Object.fromEntries(
        Object.entries(value)
            .filter(([name, inner]) => !(name === "__defaults" && Array.isArray(inner) && inner.length === 0))
            .map(([name, inner]) => [name, withoutEmptyDefaults(inner)]),
    );
}

function withoutNothing(property: Property, value: Value): Value {
    if (Array.isArray(value)) {
        return value.map((item) => (property.of ? withoutNothing(property.of, item) : item));
    }
    if (!property.fields || !isProps(value)) {
        return value;
    }
    const fields = property.fields;
    return Object.fromEntries(
        Object.entries(value).filter(([name, inner]) => {
            const field = fields[name];
            return (
                given(inner) &&
                (!field || canonicalText(field, inner) !== canonicalText({ ...field, default: undefined }, undefined))
            );
        }),
    );
}
