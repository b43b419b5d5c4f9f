/** Name of a resource, or a component, by its URN. */
export function nameOf(urn: string): string {
    return urn.split("::").at(-1) ?? "";
}

/** Types of its parents and its own, the outermost first: `nas-registry:index:NasRegistry$command:remote:Command`. */
export function typesOf(urn: string): string {
    return urn.split("::")[2] ?? "";
}
