import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { authority } from "../../nas/connection";
import type { RegistryContents } from "../contents";
import type { Deployment } from "../deployment";
import { SOCKET_MOUNT } from "../sections/cache";
import { listenPort, METRICS_PORT, REGISTRY_PORT, speaksTls, STOP_MARGIN } from "../sections/http";
import { tracingEnvironment } from "../sections/logging";
import { CONFIG_MOUNT, DATA_MOUNT, START_FILE, TRUSTED_FILE } from "../sections/mounts";
import type { Settings } from "../settings";
import { container, controlMount, leftOutWhenUndefined, limitsOf, SCRATCH } from "./container";

/** @param networks The one whose port is published, and the one with Redis; none in the NAS's own network. */
export function registryContainer(
    deployment: Deployment,
    contents: RegistryContents,
    image: docker.RemoteImage,
    { network, cacheNetwork }: Record<"network" | "cacheNetwork", docker.Network | undefined>,
    opts: pulumi.CustomResourceOptions,
): docker.Container {
    const { settings, structure, dataDirectory } = deployment;
    const limits = limitsOf(deployment);
    const joined = [network, cacheNetwork].flatMap((each) => (each ? [{ name: each.name }] : []));
    const usesSocket = structure.cache === "redis" && !cacheNetwork;
    const stopSeconds = settings.drainTimeout.apply((seconds) => seconds + STOP_MARGIN);
    const args = {
        name: settings.containerName,
        image: image.name,
        // Not the image's entrypoint: the data directory is looked at first.
        entrypoints: ["/bin/sh"],
        command: [`${CONFIG_MOUNT}/${START_FILE}`],
        envs: settings.apply(environment),
        mustRun: true,
        networkMode: structure.networkMode,
        ...(network && { ports: settings.apply(publishedPorts), networksAdvanced: joined }),
        mounts: dataDirectory.apply((source) => [
            ...(source ? [{ type: "bind", source, target: DATA_MOUNT }] : []),
            controlMount(deployment, "registry", CONFIG_MOUNT),
            ...(usesSocket ? [controlMount(deployment, "run", SOCKET_MOUNT)] : []),
        ]),
        tmpfs: leftOutWhenUndefined(dataDirectory.apply((source) => (source ? undefined : { [DATA_MOUNT]: SCRATCH }))),
        memory: limits.memory,
        ...(structure.hasMemorySwap && { memorySwap: limits.memorySwap }),
        cpus: limits.cpus,
        healthTest: settings.apply(healthTest),
        stopTimeout: stopSeconds,
        destroyGraceSeconds: stopSeconds,
        // Without a container of its own a data directory that takes another one's place would not be mounted.
        reads: pulumi
            .all([contents.readAtStart, settings.lostDataDirectory])
            .apply(([files, lost = ""]) => JSON.stringify(files) + lost),
        tells: contents.exposure,
    };
    return container(deployment.name, deployment, args, opts);
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
    const url = speaksTls(tls) ? ["--no-check-certificate", `https://${address}/`] : [`http://${address}/`];
    return ["CMD", "wget", "-q", "-O", "/dev/null", ...url];
}
