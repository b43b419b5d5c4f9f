import { isProps, isSecret, Props, Value } from "../../core/values";

/** The keys and kinds of a value, without what it says: two answers of one shape are alike to a program. */
export function shape(value: Value | undefined): unknown {
    if (isSecret(value)) {
        return { secret: shape(value.value) };
    }
    if (Array.isArray(value)) {
        return value.map(shape);
    }
    if (isProps(value)) {
        return Object.fromEntries(Object.entries(value as Props).map(([name, inner]) => [name, shape(inner)]));
    }
    return value === null ? "null" : typeof value;
}
