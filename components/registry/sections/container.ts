import type * as pulumi from "@pulumi/pulumi";

import { DEFAULT_IMAGE, HOLES, isTooOld, OLDEST_VERSION, REGISTRY_TAG } from "./images";
import { bytesIn, filled, mebibytesIn, section } from "./section";

/** Where things are inside the registry's container. */
export const CONFIG_MOUNT = "/etc/distribution";
export const DATA_MOUNT = "/var/lib/registry";
/** What the registry's container runs. */
export const START_FILE = "start.sh";

/** When the engine starts a container again. */
export const RestartPolicy = {
    /** Whenever it ends, and with the NAS. */
    Always: "always",
    /** The same unless somebody stopped it. */
    UnlessStopped: "unless-stopped",
    /** When it failed. */
    OnFailure: "on-failure",
    /** Never. */
    No: "no",
} as const;
export type RestartPolicy = (typeof RestartPolicy)[keyof typeof RestartPolicy];

/** Where the engine keeps what the containers print. */
export interface ContainerLogsArgs {
    /**
     * Log driver of the engine, for instance `json-file`, `local` or `syslog`; `default` leaves it to the engine.
     * @default "json-file", and "default" in the tier `basic` @is like /^[a-z][a-z0-9-]*$/ the name of a log driver
     */
    driver?: pulumi.Input<string>;
    /**
     * Size at which `json-file` and `local` begin a new file.
     * @default "10m" @example "50m" @is like /^[1-9]\d*[kmg]$/ a size such as 10m (k, m or g)
     */
    maxSize?: pulumi.Input<string>;
    /** Files that `json-file` and `local` keep. @default 3 @is whole 1..1000 */
    maxFiles?: pulumi.Input<number>;
    /** Options of another driver. @default none @example { "syslog-address": "udp://192.168.1.2:514" } */
    options?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** The registry's container, and how much of the NAS it may take. */
export interface RegistryContainerArgs {
    /**
     * Name of the registry's container; its network, directories and the containers beside it derive their names from it. So beside a
     * registry `images` of the same NAS, no new one may be `images-redis`, `-operation` or `-trial`.
     * @default the resource's name @example "images"
     * @is like /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/ two or more of a-z A-Z 0-9 _ . -, the first a letter or digit
     */
    containerName?: pulumi.Input<string>;
    /**
     * Labels of the containers, besides this package's own. @default none @example { "com.example.team": "platform" }
     * @names like /^(?!nas-registry\.)[^\s=]+$/ a name without spaces that does not begin with 'nas-registry.'
     */
    labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
    /**
     * Image of the registry, with tag, digest or both, of which the digest decides; releases before 3.1.2 are refused.
     * @default `registry:3.1.2` by its digest @example "registry:3" @is image registry:3.1.2
     */
    image?: pulumi.Input<string>;
    /** When the engine starts the containers again. @default "always" */
    restart?: pulumi.Input<RestartPolicy>;
    /**
     * Memory limit of the registry, such as `512m` or `2g`, at least `64m`; `0` is no limit.
     * @default "1g", and "0" in the tier `basic` @example "512m" @is size 64m..1024g or 0
     */
    memory?: pulumi.Input<string>;
    /**
     * Limit of memory and swap together, not below `memory`; `-1` is no limit. Whether it is given must be known when the
     * program runs. @default twice the memory, which is the engine's @example "1536m"
     */
    memorySwap?: pulumi.Input<string>;
    /**
     * CPU limit of the registry, in CPUs; left out, with a warning, where the kernel has no CPU quota. 0 is no limit.
     * @default 2, and 0 in the tier `basic` @example 1.5 @is cpus
     */
    cpus?: pulumi.Input<number>;
    /**
     * Most processes and threads of the registry; left out, with a warning, where the NAS's kernel cannot limit them.
     * @default 1024 @example 512 @is whole 64..4194304
     */
    pidsLimit?: pulumi.Input<number>;
    /**
     * Where the containers' output is kept.
     * @default the driver json-file with 3 files of 10m, and the engine's default in the tier `basic`
     * @example { maxSize: "50m", maxFiles: 5 }
     */
    logs?: pulumi.Input<ContainerLogsArgs>;
}

const ROTATING = ["json-file", "local"];
const ROTATION = { driver: "json-file", maxSize: "10m", maxFiles: 3 };

export const container = section<RegistryContainerArgs>()({
    preset: ({ tier }, containerName) =>
        tier === "basic"
            ? { containerName, memory: "0", cpus: 0, logs: { driver: "default" } }
            : { containerName, memory: "1g", cpus: 2, logs: ROTATION },
    check: (problems, { image, memory, memorySwap, logs = {} }) => {
        if (image !== undefined && isTooOld(image)) {
            problems.add(
                `image: "${image}" is older than ${OLDEST_VERSION} and open to ${HOLES}; use ${REGISTRY_TAG}, also with a digest.`,
            );
        }
        const least = memory === undefined ? 0 : bytesIn(memory) || Infinity;
        problems.check("memorySwap", memorySwap, {
            isRight: (text) => text === "-1" || bytesIn(text) >= least,
            allowed: "a size such as 512m or 1g, at least memory, or -1",
        });
        const { driver = ROTATION.driver, maxSize, maxFiles, options = {} } = logs;
        if (driver === "default" && "options" in logs) {
            problems.add("logs.options: they go with a driver; name one in logs.driver, or leave options out.");
        }
        for (const [name, option] of Object.entries({ maxSize: "max-size", maxFiles: "max-file" })) {
            if (name in logs && option in options) {
                problems.add(`logs.options: ${option} is what ${name} sets; leave one of the two out.`);
            }
        }
        if (!ROTATING.includes(driver) && (maxSize !== undefined || maxFiles !== undefined)) {
            problems.add(
                `logs.maxSize, logs.maxFiles: the driver "${driver}" has no rotation; leave them out, or set logs.driver to one of ${ROTATING.join(", ")}.`,
            );
        }
    },
    settings: ({ containerName, memory, memorySwap, cpus, logs, ...args }) => {
        const { driver, maxSize, maxFiles } = filled(logs, ROTATION);
        const rotation = ROTATING.includes(driver) && { "max-size": maxSize, "max-file": String(maxFiles) };
        return {
            containerName,
            /** MiB; 0 is no limit. */
            memory: mebibytesIn(memory),
            /** MiB, memory and swap; -1 is no limit, undefined the engine's default. */
            memorySwap: memorySwap === "-1" ? -1 : memorySwap === undefined ? undefined : mebibytesIn(memorySwap),
            /** 0 is no limit. */
            cpus,
            /** Undefined is the engine's default. */
            logs: driver === "default" ? undefined : { driver, options: { ...rotation, ...logs.options } },
            ...filled(args, { labels: {}, image: DEFAULT_IMAGE, restart: RestartPolicy.Always, pidsLimit: 1024 }),
        };
    },
    /** The limit of swap is the user's and not the engine's. */
    structure: ({ memorySwap }) => ({ hasMemorySwap: memorySwap !== undefined }),
});
