import type * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import type { Nas } from "../nas";
import { SYNOWEBAPI } from "./synology";

export interface RegistryListArgs {
    /** `https://host[:port]`, or `http://` for a registry without TLS. */
    url: pulumi.Input<string>;
    /** Name of the user that the registry asks for. */
    username: pulumi.Input<string>;
    /** DSM shall show the registry's images although it cannot check its certificate; pulling is another matter. */
    trustSelfSigned: pulumi.Input<boolean>;
}

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
 * The registry in the list that DSM's Docker or Container Manager searches; which registry is in use there stays as it is.
 *
 * The password is left to a person: DSM takes it on a command line only.
 */
export function registryListEntry(
    name: string,
    nas: Nas,
    args: RegistryListArgs,
    opts: pulumi.CustomResourceOptions,
): command.remote.Command {
    const values = pulumi
        .all([args.url, args.username, args.trustSelfSigned, nas.facts])
        .apply(([url, username, trustSelfSigned, facts]) => ({
            synowebapi: SYNOWEBAPI,
            name: entryName(url),
            url,
            trust: String(trustSelfSigned),
            username,
            steps: entrySteps(entryName(url), url, username, facts.package),
        }));
    const files = ["nas/synology/dsm.sh", "nas/synology/registryList.sh"];
    // The address names the entry: the new one is made, then the old one goes.
    return nas.script(name, { files, values, replaceOn: [args.url] }, opts);
}
