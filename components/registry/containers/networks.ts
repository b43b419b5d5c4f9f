import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import type { Structure } from "../settings";

/** None for a registry in the NAS's own network, which reaches Redis through a socket. */
export interface RegistryNetworks {
    /** The registry's, whose port is published. */
    registry: docker.Network | undefined;
    /** Of the registry and Redis alone, without a way out. */
    cache: docker.Network | undefined;
}

export function registryNetworks(
    name: string,
    containerName: pulumi.Output<string>,
    labels: docker.types.input.NetworkLabel[],
    { networkMode, cache }: Structure,
    opts: pulumi.CustomResourceOptions,
): RegistryNetworks {
    if (networkMode === "host") {
        return { registry: undefined, cache: undefined };
    }
    // A renamed component has other labels; its networks stay, since whoever else has joined one would be in the way.
    const ofNetwork = { ignoreChanges: ["labels"] };
    const registry = new docker.Network(
        name,
        { name: containerName, driver: "bridge", internal: false, labels },
        pulumi.mergeOptions(opts, ofNetwork),
    );
    const cacheArgs = { name: pulumi.interpolate`${containerName}-cache`, driver: "bridge", internal: true, labels };
    return {
        registry,
        cache:
            cache === "redis"
                ? new docker.Network(
                      `${name}-cache`,
                      cacheArgs,
                      pulumi.mergeOptions(opts, { ...ofNetwork, dependsOn: [registry] }),
                  )
                : undefined,
    };
}
