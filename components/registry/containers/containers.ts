import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { sha256 } from "../../nas/script";
import { dockerTransport } from "../../nas/transport";
import type { Deployment } from "../deployment";
import { ownAddress } from "../sections/address";
import { cacheInEffect, REDIS_SOCKET, SOCKET_MOUNT } from "../sections/cache";
import { stopSeconds } from "../sections/http";
import { CONFIG_MOUNT, DATA_MOUNT, START_FILE } from "../sections/container";
import { environment, portsOf } from "../sections/rendered";
import { speaksTls } from "../sections/tls";
import type { Settings } from "../settings";
import { container, controlMount, leftOutWhenUndefined, limitsOf, runLimits, SCRATCH } from "./container";
import { leftoverHooks } from "./leftovers";

export type RegistryContainers = ReturnType<typeof registryContainers>;

/**
 * How the NAS's Docker Engine is reached: by a provider that the user handed over, or by one that is made, and by ssh.
 *
 * @param files At the end its script takes away what is made by it, at once.
 */
export function dockerEngine(
    deployment: Deployment,
    files: pulumi.Resource,
    ...after: (pulumi.Resource | undefined)[]
) {
    const { name, component, nas, settings } = deployment;
    const given = component.getProvider("docker:index/container:Container");
    // Made while the daemon restarts.
    const { provider, ssh } = given
        ? { provider: given }
        : dockerTransport(name, nas, settings, deployment.after(files));
    return { opts: { ...deployment.after(files, ...after), provider, deletedWith: files }, ssh };
}

/** The registry, and Redis where nothing but the registry reaches it, by a socket. */
export function registryContainers(deployment: Deployment, engine: ReturnType<typeof dockerEngine>) {
    const { name, settings, structure, nas } = deployment;
    const connectionHooks = engine.ssh ? nas.explained(`${name}-docker`) : [];
    const onError = [...leftoverHooks(deployment, engine.ssh), ...connectionHooks];
    const opts = { ...engine.opts, hooks: { onError } };
    const after = (...resources: (pulumi.Resource | undefined)[]) =>
        pulumi.mergeOptions(opts, { dependsOn: resources.filter((each) => each !== undefined) });

    // Pulled before a container that runs is stopped for its replacement.
    const image = new docker.RemoteImage(name, { name: settings.image, keepLocally: true }, opts);
    // After the image: the first request opens the one SSH connection that all further ones share.
    const redis = structure.cache === "redis" ? redisContainer(deployment, after(image)) : undefined;
    const isTried = structure.networkMode === "bridge" && !("upstream" in deployment.args);
    const tried = isTried ? trial(deployment, image) : undefined;
    // Not after Redis, which it serves without, until that is there.
    const registry = registryContainer(deployment, image, after(tried));
    return { registry, redis };
}

/** Seconds that a new image has for its first answer, on a NAS whose disks sleep. */
const TRIAL_SECONDS = 60;

/** What is about to take the place of a registry that runs is tried beside it first, which a mirror's could not be without its upstream. */
function trial(deployment: Deployment, image: docker.RemoteImage): pulumi.Resource {
    const { settings, contents, dataDirectory, nas, ownerLabel, name } = deployment;
    const values = pulumi
        .all([settings, dataDirectory, nas.facts, image.name, contents.readAtStart])
        .apply(([open, directory, facts, imageName, files]) => ({
            container_name: open.containerName,
            component: name,
            owner_label: ownerLabel,
            control_directory: facts.controlDirectory,
            data_directory: directory ?? "",
            image: imageName,
            limits: runLimits(facts),
            health: healthTest(open).slice(1).join(" "),
            seconds: TRIAL_SECONDS,
            // Not read by the script: with others the container is another one, too.
            tried: sha256(JSON.stringify(files)),
        }));
    return deployment.script("trial", { files: ["registry/trial.sh"], values, reverts: false, waits: true }, image);
}

function registryContainer(
    deployment: Deployment,
    image: docker.RemoteImage,
    opts: pulumi.CustomResourceOptions,
): docker.Container {
    const { settings, structure, contents, dataDirectory } = deployment;
    const limits = limitsOf(deployment);
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
        ...(structure.networkMode === "bridge" && {
            ports: settings.apply(publishedPorts),
            // Made with the files: the provider waits two seconds whenever it makes one, or looks at it.
            networksAdvanced: [{ name: settings.containerName }],
        }),
        mounts: dataDirectory.apply((source) => [
            ...(source ? [{ type: "bind", source, target: DATA_MOUNT }] : []),
            controlMount(deployment, "registry", CONFIG_MOUNT),
            ...(structure.cache === "redis" ? [controlMount(deployment, "run", SOCKET_MOUNT)] : []),
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
            .apply(([files, lost]) => JSON.stringify([files, lost])),
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

/**
 * The cache, Valkey or Redis, in no network: nothing but the registry reaches it, by a socket. It does not run where it cannot.
 */
function redisContainer(deployment: Deployment, opts: pulumi.CustomResourceOptions): docker.Container {
    const { settings, structure, nas } = deployment;
    const limits = limitsOf(deployment);
    const name = `${deployment.name}-redis`;
    const image = new docker.RemoteImage(name, { name: settings.redisImage, keepLocally: true }, opts);
    const runs = nas.facts.apply((facts) => cacheInEffect(structure.cache, facts) === "redis");
    const args = {
        name: pulumi.interpolate`${settings.containerName}-redis`,
        image: image.name,
        // Not the image's entrypoint, which changes to a user of its own. Valkey's image has its programs under these names, too.
        entrypoints: ["redis-server"],
        command: ["/etc/redis/redis.conf"],
        start: runs,
        mustRun: runs,
        restart: pulumi.all([runs, settings.restart]).apply(([does, policy]) => (does ? policy : "no")),
        networkMode: "none",
        mounts: [controlMount(deployment, "redis", "/etc/redis"), controlMount(deployment, "run", SOCKET_MOUNT, false)],
        // Nothing of the cache is kept.
        tmpfs: { "/data": SCRATCH },
        memory: limits.redisMemory,
        cpus: limits.redisCpus,
        // NOAUTH is an answer too, and keeps the password out of the health check.
        healthTest: ["CMD-SHELL", `redis-cli -s ${REDIS_SOCKET} ping | grep -qE 'PONG|NOAUTH'`],
        destroyGraceSeconds: 10,
        reads: deployment.contents.redisConf,
    };
    return container(name, deployment, args, opts);
}
