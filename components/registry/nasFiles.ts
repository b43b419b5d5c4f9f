import { createHash } from "node:crypto";

import * as pulumi from "@pulumi/pulumi";

import type { Deployment } from "./deployment";
import { portsOf } from "./sections/rendered";

/** A data directory that exists, and all in it, is given to the registry's user, if asked for. */
export function takeOverData(deployment: Deployment): pulumi.Resource | undefined {
    const { takeOverDataFrom } = deployment.structure;
    return takeOverDataFrom === undefined
        ? undefined
        : deployment.script("data-owner", {
              files: ["nas/data.sh", "nas/takeOver.sh"],
              values: dataValues(deployment).apply((data) => ({ ...data, take_over_from: takeOverDataFrom })),
              reverts: false,
          });
}

/**
 * The directories and the configuration of a registry on the NAS. What is in the way there (a name, a port, images in
 * another directory, a data directory that is not the registry's) is refused before anything is changed.
 */
export function registryFiles(deployment: Deployment, owner: pulumi.Resource | undefined): pulumi.Resource {
    const { settings, nas, contents } = deployment;
    const made = pulumi.all([dataValues(deployment), settings, contents.files, nas.facts]);
    return deployment.script(
        "files",
        {
            files: ["nas/data.sh", "nas/files.sh"],
            values: made.apply(([data, open, all, facts]) => {
                const files = Object.entries(all).filter(([, content]) => content !== undefined);
                return {
                    ...data,
                    ports: portsOf(open)
                        .map(({ address, port }) => `${address}:${port}`)
                        .join(" "),
                    data_directory_change: open.dataDirectoryChange,
                    files: files.map(([path]) => path).join(" "),
                    // What is not among the files is taken away.
                    known_files: Object.keys(all).join(" "),
                    // Not read by the script: what replaces a container is a reason to look at its data directory first.
                    containers: createHash("sha256")
                        .update(JSON.stringify([open, facts]))
                        .digest("hex"),
                    ...Object.fromEntries(files.map(([path, content = ""]) => [variableOf(path), content])),
                };
            }),
            replaceOn: [nas.facts.controlDirectory],
        },
        owner,
    );
}

function dataValues({ nas, settings, dataDirectory, ownerLabel, name }: Deployment) {
    return pulumi.all([nas.facts, settings, dataDirectory]).apply(([facts, open, directory]) => ({
        owner_label: ownerLabel,
        component: name,
        container_name: open.containerName,
        control_directory: facts.controlDirectory,
        data_directory: directory ?? "",
        lost_data_directory: open.lostDataDirectory ?? "",
    }));
}

/** The shell variable with the content of a file. */
function variableOf(path: string): string {
    return `file_${path.replaceAll(/[/.-]/g, "_")}`;
}
