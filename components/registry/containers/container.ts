import { createHash } from "node:crypto";

import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import type { NasFacts } from "../../nas/facts";
import type { RegistryContents } from "../contents";
import type { Deployment } from "../deployment";
import type { Settings } from "../settings";

/** What both containers are made of. */
export interface ContainerArgs {
    deployment: Deployment;
    contents: RegistryContents;
    limits: pulumi.Output<Limits>;
    /** Of the registry and Redis alone, without a way out; undefined where they share a socket, or there is no Redis. */
    cacheNetwork: docker.Network | undefined;
}

/** What both containers have in common: no right that they do not need, and logs that cannot fill the NAS. */
export function hardened({ settings, nas }: Deployment, networkMode: string) {
    return {
        user: nas.facts.owner,
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

/** In place of a volume of the image's, which would be an anonymous one. */
export const SCRATCH = "rw,noexec,nosuid,nodev,size=1m";

/** The SDK's types do not say that an undefined Output leaves a property out. */
export function leftOutWhenUndefined<T>(output: pulumi.Output<T | undefined>): pulumi.Output<T> {
    return output as pulumi.Output<T>;
}

/** A directory below the control directory, read-only unless it has a socket in it. */
export function controlMount({ nas }: Deployment, directory: string, target: string, readOnly?: true) {
    return { type: "bind", source: pulumi.interpolate`${nas.facts.controlDirectory}/${directory}`, target, readOnly };
}

export function healthcheck(tests: pulumi.Input<string[]>) {
    // Durations in Go's canonical form, or every up shows a difference.
    return { tests, interval: "30s", timeout: "5s", startPeriod: "10s", retries: 3 };
}

/** What keeps a second `up` quiet and a failed create from passing as done. */
export function containerOptions(
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

/** By which a later probe knows what is this component's. */
export function ownLabels({ ownerLabel, name }: Deployment) {
    return [
        { label: "nas-registry.owner", value: ownerLabel },
        { label: "nas-registry.component", value: name },
    ];
}

/** The user's labels, ours, and what the container has read at its start: when that changes, so does the container. */
export function containerLabels(deployment: Deployment, read: pulumi.Output<string>) {
    const labels = pulumi.all([deployment.settings, read]).apply(([{ labels, logs }, text]) => [
        ...Object.entries(labels).map(([label, value]) => ({ label, value })),
        ...ownLabels(deployment),
        // With the logs, since the provider takes a driver that is left out for the one that was there.
        {
            label: "nas-registry.config",
            value: createHash("sha256")
                .update(text + JSON.stringify(logs))
                .digest("hex"),
        },
    ]);
    // The hash is no secret although the text is: that holds keys of 256 random bits.
    return pulumi.unsecret(labels);
}

/** Limits of the containers as the Docker provider takes them; one that is left out is no limit. */
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
