import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import type { Deployment } from "../deployment";
import { cacheInEffect, REDIS_ALIAS, REDIS_SOCKET, SOCKET_MOUNT } from "../sections/cache";
import { container, controlMount, limitsOf, SCRATCH } from "./container";

/**
 * The cache, Valkey or Redis, where nothing but the registry reaches it; it does not run where it cannot.
 *
 * @param network Of the registry and Redis alone, without a way out; where there is none, they share a socket.
 */
export function redisContainer(
    deployment: Deployment,
    network: docker.Network | undefined,
    opts: pulumi.CustomResourceOptions,
): docker.Container {
    const { settings, structure, nas } = deployment;
    const name = `${deployment.name}-redis`;
    const image = new docker.RemoteImage(name, { name: settings.redisImage, keepLocally: true }, opts);
    const runs = nas.facts.apply((facts) => cacheInEffect(structure.cache, facts) === "redis");
    const socket = network ? "" : `-s ${REDIS_SOCKET} `;
    const args = {
        name: pulumi.interpolate`${settings.containerName}-redis`,
        image: image.name,
        // Not the image's entrypoint, which changes to a user of its own. Valkey's image has its programs under these names, too.
        entrypoints: ["redis-server"],
        command: ["/etc/redis/redis.conf"],
        start: runs,
        mustRun: runs,
        restart: pulumi.all([runs, settings.restart]).apply(([does, policy]) => (does ? policy : "no")),
        networkMode: network ? "bridge" : "none",
        ...(network && { networksAdvanced: [{ name: network.name, aliases: [REDIS_ALIAS] }] }),
        mounts: [
            controlMount(deployment, "redis", "/etc/redis"),
            ...(network ? [] : [controlMount(deployment, "run", SOCKET_MOUNT)]),
        ],
        // Nothing of the cache is kept.
        tmpfs: { "/data": SCRATCH },
        memory: limitsOf(deployment).redisMemory,
        // NOAUTH is an answer too, and keeps the password out of the health check.
        healthTest: ["CMD-SHELL", `redis-cli ${socket}ping | grep -qE 'PONG|NOAUTH'`],
        destroyGraceSeconds: 10,
        reads: deployment.contents.redisConf,
    };
    return container(name, deployment, args, opts);
}
