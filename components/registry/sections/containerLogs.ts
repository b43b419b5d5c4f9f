import type * as pulumi from "@pulumi/pulumi";

import { matches, type Problems } from "../../settings/checks";
import type { Known } from "../../settings/known";

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
    /**
     * Files that `json-file` and `local` keep.
     * @default 3
     */
    maxFiles?: pulumi.Input<number>;
    /**
     * Options of another driver.
     * @default none
     * @example { "syslog-address": "udp://192.168.1.2:514" }
     */
    options?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

type PlainLogs = pulumi.Unwrap<ContainerLogsArgs>;

/** A log driver with all of its options. */
export interface LogRotation {
    driver: string;
    options: Record<string, string>;
}

const ROTATING = ["json-file", "local"];

export function checkContainerLogs(problems: Problems, logs: Known<ContainerLogsArgs> | undefined): void {
    problems.check("logs.driver", logs?.driver, matches(/^[a-z][a-z0-9-]*$/), "the name of a log driver");
    problems.check("logs.maxSize", logs?.maxSize, matches(/^[1-9]\d*[kmg]$/), "a size such as 10m (k, m or g)");
    problems.whole("logs.maxFiles", logs?.maxFiles, 1, 1000);
    const rotates = logs?.driver === undefined || ROTATING.includes(logs.driver);
    if (!rotates && (logs.maxSize !== undefined || logs.maxFiles !== undefined)) {
        problems.add(
            `logs.maxSize, logs.maxFiles: the driver "${logs.driver}" has no rotation; leave them out, or set logs.driver to one of ${ROTATING.join(", ")}.`,
        );
    }
}

/** Nothing for the engine's default. */
export function containerLogs(logs: PlainLogs | undefined, preset: LogRotation | undefined): LogRotation | undefined {
    if (logs === undefined) {
        return preset;
    }
    const { driver = "json-file", maxSize = "10m", maxFiles = 3, options } = logs;
    if (driver === "default") {
        return undefined;
    }
    const rotation = ROTATING.includes(driver) && { "max-size": maxSize, "max-file": String(maxFiles) };
    return { driver, options: { ...rotation, ...options } };
}
