import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as path from "node:path";

import type * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { secondsIn } from "../../settings/units";
import { engineTakes } from "../engine";
import { renderDaemonSettings, type DaemonConfigArgs } from "./daemonSettings";
import { type NasFacts, parseLines, rootShell } from "../probe";
import { remoteScript } from "../remoteScript";
import type { ChosenNas } from "../target";
import { vendors } from "../vendors";

/** Time that the daemon has to come back: package starts on a NAS with sleeping disks take minutes. */
const RESTART_TIMEOUT = "10m";

/**
 * Puts settings into the Docker daemon's configuration, and takes out what it added when the resource goes.
 *
 * @param name Unique in the stack: what was added is recorded on the NAS under it, and the resource is named after it.
 */
export function configureDaemon(
    name: string,
    nas: ChosenNas,
    facts: pulumi.Output<NasFacts>,
    args: pulumi.Input<DaemonConfigArgs>,
    opts: pulumi.CustomResourceOptions,
): command.remote.Command {
    const stack = `${pulumi.getProject()}/${pulumi.getStack()}/${name}`;
    const settings = pulumi.output(args);
    return remoteScript(
        `${name}-daemon`,
        {
            target: nas.target,
            shell: rootShell(facts),
            files: nas.vendor.apply((vendor) => [
                "nas/lib.sh",
                `nas/${vendors[vendor].script}`,
                "nas/daemon/daemon.sh",
            ]),
            values: {
                vendor: nas.vendor,
                package: facts.package,
                docker: facts.docker,
                docker_env: facts.dockerEnv,
                daemon_config: facts.daemonConfig,
                settings: settings.apply(renderDaemonSettings),
                id: createHash("sha256").update(stack).digest("hex").slice(0, 12),
                stack: JSON.stringify(stack),
                restart_timeout: settings.apply(({ restartTimeout = RESTART_TIMEOUT }) =>
                    Math.ceil(secondsIn(restartTimeout)),
                ),
                merge_program: readFileSync(path.join(__dirname, "daemon.awk"), "utf8"),
                // Not read by the script: another text is another reason to look.
                reapply: settings.apply(({ reapply }) => reapply ?? ""),
            },
            reverts: true,
            // After DSM's change from the package Docker to Container Manager there is another file.
            replaceOn: [facts.daemonConfig],
        },
        { ...opts, hooks: announceRestart(`${name}-daemon-announce`, opts.parent) },
    );
}

/** What daemon.sh says about the daemon. */
export interface DaemonFacts {
    dataRoot: string;
    restartedAt: string;
}

export function daemonFacts(script: command.remote.Command): pulumi.Output<DaemonFacts> {
    return pulumi.unsecret(script.stdout).apply((stdout) => {
        const fact = parseLines(stdout);
        return { dataRoot: fact("dataRoot"), restartedAt: fact("restartedAt") };
    });
}

/**
 * Says in previews and updates that containers may restart. Whether they do is known on the NAS alone, where the file is;
 * a deletion cannot say it, since `destroy` need not run the program.
 */
function announceRestart(name: string, resource: pulumi.Resource | undefined): pulumi.ResourceHookBinding | undefined {
    if (!engineTakes("registerResourceHook")) {
        return undefined;
    }
    const hook = new pulumi.ResourceHook(
        name,
        () =>
            pulumi.log.warn(
                "the Docker daemon of the NAS restarts, and with it every container on the NAS, unless its configuration means already what is asked for",
                resource,
            ),
        { onDryRun: true },
    );
    return { beforeCreate: [hook], beforeUpdate: [hook] };
}
