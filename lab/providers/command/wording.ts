import type { Wording } from "../core/check";
import type { CheckFailure } from "../core/provider";

const OWNER = "the lab's substitute of the command provider";
const GO_KINDS: Record<string, string> = { number: "float64", boolean: "bool", list: "array", map: "object" };

/** The words of the framework under the command provider; what is wrong inside `connection` is said of it as a whole. */
export const wording: Wording = {
    owner: OWNER,
    missing: (path) => failure(path, (name, owner) => `Missing required field '${name}' on '${owner}'`),
    unknown: (path) => failure(path, (name, owner) => `Unrecognized field '${name}' on '${owner}'`),
    kind: (path, { kind }, value) =>
        failure(path, (name, owner) => {
            const got = typeof value === "number" ? "float64" : Array.isArray(value) ? "array" : typeof value;
            return `Field '${name}' on '${owner}' must be a '${GO_KINDS[kind] ?? kind}'; got '${got}' instead`;
        }),
    value: (path, message) => ({ property: path, reason: message }),
};

function failure(path: string, reason: (name: string, owner: string) => string): CheckFailure {
    const [property = path, ...inner] = path.split(".");
    if (inner.length === 0) {
        return { property, reason: reason(property, "remote.CommandInputs") };
    }
    const name = inner.join(".");
    const what = reason(name, "remote.Connection");
    return {
        property,
        reason: `An error occurred decoding 'CommandInputs.${property}': 1 failures decoding:\n\t${name}: ${what}`,
    };
}
