import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as path from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { secondsIn } from "../../settings/units";
import { parseLines } from "../facts";
import { resourceHooks } from "../hooks";
import type { Nas } from "../nas";
import { renderDaemonSettings, type DaemonConfigArgs } from "./daemonSettings";

/** Time that the daemon has to come back: package starts on a NAS with sleeping disks take minutes. */
const RESTART_TIMEOUT = "10m";

/** The Docker daemon of a NAS with settings of ours. */
export type ConfiguredDaemon = ReturnType<typeof configureDaemon>;

/**
 * Puts settings into the Docker daemon's configuration, and takes out what it added when the resource goes.
 *
 * @param name Unique in the stack: what was added is recorded on the NAS under it, and the resource is named after it.
 */
export function configureDaemon(
    name: string,
    nas: Nas,
    args: pulumi.Input<DaemonConfigArgs>,
    opts: pulumi.CustomResourceOptions,
) {
    const stack = `${pulumi.getProject()}/${pulumi.getStack()}/${name}`;
    const settings = pulumi.output(args);
    // Whether containers restart is known on the NAS alone, where the file is. A deletion says nothing, since `destroy` need not
    // run the program.
    const announce = resourceHooks(`${name}-daemon-announce`, () =>
        pulumi.log.warn(
            "the Docker daemon of the NAS restarts, and with it every container on the NAS, unless its configuration means already what is asked for",
            opts.parent,
        ),
    );
    const script = nas.script(
        `${name}-daemon`,
        {
            files: ["nas/daemon/daemon.sh"],
            values: {
                daemon_config: nas.facts.daemonConfig,
                settings: settings.apply(renderDaemonSettings),
                id: createHash("sha256").update(stack).digest("hex").slice(0, 12),
                stack: JSON.stringify(stack),
                restart_timeout: settings.apply(({ restartTimeout = RESTART_TIMEOUT }) =>
                    Math.ceil(secondsIn(restartTimeout)),
                ),
                merge_program: readFileSync(path.join(__dirname, "daemon.awk"), "utf8"),
            },
            // After DSM's change from the package Docker to Container Manager there is another file.
            replaceOn: [nas.facts.daemonConfig],
        },
        { ...opts, hooks: { beforeCreate: announce, beforeUpdate: announce } },
    );
    const fact = pulumi.unsecret(script.stdout).apply((stdout) => {
        const said = parseLines(stdout);
        return { dataRoot: said("dataRoot"), restartedAt: said("restartedAt") };
    });
    return { script, dataRoot: fact.dataRoot, restartedAt: fact.restartedAt };
}
