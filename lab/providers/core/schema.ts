import type { Value } from "./values";

export type Kind = "string" | "number" | "boolean" | "list" | "set" | "map" | "object";

/** One property of a resource, as the real provider's schema has it. */
export interface Property {
    kind: Kind;
    /** The elements of a list, set or map. */
    of?: Property;
    /** The fields of an object. */
    fields?: Schema;
    required?: boolean;
    /** What the provider uses when nothing is given. */
    default?: string | number | boolean;
    /** A change replaces the resource instead of updating it. */
    replaces?: boolean;
    /** The provider fills it in when nothing is given. */
    computed?: boolean;
    /** Nothing given means what the state says, without the provider filling it in. */
    keptWhenAbsent?: boolean;
    /** A list in which the order says nothing. */
    unordered?: boolean;
    /** Never an input. */
    output?: boolean;
    /** An input of the real provider that the substitute does not implement. */
    unsupported?: boolean;
    secret?: boolean;
    /** What is wrong with a value of the right kind, in the provider's own words, or nothing. */
    validate?: Rule;
}

export type Rule = (value: Value) => string | undefined;

export type Schema = Record<string, Property>;

type Traits = Omit<Property, "kind" | "of" | "fields">;

export const string = (traits: Traits = {}): Property => ({ kind: "string", ...traits });
export const number = (traits: Traits = {}): Property => ({ kind: "number", ...traits });
export const boolean = (traits: Traits = {}): Property => ({ kind: "boolean", ...traits });
export const list = (of: Property, traits: Traits = {}): Property => ({ kind: "list", of, ...traits });
export const set = (of: Property, traits: Traits = {}): Property => ({ kind: "set", of, ...traits });
export const map = (traits: Traits = {}): Property => ({ kind: "map", of: { kind: "string" }, ...traits });
export const object = (fields: Schema, traits: Traits = {}): Property => ({ kind: "object", fields, ...traits });
