import * as pulumi from "@pulumi/pulumi";

import { operations, operationValues, scheduleOf, type PlainOperations } from "../operations/operations";
import { scheduleValues } from "../operations/schedule/schedule";
import { statusValues } from "../operations/status/status";
import type { RegistryContainers } from "./containers/containers";
import { possibleLimits } from "./containers/container";
import type { Deployment } from "./deployment";
import { cacheInEffect, REDIS_SOCKET } from "./sections/cache";
import { stopSeconds } from "./sections/http";

/** Memory of a container that an operation works in, MiB. */
const TOOL_MEMORY = 512;
/** Processes and threads of it. */
const TOOL_PIDS = 256;

/** The program on the NAS that runs the registry's operations, and what starts it, if they are asked for. */
export function installOperations(
    deployment: Deployment,
    { redis }: RegistryContainers,
    serving: pulumi.Resource,
): pulumi.Resource | undefined {
    const { structure, confidential, settings, nas, dataDirectory, ownerLabel, name } = deployment;
    if (structure.operations === undefined) {
        return undefined;
    }
    const values = pulumi
        .all([settings, confidential, nas.facts, dataDirectory])
        .apply(([open, { operations: asked = {} }, facts, directory]) => ({
            ...operationValues(asked as PlainOperations),
            ...scheduleValues(scheduleOf(asked as PlainOperations)),
            ...statusValues(scheduleOf(asked as PlainOperations)),
            owner_label: ownerLabel,
            component: name,
            container_name: open.containerName,
            control_directory: facts.controlDirectory,
            data_directory: directory ?? "",
            drain_seconds: stopSeconds(open),
            tool_limits: toolLimits(facts),
            cache_container:
                redis && cacheInEffect(structure.cache, facts) === "redis" ? `${open.containerName}-redis` : "",
            cache_socket: structure.networkMode === "host" ? REDIS_SOCKET : "",
        }));
    const scripts = Object.values(operations).map(({ script }) => script);
    const program = nas.program({
        files: [...scripts, "schedule/schedule.sh", "status/status.sh", "program.sh"].map(
            (file) => `operations/${file}`,
        ),
        values,
    });
    const scheduled = structure.operations.length > 0 ? "yes" : "";
    return deployment.script(
        "operations",
        {
            files: ["operations/install.sh"],
            scheduler: true,
            values: {
                control_directory: nas.facts.controlDirectory,
                container_name: settings.containerName,
                program,
                scheduled,
            },
            replaceOn: [nas.facts.controlDirectory],
        },
        serving,
    );
}

function toolLimits(facts: Parameters<typeof possibleLimits>[1] & { pidsLimit: boolean }): string {
    return [facts.memoryLimit && `--memory ${TOOL_MEMORY}m`, facts.pidsLimit && `--pids-limit ${TOOL_PIDS}`]
        .filter(Boolean)
        .join(" ");
}
