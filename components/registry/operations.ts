import * as pulumi from "@pulumi/pulumi";

import { operations, operationValues, scheduleOf, type PlainOperations } from "../operations/operations";
import { scheduleValues } from "../operations/schedule/schedule";
import { statusValues } from "../operations/status/status";
import type { Plain } from "../settings/section";
import type { dockerEngine, RegistryContainers } from "./containers/containers";
import { runLimits } from "./containers/container";
import type { Deployment } from "./deployment";
import { operationPrograms } from "./operationPrograms";
import { cacheInEffect, REDIS_SOCKET } from "./sections/cache";
import { stopSeconds } from "./sections/http";
import type { ManifestValidationArgs } from "./sections/validation";

/** What the program has besides, below `components/operations/`. */
const COMMON = [
    "restore/restore.sh",
    "regclient.sh",
    "notifications/notifications.sh",
    "schedule/schedule.sh",
    "status/status.sh",
    "program.sh",
];

/** The program on the NAS that runs the registry's operations, and what starts it, if they are asked for. */
export function installOperations(
    deployment: Deployment,
    engine: ReturnType<typeof dockerEngine>,
    { redis }: RegistryContainers,
    serving: pulumi.Resource,
): pulumi.Resource | undefined {
    const { structure, confidential, settings, nas, dataDirectory, ownerLabel, name } = deployment;
    if (structure.operations === undefined) {
        return undefined;
    }
    const programs = operationPrograms(deployment, engine, serving);
    const values = pulumi
        .all([settings, confidential, nas.facts, dataDirectory, programs.values])
        .apply(([open, { operations: asked = {} }, facts, directory, ofPrograms]) => ({
            ...operationValues(asked as PlainOperations),
            ...scheduleValues(scheduleOf(asked as PlainOperations)),
            ...statusValues(scheduleOf(asked as PlainOperations)),
            ...ofPrograms,
            owner_label: ownerLabel,
            component: name,
            container_name: open.containerName,
            control_directory: facts.controlDirectory,
            data_directory: directory ?? "",
            sparse_indexes: mayLackImages(open.validation) ? "yes" : "",
            drain_seconds: stopSeconds(open),
            tool_limits: runLimits(facts),
            cache_container:
                redis && cacheInEffect(structure.cache, facts) === "redis" ? `${open.containerName}-redis` : "",
            cache_socket: REDIS_SOCKET,
        }));
    const scripts = Object.values(operations).map(({ script }) => script);
    const program = nas.program({
        files: [...scripts, ...COMMON].map((file) => `operations/${file}`),
        uses: ["snapshots"],
        values,
    });
    const scheduled = structure.operations.length > 0 ? "yes" : "";
    return deployment.script(
        "operations",
        {
            files: ["operations/install.sh"],
            uses: ["scheduler", "snapshots"],
            values: {
                control_directory: nas.facts.controlDirectory,
                container_name: settings.containerName,
                program,
                scheduled,
                snapshots_of: structure.operations.includes("snapshots") ? dataDirectory.apply((it) => it ?? "") : "",
            },
            replaceOn: [nas.facts.controlDirectory],
        },
        serving,
        ...programs.images,
    );
}

/** Whether an index may name images that were never pushed. */
function mayLackImages({ disabled = false, indexPlatforms = "all" }: Plain<ManifestValidationArgs>): boolean {
    return disabled || indexPlatforms !== "all";
}
