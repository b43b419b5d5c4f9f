import { createHash } from "node:crypto";

import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { errorHook } from "../errorHook";
import { authority } from "../nas/connection";
import type { NasFacts, Ownership } from "../nas/probe";
import type { Settings, Structure } from "../settings";
import { REDIS_ALIAS, REDIS_SOCKET, SOCKET_MOUNT } from "./cache";
import { cacheInEffect } from "./cacheInEffect";
import type { RegistryContents } from "./contents";
import { listenPort, METRICS_PORT, REGISTRY_PORT, speaksTls, STOP_MARGIN } from "./http";
import { tracingEnvironment } from "./logging";
import { CONFIG_MOUNT, DATA_MOUNT, TRUSTED_FILE } from "./mounts";

export interface RegistryContainersArgs {
    settings: pulumi.Output<Settings>;
    structure: Structure;
    facts: pulumi.Output<NasFacts>;
    /** Directory on the NAS with the subdirectories registry, redis and run. */
    configDirectory: pulumi.Output<string>;
    /** Nothing when images are kept elsewhere. */
    dataDirectory: pulumi.Output<string | undefined>;
    contents: RegistryContents;
    ownership: Ownership;
}

export interface RegistryContainers {
    registry: docker.Container;
    /** Nothing when the cache is another one. */
    redis: docker.Container | undefined;
}

/**
 * What to do about a name that is taken on the NAS by something that the probe let pass since it is this stack's own: an
 * update that is killed leaves what it was just making, and the state does not know of it.
 */
export function explainLeftover(error: string, containerName: string, docker: string): string | undefined {
    if (!/already exists|is already in use by container/.test(error)) {
        return undefined;
    }
    const remove = `${docker} rm --force ${containerName} ${containerName}-redis; ${docker} network rm ${containerName} ${containerName}-cache`;
    return `containerName: an update that was interrupted left a container or network of this name on the NAS; run '${remove}' there (your images stay), then 'pulumi refresh --run-program' and 'pulumi up'.`;
}

/** The registry, and Redis where nothing but the registry reaches it. */
export function registryContainers(
    name: string,
    args: RegistryContainersArgs,
    options: pulumi.CustomResourceOptions,
): RegistryContainers {
    const { settings, structure, facts, configDirectory } = args;
    const containerName = settings.containerName;
    const names = pulumi.all([containerName, facts.docker]);
    const hooks = errorHook(`${name}-leftover`, names, (error, known) => explainLeftover(error, ...known));
    const opts = { ...options, hooks };
    const labels = ownLabels(args.ownership);
    const limits = pulumi.all([settings, facts]).apply(([wanted, found]) => possibleLimits(wanted, found));
    const hasRedis = structure.cache === "redis";
    const isHost = structure.networkMode === "host";

    // A renamed component has other labels; its networks stay, since whoever else has joined one would be in the way.
    const ofNetwork = { ignoreChanges: ["labels"] };
    const network = isHost
        ? undefined
        : new docker.Network(
              name,
              { name: containerName, driver: "bridge", internal: false, labels },
              pulumi.mergeOptions(opts, ofNetwork),
          );
    // After the other: the first request opens the one SSH connection that all further ones share.
    const afterNetwork = network ? pulumi.mergeOptions(opts, { dependsOn: [network] }) : opts;
    const cacheNetwork =
        hasRedis && !isHost
            ? new docker.Network(
                  `${name}-cache`,
                  { name: pulumi.interpolate`${containerName}-cache`, driver: "bridge", internal: true, labels },
                  pulumi.mergeOptions(afterNetwork, ofNetwork),
              )
            : undefined;
    // Pulled before a container that runs is stopped for its replacement.
    const image = new docker.RemoteImage(name, { name: settings.image, keepLocally: true }, afterNetwork);
    const socket = { type: "bind", source: pulumi.interpolate`${configDirectory}/run`, target: SOCKET_MOUNT };

    const redis = hasRedis
        ? redisContainer(`${name}-redis`, { ...args, labels, limits, cacheNetwork, socket }, afterNetwork)
        : undefined;
    const registry = new docker.Container(
        name,
        {
            ...hardened(settings, facts, isHost ? "host" : "bridge"),
            name: containerName,
            image: image.name,
            envs: settings.apply(environment),
            mustRun: true,
            restart: settings.restart,
            ...(network && {
                ports: settings.apply(publishedPorts),
                networksAdvanced: [network, cacheNetwork].flatMap((each) => (each ? [{ name: each.name }] : [])),
            }),
            mounts: args.dataDirectory.apply((dataDirectory) => [
                ...(dataDirectory ? [{ type: "bind", source: dataDirectory, target: DATA_MOUNT }] : []),
                {
                    type: "bind",
                    source: pulumi.interpolate`${configDirectory}/registry`,
                    target: CONFIG_MOUNT,
                    readOnly: true,
                },
                ...(hasRedis && isHost ? [socket] : []),
            ]),
            // In place of the image's volume, which would be an anonymous one.
            tmpfs: leftOutWhenUndefined(
                args.dataDirectory.apply((dataDirectory) =>
                    dataDirectory ? undefined : { [DATA_MOUNT]: "rw,noexec,nosuid,nodev,size=1m" },
                ),
            ),
            memory: limits.memory,
            ...(structure.hasMemorySwap && { memorySwap: limits.memorySwap }),
            cpus: limits.cpus,
            healthcheck: healthcheck(settings.apply(healthTest)),
            stopTimeout: settings.apply(stopSeconds),
            destroyGraceSeconds: settings.apply(stopSeconds),
            labels: configLabels(
                args,
                labels,
                args.contents.readAtStart.apply((files) => JSON.stringify(files)),
            ),
        },
        containerOptions(redis ? pulumi.mergeOptions(opts, { dependsOn: [redis] }) : opts, structure),
    );
    return { registry, redis };
}

interface RedisContainerArgs extends RegistryContainersArgs {
    labels: docker.types.input.ContainerLabel[];
    limits: pulumi.Output<Limits>;
    /** Nothing when Redis is reached through its socket. */
    cacheNetwork: docker.Network | undefined;
    socket: docker.types.input.ContainerMount;
}

function redisContainer(name: string, args: RedisContainerArgs, opts: pulumi.CustomResourceOptions): docker.Container {
    const { settings, facts, cacheNetwork } = args;
    const image = new docker.RemoteImage(name, { name: settings.redisImage, keepLocally: true }, opts);
    const runs = facts.apply((found) => cacheInEffect(args.structure.cache, found) === "redis");
    return new docker.Container(
        name,
        {
            ...hardened(settings, facts, cacheNetwork ? "bridge" : "none"),
            name: pulumi.interpolate`${settings.containerName}-redis`,
            image: image.name,
            // Not the image's entrypoint, which changes to a user of its own.
            entrypoints: ["redis-server"],
            command: ["/etc/redis/redis.conf"],
            start: runs,
            mustRun: runs,
            restart: pulumi.all([runs, settings.restart]).apply(([does, policy]) => (does ? policy : "no")),
            ...(cacheNetwork && { networksAdvanced: [{ name: cacheNetwork.name, aliases: [REDIS_ALIAS] }] }),
            mounts: [
                {
                    type: "bind",
                    source: pulumi.interpolate`${args.configDirectory}/redis`,
                    target: "/etc/redis",
                    readOnly: true,
                },
                ...(cacheNetwork ? [] : [args.socket]),
            ],
            // In place of the image's volume: nothing of the cache is kept.
            tmpfs: { "/data": "rw,noexec,nosuid,nodev,size=1m" },
            memory: args.limits.redisMemory,
            // NOAUTH is an answer too, and keeps the password out of the health check.
            healthcheck: healthcheck([
                "CMD-SHELL",
                `redis-cli ${cacheNetwork ? "" : `-s ${REDIS_SOCKET} `}ping | grep -qE 'PONG|NOAUTH'`,
            ]),
            destroyGraceSeconds: 10,
            labels: configLabels(args, args.labels, args.contents.redisConf),
        },
        containerOptions(opts),
    );
}

function ownLabels({ ownerLabel, component }: Ownership): docker.types.input.ContainerLabel[] {
    return [
        { label: "nas-registry.owner", value: ownerLabel },
        { label: "nas-registry.component", value: component },
    ];
}

/** The user's labels, ours, and what the container has read at its start. */
function configLabels(
    { settings }: RegistryContainersArgs,
    own: docker.types.input.ContainerLabel[],
    config: pulumi.Output<string>,
) {
    return settings.apply(({ labels, logs }) => [
        ...Object.entries(labels).map(([label, value]) => ({ label, value })),
        ...own,
        // With the logs, since the provider takes a driver that is left out for the one that was there.
        { label: "nas-registry.config", value: fingerprint(pulumi.interpolate`${config}${JSON.stringify(logs)}`) },
    ]);
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
    return drainTimeout + STOP_MARGIN;
}

/** What both containers have in common: no right that they do not need, and logs that cannot fill the NAS. */
function hardened(settings: pulumi.Output<Settings>, facts: pulumi.Output<NasFacts>, networkMode: string) {
    return {
        user: facts.owner,
        readOnly: true,
        capabilities: { drops: ["ALL"] },
        securityOpts: ["no-new-privileges:true"],
        // Said although it is the default, since engines report it under two names.
        networkMode,
        // All options and the driver, or a daemon's own defaults appear as a difference at every up.
        logDriver: leftOutWhenUndefined(settings.apply(({ logs }) => logs?.driver)),
        logOpts: leftOutWhenUndefined(settings.apply(({ logs }) => logs?.options)),
    };
}

/** The SDK's types do not say that an Output of nothing leaves a property out. */
function leftOutWhenUndefined<T>(output: pulumi.Output<T | undefined>): pulumi.Output<T> {
    return output as pulumi.Output<T>;
}

function healthcheck(tests: pulumi.Input<string[]>) {
    // Durations in Go's canonical form, or every up shows a difference.
    return { tests, interval: "30s", timeout: "5s", startPeriod: "10s", retries: 3 };
}

/** What keeps a second `up` quiet and a failed create from passing as done. */
function containerOptions(
    opts: pulumi.CustomResourceOptions,
    { hasMemorySwap } = { hasMemorySwap: false },
): pulumi.CustomResourceOptions {
    return {
        ...opts,
        deleteBeforeReplace: true,
        // The provider would change these in its state only, or, for memory, fail on some kernels.
        replaceOnChanges: ["healthcheck", "init", "tmpfs", "memory", "memorySwap", "#initerror"],
        // The engine fills it in.
        ignoreChanges: hasMemorySwap ? [] : ["memorySwap"],
    };
}

interface Limits {
    memory?: number;
    memorySwap?: number;
    redisMemory?: number;
    cpus?: string;
}

/** The limits that the NAS's kernel can keep; a container with another one would be refused. */
export function possibleLimits(
    wanted: Pick<Settings, "memory" | "memorySwap" | "redisMemory" | "cpus">,
    found: Pick<NasFacts, "memoryLimit" | "swapLimit" | "cpuQuota">,
): Limits {
    const { memory, memorySwap, redisMemory, cpus } = wanted;
    return {
        ...(found.memoryLimit && { redisMemory, ...(memory > 0 && { memory }) }),
        // No limit is what an engine reports whose kernel cannot limit swap.
        ...(memorySwap !== undefined && { memorySwap: found.swapLimit ? memorySwap : -1 }),
        ...(found.cpuQuota && cpus > 0 && { cpus: canonicalCpus(cpus) }),
    };
}

/** The spelling in which the provider reads `cpus` back: "2.0", "1.5". */
export function canonicalCpus(cpus: number): string {
    const rounded = Math.round(cpus * 10) / 10;
    return Number.isInteger(rounded) ? `${rounded}.0` : String(rounded);
}

/** Not a secret although its text is: the text holds keys of 256 random bits. */
function fingerprint(text: pulumi.Output<string>): pulumi.Output<string> {
    return pulumi.unsecret(text.apply((content) => createHash("sha256").update(content).digest("hex")));
}
