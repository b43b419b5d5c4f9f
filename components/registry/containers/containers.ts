import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { errorHooks } from "../../nas/hooks";
import { dockerTransport } from "../../nas/transport";
import type { Deployment } from "../deployment";
import { ownLabels } from "./container";
import { redisContainer } from "./redisContainer";
import { registryContainer } from "./registryContainer";

export type RegistryContainers = ReturnType<typeof registryContainers>;

/** How the NAS's Docker Engine is reached: by a provider that the user handed over, or by one that is made. */
export function dockerEngine(
    deployment: Deployment,
    ...after: (pulumi.Resource | undefined)[]
): pulumi.CustomResourceOptions {
    const { name, component, nas, settings } = deployment;
    const opts = deployment.after(...after);
    const given = component.getProvider("docker:index/container:Container");
    return { ...opts, provider: given ?? dockerTransport(name, nas, settings, opts) };
}

/** The registry, and Redis where nothing but the registry reaches it. */
export function registryContainers(deployment: Deployment, engine: pulumi.CustomResourceOptions) {
    const { name, settings, structure, nas } = deployment;
    const names = pulumi.all([settings.containerName, nas.facts.docker]);
    const onError = errorHooks(`${name}-leftover`, names, (error, known) => explainLeftover(error, ...known));
    const opts = { ...engine, hooks: { onError } };
    const after = (resource: pulumi.Resource | undefined) =>
        resource ? pulumi.mergeOptions(opts, { dependsOn: [resource] }) : opts;

    // In the NAS's own network the registry reaches Redis through a socket.
    const isBridged = structure.networkMode === "bridge";
    const hasRedis = structure.cache === "redis";
    const network = isBridged ? containerNetwork(deployment, "", { internal: false }, opts) : undefined;
    // After the network: the first request opens the one SSH connection that all further ones share.
    const next = after(network);
    const cacheNetwork =
        isBridged && hasRedis ? containerNetwork(deployment, "-cache", { internal: true }, next) : undefined;
    // Pulled before a container that runs is stopped for its replacement.
    const image = new docker.RemoteImage(name, { name: settings.image, keepLocally: true }, next);
    const redis = hasRedis ? redisContainer(deployment, cacheNetwork, next) : undefined;
    const registry = registryContainer(deployment, image, { network, cacheNetwork }, after(redis));
    return { registry, redis };
}

function containerNetwork(
    deployment: Deployment,
    suffix: string,
    args: { internal: boolean },
    opts: pulumi.CustomResourceOptions,
): docker.Network {
    const name = pulumi.interpolate`${deployment.settings.containerName}${suffix}`;
    return new docker.Network(
        `${deployment.name}${suffix}`,
        { name, driver: "bridge", labels: ownLabels(deployment), ...args },
        // A renamed component has other labels; its networks stay, since whoever else has joined one would be in the way.
        { ...opts, ignoreChanges: ["labels"] },
    );
}

/**
 * What to do about a name that is taken on the NAS by something that the probe let pass since it is this stack's own: an
 * update that is killed leaves what it was just making, and the state does not know of it.
 */
export function explainLeftover(error: string, containerName: string, docker: string): string | undefined {
    const remove = `${docker} rm --force ${containerName} ${containerName}-redis; ${docker} network rm ${containerName} ${containerName}-cache`;
    return /already exists|is already in use by container/.test(error)
        ? `containerName: an update that was interrupted left a container or network of this name on the NAS; run '${remove}' there (your images stay), then 'pulumi refresh --run-program' and 'pulumi up'.`
        : undefined;
}
