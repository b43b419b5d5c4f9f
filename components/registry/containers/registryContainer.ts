import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { authority } from "../../nas/connection";
import type { Settings } from "../settings";
import type { ContainerArgs } from "./containerArgs";
import { containerOptions, hardened, healthcheck, leftOutWhenUndefined, SCRATCH } from "./containerBase";
import { listenPort, METRICS_PORT, REGISTRY_PORT, speaksTls, STOP_MARGIN } from "../sections/http";
import { containerLabels } from "./labels";
import { tracingEnvironment } from "../sections/logging";
import { CONFIG_MOUNT, DATA_MOUNT, START_FILE, TRUSTED_FILE } from "../sections/mounts";

export function registryContainer(
    name: string,
    image: docker.RemoteImage,
    args: ContainerArgs,
    opts: pulumi.CustomResourceOptions,
): docker.Container {
    const { settings, structure, limits, networks } = args;
    const joined = [networks.registry, networks.cache].flatMap((each) => (each ? [{ name: each.name }] : []));
    return new docker.Container(
        name,
        {
            ...hardened(settings, args.facts, structure.networkMode),
            name: settings.containerName,
            image: image.name,
            // Not the image's entrypoint: the data directory is looked at first.
            entrypoints: ["/bin/sh"],
            command: [`${CONFIG_MOUNT}/${START_FILE}`],
            envs: settings.apply(environment),
            mustRun: true,
            restart: settings.restart,
            ...(networks.registry && { ports: settings.apply(publishedPorts), networksAdvanced: joined }),
            mounts: args.dataDirectory.apply((dataDirectory) => [
                ...(dataDirectory ? [{ type: "bind", source: dataDirectory, target: DATA_MOUNT }] : []),
                {
                    type: "bind",
                    source: pulumi.interpolate`${args.facts.controlDirectory}/registry`,
                    target: CONFIG_MOUNT,
                    readOnly: true,
                },
                ...(structure.cache === "redis" && !networks.cache ? [args.socket] : []),
            ]),
            tmpfs: leftOutWhenUndefined(
                args.dataDirectory.apply((dataDirectory) => (dataDirectory ? undefined : { [DATA_MOUNT]: SCRATCH })),
            ),
            memory: limits.memory,
            ...(structure.hasMemorySwap && { memorySwap: limits.memorySwap }),
            cpus: limits.cpus,
            healthcheck: healthcheck(settings.apply(healthTest)),
            stopTimeout: settings.apply(stopSeconds),
            destroyGraceSeconds: settings.apply(stopSeconds),
            labels: containerLabels(
                settings,
                args.labels,
                pulumi
                    .all([args.contents.readAtStart, settings.lostDataDirectory])
                    // Without a container of its own a data directory that takes another one's place would not be mounted.
                    .apply(([files, lost]) => JSON.stringify(files) + (lost ?? "")),
            ),
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
