import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { cacheInEffect, REDIS_ALIAS, REDIS_SOCKET, SOCKET_MOUNT } from "../sections/cache";
import {
    containerLabels,
    containerOptions,
    controlMount,
    hardened,
    healthcheck,
    SCRATCH,
    type ContainerArgs,
} from "./container";

/** The cache, Valkey or Redis, where nothing but the registry reaches it; it does not run where it cannot. */
export function redisContainer(
    { deployment, contents, limits, cacheNetwork }: ContainerArgs,
    opts: pulumi.CustomResourceOptions,
): docker.Container {
    const { settings, structure, nas } = deployment;
    const name = `${deployment.name}-redis`;
    const image = new docker.RemoteImage(name, { name: settings.redisImage, keepLocally: true }, opts);
    const runs = nas.facts.apply((found) => cacheInEffect(structure.cache, found) === "redis");
    return new docker.Container(
        name,
        {
            ...hardened(deployment, cacheNetwork ? "bridge" : "none"),
            name: pulumi.interpolate`${settings.containerName}-redis`,
            image: image.name,
            // Not the image's entrypoint, which changes to a user of its own. Valkey's image has its programs under these names, too.
            entrypoints: ["redis-server"],
            command: ["/etc/redis/redis.conf"],
            start: runs,
            mustRun: runs,
            restart: pulumi.all([runs, settings.restart]).apply(([does, policy]) => (does ? policy : "no")),
            ...(cacheNetwork && { networksAdvanced: [{ name: cacheNetwork.name, aliases: [REDIS_ALIAS] }] }),
            mounts: [
                controlMount(deployment, "redis", "/etc/redis", true),
                ...(cacheNetwork ? [] : [controlMount(deployment, "run", SOCKET_MOUNT)]),
            ],
            // Nothing of the cache is kept.
            tmpfs: { "/data": SCRATCH },
            memory: limits.redisMemory,
            // NOAUTH is an answer too, and keeps the password out of the health check.
            healthcheck: healthcheck([
                "CMD-SHELL",
                `redis-cli ${cacheNetwork ? "" : `-s ${REDIS_SOCKET} `}ping | grep -qE 'PONG|NOAUTH'`,
            ]),
            destroyGraceSeconds: 10,
            labels: containerLabels(deployment, contents.redisConf),
        },
        containerOptions(opts),
    );
}
