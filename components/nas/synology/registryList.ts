import type { ScriptValues } from "../script";
import { SYNOWEBAPI } from "./synology";

/** Below `components/`. */
export const REGISTRY_LIST_SCRIPTS = ["nas/synology/dsm.sh", "nas/synology/registryList.sh"];

/** Name of the entry: it says whose it is, and no two registries of a NAS have the same. */
export function entryName(url: string): string {
    const { hostname, port } = new URL(url);
    return ["nas-registry", hostname.replace(/^\[|\]$/g, ""), ...(port ? [port] : [])].join(" ");
}

/** What to do by hand, one step a line. */
export function entrySteps(name: string, url: string, username: string, packageName: string): string {
    const application = packageName === "ContainerManager" ? "Container Manager" : "Docker";
    return `  ${application} > Registry > Settings > Add: name '${name}', URL ${url}, username '${username}', and the password.`;
}

/**
 * The registry in the list that DSM's Docker or Container Manager searches; which one is in use there stays as it is. The
 * password is left to a person: DSM takes it on a command line only. With `trust`, DSM shows the registry's images although
 * it cannot check its certificate; pulling is another matter.
 */
export function registryListValues(url: string, username: string, trust: boolean, packageName: string): ScriptValues {
    const name = entryName(url);
    const steps = entrySteps(name, url, username, packageName);
    return { synowebapi: SYNOWEBAPI, name, url, trust: String(trust), username, steps };
}
