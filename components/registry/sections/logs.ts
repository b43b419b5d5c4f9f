import type * as pulumi from "@pulumi/pulumi";

import * as is from "../../settings/is";
import { filled } from "../../settings/section";
import { section } from "./section";

/** Where the engine keeps what the containers print. */
export interface ContainerLogsArgs {
    /**
     * Log driver of the engine, for instance `json-file`, `local` or `syslog`; `default` leaves it to the engine.
     * @default "json-file", and "default" in the tier `basic`
     */
    driver?: pulumi.Input<string>;
    /**
     * Size at which `json-file` and `local` begin a new file.
     * @default "10m"
     * @example "50m"
     */
    maxSize?: pulumi.Input<string>;
    /** Files that `json-file` and `local` keep. @default 3 */
    maxFiles?: pulumi.Input<number>;
    /**
     * Options of another driver.
     * @default none
     * @example { "syslog-address": "udp://192.168.1.2:514" }
     */
    options?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** What the containers print. */
export interface LogsArgs {
    /**
     * Where the containers' output is kept.
     * @default the driver json-file with 3 files of 10m, and the engine's default in the tier `basic`
     * @example { maxSize: "50m", maxFiles: 5 }
     */
    logs?: pulumi.Input<ContainerLogsArgs>;
}

const ROTATING = ["json-file", "local"];
const ROTATION = { driver: "json-file", maxSize: "10m", maxFiles: 3 };

export const logs = section<LogsArgs>()({
    preset: ({ tier }) => ({ logs: tier === "basic" ? { driver: "default" } : ROTATION }),
    checks: {
        logs: {
            driver: is.like(/^[a-z][a-z0-9-]*$/, "the name of a log driver"),
            maxSize: is.like(/^[1-9]\d*[kmg]$/, "a size such as 10m (k, m or g)"),
            maxFiles: is.whole(1, 1000),
        },
    },
    check: (problems, { logs: { driver = ROTATION.driver, maxSize, maxFiles } = {} }) => {
        if (!ROTATING.includes(driver) && (maxSize !== undefined || maxFiles !== undefined)) {
            problems.add(
                `logs.maxSize, logs.maxFiles: the driver "${driver}" has no rotation; leave them out, or set logs.driver to one of ${ROTATING.join(", ")}.`,
            );
        }
    },
    settings: ({ logs }) => {
        const { driver, maxSize, maxFiles } = filled(logs, ROTATION);
        const rotation = ROTATING.includes(driver) && { "max-size": maxSize, "max-file": String(maxFiles) };
        /** Undefined is the engine's default. */
        return { logs: driver === "default" ? undefined : { driver, options: { ...rotation, ...logs.options } } };
    },
});
