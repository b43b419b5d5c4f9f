/** A resource of a stack's state, its secrets in the clear. */
export interface StateResource {
    urn: string;
    /** Without the types of its parents. */
    type: string;
    name: string;
    /** Type and URN of its parent come from here. */
    parent: string;
    id: string;
    inputs: Record<string, unknown>;
    outputs: Record<string, unknown>;
}

/** How Pulumi marks a secret among plain values. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/**
 * The resources of a stack, as `pulumi stack export --show-secrets` prints them. Those that only wait for their deletion are
 * left out.
 */
export function readState(exported: string): StateResource[] {
    const { deployment } = JSON.parse(exported) as { deployment?: { resources?: Record<string, unknown>[] } };
    return (deployment?.resources ?? [])
        .filter((each) => each.delete !== true)
        .map((each) => ({
            urn: text(each.urn),
            type: text(each.type),
            name: text(each.urn).split("::").at(-1) ?? "",
            parent: text(each.parent),
            id: text(each.id),
            inputs: record(each.inputs),
            outputs: record(each.outputs),
        }));
}

/** Types of a resource and its parents, the outermost first. */
export function typesOf({ urn }: StateResource): string[] {
    return urn.split("::")[2]?.split("$") ?? [];
}

function record(value: unknown): Record<string, unknown> {
    return (plain(value) ?? {}) as Record<string, unknown>;
}

function text(value: unknown): string {
    return typeof value === "string" ? value : "";
}

function plain(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(plain);
    }
    if (!(value instanceof Object)) {
        return value;
    }
    const fields = value as Record<string, unknown>;
    if (fields[SIGNATURE] === SECRET) {
        return plain(JSON.parse(text(fields.plaintext)));
    }
    return Object.fromEntries(Object.entries(fields).map(([name, each]) => [name, plain(each)]));
}
