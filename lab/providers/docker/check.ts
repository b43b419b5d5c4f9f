import { createHash, randomBytes } from "node:crypto";
import { validate } from "../core/check";
import type { CheckRequest, CheckResult } from "../core/provider";
import type { Property, Schema } from "../core/schema";
import { given, isProps, Props, texts, Value } from "../core/values";
import { classicWording } from "./rules";

/** Inputs with their defaults filled in; `__defaults` says which ones, as the Terraform bridge does. */
export function check(schema: Schema, request: CheckRequest, autonamed: boolean): CheckResult {
    const inputs = withDefaults(schema, request.news);
    if (autonamed && !given(inputs.name)) {
        inputs.name = autoname(request);
        inputs.__defaults = [...texts(inputs, "__defaults"), "name"].sort();
    }
    return { inputs, failures: validate(schema, inputs, classicWording(schema, request.name)) };
}

function withDefaults(schema: Schema, values: Props): Props {
    const filled: Props = {};
    const defaults: string[] = [];
    for (const [name, value] of Object.entries(values)) {
        if (name !== "__defaults") {
            filled[name] = withInnerDefaults(schema[name], value);
        }
    }
    for (const [name, property] of Object.entries(schema)) {
        // Defaults that mean nothing (false, 0) stay out of the inputs.
        if (property.default && !given(values[name])) {
            filled[name] = property.default;
            defaults.push(name);
        }
    }
    return { ...filled, __defaults: defaults.sort() };
}

function withInnerDefaults(property: Property | undefined, value: Value): Value {
    if (property?.fields && isProps(value)) {
        return withDefaults(property.fields, value);
    }
    if (property?.kind === "number" && typeof value === "string" && /^-?\d+$/.test(value)) {
        return Number(value);
    }
    const of = property?.of;
    return of?.fields && Array.isArray(value) ? value.map((item) => withInnerDefaults(of, item)) : value;
}

/** A name once made is kept; a new one is the logical name and seven hex digits. */
function autoname({ name, olds, randomSeed, proposedName }: CheckRequest): string {
    if (texts(olds, "__defaults").includes("name") && typeof olds.name === "string") {
        return olds.name;
    }
    const seed = randomSeed.length > 0 ? Buffer.from(randomSeed) : randomBytes(32);
    return proposedName ?? `${name}-${createHash("sha256").update(seed).digest("hex").slice(0, 7)}`;
}
