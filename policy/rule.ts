import type { ResourceValidationPolicy } from "@pulumi/policy";

/** A resource's inputs as a policy sees them: secrets in the clear, and what is not known yet throws when it is read. */
export type Inputs = Readonly<Record<string, unknown>>;

/** What is wrong with a resource: one sentence each, nothing when it is right or not of the rule's concern. */
export type Check = (type: string, inputs: Inputs) => string[];

/** A rule of the pack; its check is a pure function. */
export function rule(name: string, description: string, check: Check): ResourceValidationPolicy {
    return {
        name,
        description,
        enforcementLevel: "mandatory",
        validateResource: ({ type, props }, report) =>
            check(type, props as Inputs).forEach((problem) => report(problem)),
    };
}

/** The list under a name; none when it is absent. */
export function listOf<T>(value: unknown): T[] {
    return Array.isArray(value) ? (value as T[]) : [];
}
