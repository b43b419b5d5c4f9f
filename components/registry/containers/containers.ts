import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { errorHook } from "../../nas/errorHook";
import { SOCKET_MOUNT } from "../sections/cache";
import type { ContainerArgs, RegistryContainersArgs } from "./containerArgs";
import { ownLabels } from "./labels";
import { explainLeftover } from "./leftover";
import { possibleLimits } from "./limits";
import { registryNetworks } from "./networks";
import { redisContainer } from "./redisContainer";
import { registryContainer } from "./registryContainer";

export interface RegistryContainers {
    registry: docker.Container;
    /** Nothing when the cache is another one. */
    redis: docker.Container | undefined;
}

/** The registry, and Redis where nothing but the registry reaches it. */
export function registryContainers(
    name: string,
    args: RegistryContainersArgs,
    options: pulumi.CustomResourceOptions,
): RegistryContainers {
    const { settings, structure, facts } = args;
    const names = pulumi.all([settings.containerName, facts.docker]);
    const hooks = errorHook(`${name}-leftover`, names, (error, known) => explainLeftover(error, ...known));
    const opts = { ...options, hooks };
    const labels = ownLabels(args.ownership);
    const networks = registryNetworks(name, settings.containerName, labels, structure, opts);
    // After the network: the first request opens the one SSH connection that all further ones share.
    const afterNetwork = networks.registry ? pulumi.mergeOptions(opts, { dependsOn: [networks.registry] }) : opts;
    // Pulled before a container that runs is stopped for its replacement.
    const image = new docker.RemoteImage(name, { name: settings.image, keepLocally: true }, afterNetwork);

    const shared: ContainerArgs = {
        ...args,
        labels,
        limits: pulumi.all([settings, facts]).apply(([wanted, found]) => possibleLimits(wanted, found)),
        networks,
        socket: { type: "bind", source: pulumi.interpolate`${facts.controlDirectory}/run`, target: SOCKET_MOUNT },
    };
    const redis = structure.cache === "redis" ? redisContainer(`${name}-redis`, shared, afterNetwork) : undefined;
    const afterRedis = redis ? pulumi.mergeOptions(opts, { dependsOn: [redis] }) : opts;
    return { registry: registryContainer(name, image, shared, afterRedis), redis };
}
