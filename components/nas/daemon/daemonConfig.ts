import { readFileSync } from "node:fs";
import { BlockList, isIP } from "node:net";
import * as path from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { secondsIn } from "../../settings/units";
import { lineOf } from "../facts";
import { resourceHooks } from "../hooks";
import type { Nas } from "../nas";
import { shortHash } from "../script";

/** What can be set in the configuration of the NAS's Docker daemon, and how. */
export interface DaemonConfigArgs {
    /**
     * Registries that the NAS may reach over plain HTTP, or by TLS with a certificate it does not know: `host`, `host:port`
     * or a network. Added to those that are there; `127.0.0.0/8` always is.
     * @default none @example ["diskstation.local:9160", "192.168.1.0/24"] @is insecureRegistry
     */
    insecureRegistries?: pulumi.Input<pulumi.Input<string>[]>;
    /**
     * Mirrors of Docker Hub, asked in this order before Docker Hub itself. They come behind those that the NAS has already,
     * which keep their places. @default none @example ["https://mirror.lan:5000"] @is mirrorUrl
     */
    registryMirrors?: pulumi.Input<pulumi.Input<string>[]>;
    /**
     * Log driver of containers that are created from now on and name none.
     * @default what the NAS has: `db` on Synology, which keeps no files, `json-file` on QNAP @example "json-file"
     * @is like /^[a-z0-9][a-z0-9._/:-]*$/ the name of a log driver, for instance json-file or local
     */
    logDriver?: pulumi.Input<string>;
    /**
     * Options of the log driver, texts all of them. They take the place of all options that are there.
     * @default what the NAS has @example { "max-size": "10m", "max-file": "3" } @is optionText
     */
    logOptions?: pulumi.Input<Record<string, pulumi.Input<string>>>;
    /**
     * How long the daemon may take to come back, from `30s` to `1h`. After that the old file is put back, and the daemon
     * restarted with it. @default "10m" @example "15m" @is duration 30s..1h
     */
    restartTimeout?: pulumi.Input<string>;
}

/** The settings as the daemon's own file has them, JSON; what is not given is not in it. */
export function renderDaemonSettings(settings: pulumi.Unwrap<DaemonConfigArgs>): string {
    const list = (entries: string[] | undefined) => (entries?.length ? [...new Set(entries)] : undefined);
    return JSON.stringify({
        "insecure-registries": list(settings.insecureRegistries),
        "registry-mirrors": list(settings.registryMirrors),
        "log-driver": settings.logDriver,
        "log-opts": settings.logOptions,
    });
}

/**
 * Mirrors whose certificates the engine does not check: those that are insecure registries, too, and loopback addresses. From 28
 * on it does not check Docker Hub's either then (moby's daemon/hosts.go).
 */
export function insecureMirrors({
    registryMirrors,
    insecureRegistries = [],
}: pulumi.Unwrap<DaemonConfigArgs>): string[] {
    const networks = new BlockList();
    for (const each of [...insecureRegistries, "127.0.0.0/8", "::1/128"]) {
        const [network = "", bits] = each.split("/");
        if (bits !== undefined) {
            networks.addSubnet(network, Number(bits), familyOf(network));
        }
    }
    return (registryMirrors ?? []).filter((url) => {
        const { hostname } = new URL(url);
        const address = hostname.replace(/^\[|\]$/g, "");
        return (
            insecureRegistries.includes(url.replace(/^https?:\/\//, "")) ||
            hostname === "localhost" ||
            (isIP(address) !== 0 && networks.check(address, familyOf(address)))
        );
    });
}

const familyOf = (address: string) => (address.includes(":") ? "ipv6" : "ipv4");

/** The Docker daemon of a NAS with settings of ours. */
export type ConfiguredDaemon = ReturnType<typeof configureDaemon>;

/**
 * Puts settings into the Docker daemon's configuration, and takes out what it added when the resource goes. What was added is
 * recorded on the NAS under the name, which is unique in the stack, and the resource is named after it.
 */
export function configureDaemon(
    name: string,
    nas: Nas,
    args: pulumi.Input<DaemonConfigArgs>,
    opts: pulumi.CustomResourceOptions,
) {
    const stack = `${pulumi.getProject()}/${pulumi.getStack()}/${name}`;
    const settings = pulumi.output(args);
    settings.apply((all) => {
        for (const mirror of insecureMirrors(all)) {
            void pulumi.log.warn(
                `registryMirrors: Docker takes any certificate from ${mirror}, an insecure registry or a loopback address, and from engine 28 on any from Docker Hub, too: leave it out of insecureRegistries, or give its address in the network.`,
                opts.parent,
            );
        }
    });
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
                id: shortHash(stack),
                stack: JSON.stringify(stack),
                // Package starts on a NAS with sleeping disks take minutes.
                restart_timeout: settings.apply(({ restartTimeout = "10m" }) => Math.ceil(secondsIn(restartTimeout))),
                merge_program: readFileSync(path.join(__dirname, "daemon.awk"), "utf8"),
            },
            // After DSM's change from the package Docker to Container Manager there is another file.
            replaceOn: [nas.facts.daemonConfig],
        },
        { ...opts, hooks: { beforeCreate: announce, beforeUpdate: announce } },
    );
    const said = (name: string) => pulumi.unsecret(script.stdout).apply((stdout) => lineOf(stdout, name));
    return { script, dataRoot: said("dataRoot"), restartedAt: said("restartedAt") };
}
