import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { REDIS_ALIAS, REDIS_SOCKET } from "../sections/cache";
import { cacheInEffect } from "../sections/cacheInEffect";
import type { ContainerArgs } from "./containerArgs";
import { containerOptions, hardened, healthcheck, SCRATCH } from "./containerBase";
import { containerLabels } from "./labels";

/** The cache, Valkey or Redis, where nothing but the registry reaches it; it does not run where it cannot. */
export function redisContainer(
    name: string,
    args: ContainerArgs,
    opts: pulumi.CustomResourceOptions,
): docker.Container {
    const { settings, structure, facts } = args;
    const cacheNetwork = args.networks.cache;
    const image = new docker.RemoteImage(name, { name: settings.redisImage, keepLocally: true }, opts);
    const runs = facts.apply((found) => cacheInEffect(structure.cache, found) === "redis");
    return new docker.Container(
        name,
        {
            ...hardened(settings, facts, cacheNetwork ? "bridge" : "none"),
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
                {
                    type: "bind",
                    source: pulumi.interpolate`${facts.controlDirectory}/redis`,
                    target: "/etc/redis",
                    readOnly: true,
                },
                ...(cacheNetwork ? [] : [args.socket]),
            ],
            // Nothing of the cache is kept.
            tmpfs: { "/data": SCRATCH },
            memory: args.limits.redisMemory,
            // NOAUTH is an answer too, and keeps the password out of the health check.
            healthcheck: healthcheck([
                "CMD-SHELL",
                `redis-cli ${cacheNetwork ? "" : `-s ${REDIS_SOCKET} `}ping | grep -qE 'PONG|NOAUTH'`,
            ]),
            destroyGraceSeconds: 10,
            labels: containerLabels(settings, args.labels, args.contents.redisConf),
        },
        containerOptions(opts),
    );
}
