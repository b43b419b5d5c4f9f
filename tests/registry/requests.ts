import type { Registry } from "./server";

/** @param user `name:password` */
export async function status(registry: Registry, path: string, user?: string): Promise<number> {
    return (await registry.fetch(path, user === undefined ? {} : { user })).status;
}

/** The status of the answer. */
export async function remove(registry: Registry, path: string): Promise<number> {
    return (await registry.fetch(path, { method: "DELETE" })).status;
}
