import type { PolicyResource, ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";

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

/** A resource of a stack that a preview or an update has come to; for some properties that are left out it has null. */
export interface StackResource extends Pick<PolicyResource, "type" | "name"> {
    props: Inputs;
    parent?: { urn: string } | undefined;
}

/** A rule that sees more than one resource together: at the end of a preview, and of an update. */
export function stackRule(
    name: string,
    description: string,
    check: (resources: StackResource[]) => string[],
): StackValidationPolicy {
    return {
        name,
        description,
        enforcementLevel: "mandatory",
        validateStack: ({ resources }, report) => check(resources).forEach((problem) => report(problem)),
    };
}

/** The list under a name; none when it is absent. */
export function listOf<T>(value: unknown): T[] {
    return Array.isArray(value) ? (value as T[]) : [];
}
