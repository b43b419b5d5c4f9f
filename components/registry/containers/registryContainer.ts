import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { authority } from "../../nas/connection";
import { SOCKET_MOUNT } from "../sections/cache";
import { listenPort, METRICS_PORT, REGISTRY_PORT, speaksTls, STOP_MARGIN } from "../sections/http";
import { tracingEnvironment } from "../sections/logging";
import { CONFIG_MOUNT, DATA_MOUNT, START_FILE, TRUSTED_FILE } from "../sections/mounts";
import type { Settings } from "../settings";
import {
    containerLabels,
    containerOptions,
    controlMount,
    hardened,
    healthcheck,
    leftOutWhenUndefined,
    SCRATCH,
    type ContainerArgs,
} from "./container";

/** @param network Whose port is published; undefined in the NAS's own network. */
export function registryContainer(
    image: docker.RemoteImage,
    network: docker.Network | undefined,
    { deployment, contents, limits, cacheNetwork }: ContainerArgs,
    opts: pulumi.CustomResourceOptions,
): docker.Container {
    const { name, settings, structure, dataDirectory } = deployment;
    const joined = [network, cacheNetwork].flatMap((each) => (each ? [{ name: each.name }] : []));
    const read = pulumi
        .all([contents.readAtStart, settings.lostDataDirectory])
        // Without a container of its own a data directory that takes another one's place would not be mounted.
        .apply(([files, lost]) => JSON.stringify(files) + (lost ?? ""));
    return new docker.Container(
        name,
        {
            ...hardened(deployment, structure.networkMode),
            name: settings.containerName,
            image: image.name,
            // Not the image's entrypoint: the data directory is looked at first.
            entrypoints: ["/bin/sh"],
            command: [`${CONFIG_MOUNT}/${START_FILE}`],
            envs: settings.apply(environment),
            mustRun: true,
            restart: settings.restart,
            ...(network && { ports: settings.apply(publishedPorts), networksAdvanced: joined }),
            mounts: dataDirectory.apply((source) => [
                ...(source ? [{ type: "bind", source, target: DATA_MOUNT }] : []),
                controlMount(deployment, "registry", CONFIG_MOUNT, true),
                ...(structure.cache === "redis" && !cacheNetwork
                    ? [controlMount(deployment, "run", SOCKET_MOUNT)]
                    : []),
            ]),
            tmpfs: leftOutWhenUndefined(
                dataDirectory.apply((directory) => (directory ? undefined : { [DATA_MOUNT]: SCRATCH })),
            ),
            memory: limits.memory,
            ...(structure.hasMemorySwap && { memorySwap: limits.memorySwap }),
            cpus: limits.cpus,
            healthcheck: healthcheck(settings.apply(healthTest)),
            stopTimeout: settings.apply(stopSeconds),
            destroyGraceSeconds: settings.apply(stopSeconds),
            labels: containerLabels(deployment, read),
        },
        containerOptions(opts, structure),
    );
}

/** What config.yml cannot express, and no secret. */
function environment({ tracing, containerName, trustedCertificates }: Settings): string[] {
    return [
        ...tracingEnvironment(tracing, containerName),
        // Go reads the image's own directory of authorities besides.
        ...(trustedCertificates ? [`SSL_CERT_FILE=${CONFIG_MOUNT}/${TRUSTED_FILE}`] : []),
    ];
}

/** Sorted by the inside, as the engine answers. */
function publishedPorts({ bindAddress, port, metrics }: Settings) {
    return [
        { internal: REGISTRY_PORT, external: port, ip: bindAddress, protocol: "tcp" },
        ...(metrics ? [{ internal: METRICS_PORT, external: metrics.port, ip: metrics.address, protocol: "tcp" }] : []),
    ];
}

function healthTest(settings: Settings): string[] {
    const { tls, networkMode, bindAddress } = settings;
    const isAnywhere = networkMode === "bridge" || /^[0.:]+$/.test(bindAddress);
    const address = authority(isAnywhere ? "127.0.0.1" : bindAddress, listenPort(settings));
    return [
        "CMD",
        "wget",
        "-q",
        "-O",
        "/dev/null",
        ...(speaksTls(tls) ? ["--no-check-certificate", `https://${address}/`] : [`http://${address}/`]),
    ];
}

function stopSeconds({ drainTimeout }: Settings): number {
    return Math.ceil(drainTimeout) + STOP_MARGIN;
}
