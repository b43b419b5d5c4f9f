import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { operations, operationValues, scheduleOf, type PlainOperations } from "../operations/operations";
import { scheduleValues } from "../operations/schedule/schedule";
import { statusValues } from "../operations/status/status";
import type { dockerEngine, RegistryContainers } from "./containers/containers";
import { runLimits } from "./containers/container";
import type { Deployment } from "./deployment";
import { ownClient, regctlConfig } from "./ownClient";
import { cacheInEffect, REDIS_SOCKET } from "./sections/cache";
import { stopSeconds } from "./sections/http";
import { DEFAULT_RESTIC_IMAGE, REGCTL_TAG } from "./sections/images";

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
    const { structure, confidential, settings, nas, contents, dataDirectory, ownerLabel, name } = deployment;
    if (structure.operations === undefined) {
        return undefined;
    }
    const regctlImage = confidential.apply(({ operations }) => operations?.retention?.image ?? REGCTL_TAG);
    const resticImage = confidential.apply(({ operations }) => operations?.backup?.image ?? DEFAULT_RESTIC_IMAGE);
    // Nothing is pulled at night.
    const pulled = { backup: ["restic", resticImage], retention: ["regctl", regctlImage] } as const;
    const images = Object.entries(pulled)
        .filter(([operation]) => structure.operations?.includes(operation as keyof typeof pulled))
        .map(([, [program, image]]) => pulledImage(`${name}-${program}`, image, engine, serving));
    const drawn = pulumi.output({ ...contents, resticImage, regctlImage });
    const values = pulumi
        .all([settings, confidential, nas.facts, dataDirectory, drawn])
        .apply(([open, { operations: asked = {} }, facts, directory, { user, certificates, ...made }]) => ({
            ...operationValues(asked as PlainOperations),
            ...scheduleValues(scheduleOf(asked as PlainOperations)),
            ...statusValues(scheduleOf(asked as PlainOperations)),
            ...ownClient(open),
            regctl_config: regctlConfig(open, { ...user, caCertificate: certificates.caCertificate }),
            regctl_image: made.regctlImage,
            restic_image: made.resticImage,
            backup_password: made.backupPassword,
            owner_label: ownerLabel,
            component: name,
            container_name: open.containerName,
            control_directory: facts.controlDirectory,
            data_directory: directory ?? "",
            drain_seconds: stopSeconds(open),
            tool_limits: runLimits(facts),
            cache_container:
                redis && cacheInEffect(structure.cache, facts) === "redis" ? `${open.containerName}-redis` : "",
            cache_socket: structure.networkMode === "host" ? REDIS_SOCKET : "",
        }));
    const scripts = Object.values(operations).map(({ script }) => script);
    const program = nas.program({
        files: [...scripts, ...COMMON].map((file) => `operations/${file}`),
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
        ...images,
    );
}

function pulledImage(
    name: string,
    image: pulumi.Output<string>,
    { opts }: ReturnType<typeof dockerEngine>,
    after: pulumi.Resource,
): docker.RemoteImage {
    const args = { name: pulumi.unsecret(image), keepLocally: true };
    return new docker.RemoteImage(name, args, pulumi.mergeOptions(opts, { dependsOn: [after] }));
}
