import { createHash } from "node:crypto";

import type { Resource } from "@pulumi/pulumi";
import * as pulumi from "@pulumi/pulumi";

import type { DataDirectoryChange } from "./policies";
import { type NasFacts, type Ownership, rootShell } from "./probe";
import { remoteScript, type Target } from "./remoteScript";

/** A directory with images, and how it is known again. */
export interface DataArgs {
    target: Target;
    facts: pulumi.Output<NasFacts>;
    ownership: Ownership;
    containerName: pulumi.Output<string>;
    /** Nothing when images are kept elsewhere. */
    dataDirectory: pulumi.Output<string | undefined>;
    /** Name of a data directory that is not coming back. */
    lostDataDirectory: pulumi.Output<string | undefined>;
}

export interface RegistryFilesArgs extends DataArgs {
    /** `address:port` of everything that will listen on the NAS. */
    ports: pulumi.Output<string[]>;
    dataDirectoryChange: pulumi.Output<DataDirectoryChange>;
    /** Contents by path in the control directory; those without content are taken away. */
    files: pulumi.Output<Record<string, string | undefined>>;
    /** Everything that the containers are made of: when it changes, the data directory is looked at first. */
    containers: pulumi.Output<unknown>;
}

const DATA_SCRIPTS = ["lib.sh", "current.sh", "control.sh", "data.sh", "schema1.sh"].map((file) => `nas/${file}`);

/**
 * The directories and the configuration of a registry on the NAS. What is in the way there (a name, a port, images in
 * another directory, a data directory that is not the registry's) is refused before anything is changed.
 */
export function registryFiles(name: string, args: RegistryFilesArgs, opts: pulumi.CustomResourceOptions): Resource {
    const files = args.files.apply((all) =>
        Object.entries(all).flatMap(([path, content]) => (content === undefined ? [] : [{ path, content }])),
    );
    return remoteScript(
        name,
        {
            target: args.target,
            shell: rootShell(args.facts),
            files: [...DATA_SCRIPTS, "nas/files.sh"],
            values: pulumi.all([dataValues(args), files, args.ports]).apply(([data, contents, ports]) => ({
                ...data,
                ports: ports.join(" "),
                data_directory_change: args.dataDirectoryChange,
                files: contents.map(({ path }) => path).join(" "),
                // Not read by the script: what replaces a container is a reason to look at its data directory first.
                containers: args.containers.apply((made) =>
                    createHash("sha256").update(JSON.stringify(made)).digest("hex"),
                ),
                ...Object.fromEntries(contents.map(({ path, content }) => [variableOf(path), content])),
            })),
            reverts: true,
            replaceOn: [args.facts.controlDirectory],
        },
        opts,
    );
}

/** A data directory that exists, and all in it, is given to the registry's user. */
export function takeOverData(
    name: string,
    { from, ...args }: DataArgs & { from: string },
    opts: pulumi.CustomResourceOptions,
): Resource {
    return remoteScript(
        name,
        {
            target: args.target,
            shell: rootShell(args.facts),
            files: [...DATA_SCRIPTS, "nas/takeOver.sh"],
            values: dataValues(args).apply((data) => ({ ...data, take_over_from: from })),
        },
        opts,
    );
}

function dataValues(args: DataArgs) {
    const { facts, ownership } = args;
    return pulumi
        .all([facts, args.containerName, args.dataDirectory, args.lostDataDirectory])
        .apply(([found, containerName, dataDirectory, lost]) => ({
            docker: found.docker,
            docker_env: found.dockerEnv,
            vendor_ground: found.vendorGround,
            owner: found.owner,
            owner_label: ownership.ownerLabel,
            component: ownership.component,
            container_name: containerName,
            control_directory: found.controlDirectory,
            data_directory: dataDirectory ?? "",
            lost_data_directory: lost ?? "",
        }));
}

/** The shell variable with the content of a file; policies look for it, too. */
function variableOf(path: string): string {
    return `file_${path.replaceAll(/[/.-]/g, "_")}`;
}
