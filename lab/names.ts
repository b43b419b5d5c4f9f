/** The label on everything the lab starts; its value is the namespace. */
export const label = "nas-registry-lab";

/** What was asked for, on the containers of NASes, so that a later process finds them again. */
export const optionsLabel = "nas-registry-lab.options";

/** Names of containers, volumes and networks: one prefix, the namespace, then what it is. */
export function objectName(namespace: string, ...parts: string[]): string {
    return ["nas-registry-lab", namespace, ...parts].join("-");
}

/** @throws when a namespace or a NAS's name could not be part of a container's name */
export function checkName(what: string, name: string): void {
    if (!/^[a-z0-9][a-z0-9-]{0,30}$/.test(name)) {
        throw new Error(`${what}: "${name}" must be 1 to 31 of a-z, 0-9 and "-", beginning with a letter or digit`);
    }
}
