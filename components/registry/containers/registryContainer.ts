import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import type { Deployment } from "../deployment";
import { environment, portsOf } from "../sections/rendered";
import { ownAddress } from "../sections/address";
import { SOCKET_MOUNT } from "../sections/cache";
import { stopSeconds } from "../sections/http";
import { CONFIG_MOUNT, DATA_MOUNT, START_FILE } from "../sections/mounts";
import { speaksTls } from "../sections/tls";
import type { Settings } from "../settings";
import { container, controlMount, leftOutWhenUndefined, limitsOf, SCRATCH } from "./container";

/** @param networks The one whose port is published, and the one with Redis; none in the NAS's own network. */
export function registryContainer(
    deployment: Deployment,
    image: docker.RemoteImage,
    { network, cacheNetwork }: Record<"network" | "cacheNetwork", docker.Network | undefined>,
    opts: pulumi.CustomResourceOptions,
): docker.Container {
    const { settings, structure, contents, dataDirectory } = deployment;
    const limits = limitsOf(deployment);
    const joined = [network, cacheNetwork].flatMap((each) => (each ? [{ name: each.name }] : []));
    const usesSocket = structure.cache === "redis" && !cacheNetwork;
    const stopTimeout = settings.apply(stopSeconds);
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
        stopTimeout,
        destroyGraceSeconds: stopTimeout,
        // Without a container of its own a data directory that takes another one's place would not be mounted.
        reads: pulumi
            .all([contents.readAtStart, settings.lostDataDirectory])
            .apply(([files, lost = ""]) => JSON.stringify(files) + lost),
        tells: contents.exposure,
    };
    return container(deployment.name, deployment, args, opts);
}

/** Sorted by the inside, as the engine answers. */
function publishedPorts(settings: Settings) {
    return portsOf(settings)
        .map(({ address, port, inside }) => ({ internal: inside, external: port, ip: address, protocol: "tcp" }))
        .sort((a, b) => a.internal - b.internal);
}

function healthTest(settings: Settings): string[] {
    const address = ownAddress(settings);
    const url = speaksTls(settings.tls) ? ["--no-check-certificate", `https://${address}/`] : [`http://${address}/`];
    return ["CMD", "wget", "-q", "-O", "/dev/null", ...url];
}
