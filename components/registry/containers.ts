import { createHash } from "node:crypto";

import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { errorHook } from "../errorHook";
import { runsRedis, type NasFacts } from "../nas/probe";
import type { Settings } from "../settings";
import { CONFIG_MOUNT, DATA_MOUNT, DRAIN_SECONDS, REDIS_ALIAS, REGISTRY_PORT } from "./config";

export interface RegistryContainersArgs {
    settings: pulumi.Output<Settings>;
    facts: pulumi.Output<NasFacts>;
    /** Directory on the NAS with the subdirectories registry and redis. */
    configDirectory: pulumi.Output<string>;
    /** What makes the registry restart when it changes: everything it reads once, at its start. */
    registryConfig: pulumi.Output<string>;
    redisConfig: pulumi.Output<string>;
    /** Tells this stack's containers from all others on the NAS. */
    ownerLabel: string;
}

export interface RegistryContainers {
    registry: docker.Container;
    redis: docker.Container;
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

/** The registry, and Redis on a network that it shares with the registry alone. */
export function registryContainers(
    name: string,
    args: RegistryContainersArgs,
    options: pulumi.CustomResourceOptions,
): RegistryContainers {
    const { settings, facts, configDirectory } = args;
    const names = pulumi.all([settings.containerName, facts.docker]);
    const hooks = errorHook(`${name}-leftover`, names, (error, known) => explainLeftover(error, ...known));
    const opts = { ...options, hooks };
    const label = { label: "nas-registry.owner", value: args.ownerLabel };
    const containerName = settings.containerName;
    const limits = pulumi.all([settings, facts]).apply(([wanted, found]) => possibleLimits(wanted, found));

    const network = new docker.Network(
        name,
        { name: containerName, driver: "bridge", internal: false, labels: [label] },
        opts,
    );
    const cacheNetwork = new docker.Network(
        `${name}-cache`,
        { name: pulumi.interpolate`${containerName}-cache`, driver: "bridge", internal: true, labels: [label] },
        // After the other: the first request opens the one SSH connection that all further ones share.
        { ...opts, dependsOn: [network] },
    );
    // Pulled before a container that runs is stopped for its replacement.
    const pulled = { ...opts, dependsOn: [network] };
    const image = new docker.RemoteImage(name, { name: settings.image, keepLocally: true }, pulled);
    const redisImage = new docker.RemoteImage(
        `${name}-redis`,
        { name: settings.redisImage, keepLocally: true },
        pulled,
    );

    const redisRuns = facts.apply(runsRedis);
    const redis = new docker.Container(
        `${name}-redis`,
        {
            ...hardened(facts),
            name: pulumi.interpolate`${containerName}-redis`,
            image: redisImage.name,
            // Not the image's entrypoint, which changes to a user of its own.
            entrypoints: ["redis-server"],
            command: ["/etc/redis/redis.conf"],
            start: redisRuns,
            mustRun: redisRuns,
            restart: redisRuns.apply((runs) => (runs ? "always" : "no")),
            networksAdvanced: [{ name: cacheNetwork.name, aliases: [REDIS_ALIAS] }],
            mounts: [
                {
                    type: "bind",
                    source: pulumi.interpolate`${configDirectory}/redis`,
                    target: "/etc/redis",
                    readOnly: true,
                },
            ],
            // In place of the image's volume: nothing of the cache is kept.
            tmpfs: { "/data": "rw,noexec,nosuid,nodev,size=1m" },
            memory: limits.redisMemory,
            // NOAUTH is an answer too, and keeps the password out of the health check.
            healthcheck: healthcheck(["CMD-SHELL", "redis-cli ping | grep -qE 'PONG|NOAUTH'"]),
            destroyGraceSeconds: 10,
            labels: [label, { label: "nas-registry.config", value: fingerprint(args.redisConfig) }],
        },
        containerOptions(opts),
    );
    const registry = new docker.Container(
        name,
        {
            ...hardened(facts),
            name: containerName,
            image: image.name,
            envs: ["OTEL_TRACES_EXPORTER=none"],
            mustRun: true,
            restart: "always",
            ports: [{ internal: REGISTRY_PORT, external: settings.port, ip: "0.0.0.0", protocol: "tcp" }],
            networksAdvanced: [{ name: network.name }, { name: cacheNetwork.name }],
            mounts: [
                { type: "bind", source: facts.dataDirectory, target: DATA_MOUNT },
                {
                    type: "bind",
                    source: pulumi.interpolate`${configDirectory}/registry`,
                    target: CONFIG_MOUNT,
                    readOnly: true,
                },
            ],
            memory: limits.memory,
            cpus: limits.cpus,
            healthcheck: healthcheck([
                "CMD",
                "wget",
                "-q",
                "-O",
                "/dev/null",
                "--no-check-certificate",
                `https://127.0.0.1:${REGISTRY_PORT}/`,
            ]),
            stopTimeout: DRAIN_SECONDS + 10,
            destroyGraceSeconds: DRAIN_SECONDS + 10,
            labels: [label, { label: "nas-registry.config", value: fingerprint(args.registryConfig) }],
        },
        { ...containerOptions(opts), dependsOn: [redis] },
    );
    return { registry, redis };
}

/** What both containers have in common: no right that they do not need, and logs that cannot fill the NAS. */
function hardened(facts: pulumi.Output<NasFacts>) {
    return {
        user: facts.owner,
        readOnly: true,
        capabilities: { drops: ["ALL"] },
        securityOpts: ["no-new-privileges:true"],
        // Said although it is the default, since engines report it under two names.
        networkMode: "bridge",
        // Both options and the driver, or a daemon's own defaults appear as a difference at every up.
        logDriver: "json-file",
        logOpts: { "max-size": "10m", "max-file": "3" },
    };
}

function healthcheck(tests: string[]) {
    // Durations in Go's canonical form, or every up shows a difference.
    return { tests, interval: "30s", timeout: "5s", startPeriod: "10s", retries: 3 };
}

/** What keeps a second `up` quiet and a failed create from passing as done. */
function containerOptions(opts: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions {
    return {
        ...opts,
        deleteBeforeReplace: true,
        // The provider would change these in its state only, or, for memory, fail on some kernels.
        replaceOnChanges: ["healthcheck", "init", "tmpfs", "memory", "#initerror"],
        // The engine fills it in.
        ignoreChanges: ["memorySwap"],
    };
}

interface Limits {
    memory?: number;
    redisMemory?: number;
    cpus?: string;
}

/** The limits that the NAS's kernel can keep; a container with another one would be refused. */
export function possibleLimits(
    wanted: Pick<Settings, "memory" | "redisMemory" | "cpus">,
    found: Pick<NasFacts, "memoryLimit" | "cpuQuota">,
): Limits {
    return {
        ...(found.memoryLimit && { memory: wanted.memory, redisMemory: wanted.redisMemory }),
        ...(found.cpuQuota && { cpus: canonicalCpus(wanted.cpus) }),
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
