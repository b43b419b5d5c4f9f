import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import type { NasFacts } from "../../nas/facts";
import { sha256 } from "../../nas/script";
import type { Deployment } from "../deployment";
import type { Settings } from "../settings";

/** In place of a volume of the image's, which would be an anonymous one. */
export const SCRATCH = "rw,noexec,nosuid,nodev,size=1m";

interface OwnArgs extends Omit<docker.ContainerArgs, "healthcheck" | "labels"> {
    networkMode: string;
    /** Command that says whether it is healthy. */
    healthTest: pulumi.Input<string[]>;
    /** What it reads at its start: when that changes, so does the container. */
    reads: pulumi.Output<string>;
    /** What policies and people are told of it, as labels. */
    tells?: pulumi.Input<Record<string, string>>;
}

/** A container with no right that it does not need, and logs that cannot fill the NAS. */
export function container(
    name: string,
    deployment: Deployment,
    { healthTest, reads, tells = {}, ...own }: OwnArgs,
    opts: pulumi.CustomResourceOptions,
): docker.Container {
    const { settings, nas } = deployment;
    // With the logs, since the provider takes a driver that is left out for the one that was there.
    const config = pulumi.all([reads, settings.logs]).apply(([text, logs]) => sha256(text + JSON.stringify(logs)));
    const labels = pulumi.all([settings.labels, tells]).apply(([given, told]) => [
        ...Object.entries(given).map(([label, value]) => ({ label, value })),
        ...ownLabels(deployment),
        ...Object.entries(told).map(([name, value]) => ({ label: `nas-registry.${name}`, value })),
        // The hash is no secret although the text is: that holds keys of 256 random bits. The first preview does not know it.
        { label: "nas-registry.config", value: pulumi.unsecret(config) },
    ]);
    return new docker.Container(
        name,
        {
            user: nas.facts.owner,
            readOnly: true,
            capabilities: { drops: ["ALL"] },
            securityOpts: ["no-new-privileges=true"],
            restart: settings.restart,
            // All options and the driver, or a daemon's own defaults appear as a difference at every up.
            logDriver: leftOutWhenUndefined(settings.apply(({ logs }) => logs?.driver)),
            logOpts: leftOutWhenUndefined(settings.apply(({ logs }) => logs?.options)),
            // Durations in Go's canonical form, or every up shows a difference.
            healthcheck: { tests: healthTest, interval: "30s", timeout: "5s", startPeriod: "10s", retries: 3 },
            labels,
            // With the network mode, although it may be the default: engines report that under two names.
            ...own,
        },
        {
            ...opts,
            deleteBeforeReplace: true,
            // The provider would change these in its state only, or, for memory, fail on some kernels.
            replaceOnChanges: ["healthcheck", "init", "tmpfs", "memory", "memorySwap", "#initerror"],
            // The engine fills it in.
            ignoreChanges: own.memorySwap === undefined ? ["memorySwap"] : [],
        },
    );
}

/** The SDK's types do not say that an undefined Output leaves a property out. */
export function leftOutWhenUndefined<T>(output: pulumi.Output<T | undefined>): pulumi.Output<T> {
    return output as pulumi.Output<T>;
}

/** By which a later probe knows what is this component's. */
export function ownLabels({ ownerLabel, name }: Pick<Deployment, "ownerLabel" | "name">) {
    return [
        { label: "nas-registry.owner", value: ownerLabel },
        { label: "nas-registry.component", value: name },
    ];
}

/** A directory below the control directory. */
export function controlMount({ nas }: Deployment, directory: string, target: string, readOnly = true) {
    const source = pulumi.interpolate`${nas.facts.controlDirectory}/${directory}`;
    return { type: "bind", source, target, ...(readOnly && { readOnly }) };
}

export function limitsOf({ settings, nas }: Deployment) {
    return pulumi.all([settings, nas.facts]).apply(([wanted, found]) => possibleLimits(wanted, found));
}

/** Redis has one thread for requests. */
const REDIS_CPUS = 1;

/** The limits that the NAS's kernel can keep, as the Docker provider takes them; with another one it refuses a container. */
export function possibleLimits(
    { memory, memorySwap, redisMemory, cpus }: Pick<Settings, "memory" | "memorySwap" | "redisMemory" | "cpus">,
    found: Pick<NasFacts, "memoryLimit" | "swapLimit" | "cpuQuota">,
) {
    return {
        ...(found.memoryLimit && { redisMemory, ...(memory > 0 && { memory }) }),
        // No limit is what an engine reports whose kernel cannot limit swap.
        ...(memorySwap !== undefined && { memorySwap: found.swapLimit ? memorySwap : -1 }),
        ...(found.cpuQuota && { redisCpus: canonicalCpus(REDIS_CPUS), ...(cpus > 0 && { cpus: canonicalCpus(cpus) }) }),
    };
}

/** What a container that a script runs for a while may take, as options of `docker run` that the NAS's kernel can keep. */
export function runLimits({ memoryLimit, pidsLimit }: Pick<NasFacts, "memoryLimit" | "pidsLimit">): string {
    return [memoryLimit && "--memory 512m", pidsLimit && "--pids-limit 256"].filter(Boolean).join(" ");
}

/** The spelling in which the provider reads `cpus` back: "2.0", "1.5". */
export function canonicalCpus(cpus: number): string {
    const rounded = Math.round(cpus * 10) / 10;
    return Number.isInteger(rounded) ? `${rounded}.0` : String(rounded);
}
