import type { Resource } from "@pulumi/pulumi";
import * as pulumi from "@pulumi/pulumi";

import type { DataDirectoryChange } from "./policies";
import { type NasFacts, type Ownership, rootShell } from "./probe";
import { remoteScript, type Target } from "./remoteScript";

export interface RegistryFilesArgs {
    target: Target;
    facts: pulumi.Output<NasFacts>;
    ownership: Ownership;
    containerName: pulumi.Output<string>;
    /** `address:port` of everything that will listen on the NAS. */
    ports: pulumi.Output<string[]>;
    /** Nothing when images are kept elsewhere. */
    dataDirectory: pulumi.Output<string | undefined>;
    dataDirectoryChange: pulumi.Output<DataDirectoryChange>;
    configDirectory: pulumi.Output<string>;
    /** Contents by path in the configuration directory; those without content are taken away. */
    files: pulumi.Output<Record<string, string | undefined>>;
}

/**
 * The directories and the configuration of a registry on the NAS. What is in the way there (a name, a port, images in
 * another directory) is refused before anything is changed.
 */
export function registryFiles(name: string, args: RegistryFilesArgs, opts: pulumi.CustomResourceOptions): Resource {
    const { facts, ownership } = args;
    const files = args.files.apply((all) =>
        Object.entries(all).flatMap(([path, content]) => (content === undefined ? [] : [{ path, content }])),
    );
    return remoteScript(
        name,
        {
            target: args.target,
            shell: rootShell(facts),
            files: ["nas/lib.sh", "nas/current.sh", "nas/files.sh"],
            values: pulumi.all([files, args.dataDirectory, args.ports]).apply(([contents, dataDirectory, ports]) => ({
                docker: facts.docker,
                docker_env: facts.dockerEnv,
                owner: facts.owner,
                owner_label: ownership.ownerLabel,
                component: ownership.component,
                container_name: args.containerName,
                ports: ports.join(" "),
                data_directory: dataDirectory ?? "",
                data_directory_change: args.dataDirectoryChange,
                config_directory: args.configDirectory,
                files: contents.map(({ path }) => path).join(" "),
                ...Object.fromEntries(contents.map(({ path, content }) => [variableOf(path), content])),
            })),
            reverts: true,
            replaceOn: [args.configDirectory],
        },
        opts,
    );
}

/** The shell variable with the content of a file; policies look for it, too. */
function variableOf(path: string): string {
    return `file_${path.replaceAll(/[/.-]/g, "_")}`;
}
