import type * as pulumi from "@pulumi/pulumi";

import { networkOf } from "../../settings/addresses";
import * as is from "../../settings/is";
import type { Section } from "../../settings/section";

/** What can be set in the configuration of the NAS's Docker daemon, and how. */
export interface DaemonConfigArgs {
    /**
     * Registries that the NAS may reach over plain HTTP, or by TLS with a certificate it does not know: `host`, `host:port`
     * or a network. Added to those that are there; `127.0.0.0/8` always is.
     * @default none
     * @example ["diskstation.local:9160", "192.168.1.0/24"]
     */
    insecureRegistries?: pulumi.Input<pulumi.Input<string>[]>;
    /**
     * Mirrors of Docker Hub, asked in this order before Docker Hub itself. They come behind those that the NAS has already,
     * which keep their places.
     * @default none
     * @example ["https://mirror.lan:5000"]
     */
    registryMirrors?: pulumi.Input<pulumi.Input<string>[]>;
    /**
     * Log driver of containers that are created from now on and name none.
     * @default what the NAS has: `db` on Synology, which keeps no files, `json-file` on QNAP
     * @example "json-file"
     */
    logDriver?: pulumi.Input<string>;
    /**
     * Options of the log driver, texts all of them. They take the place of all options that are there.
     * @default what the NAS has
     * @example { "max-size": "10m", "max-file": "3" }
     */
    logOptions?: pulumi.Input<Record<string, pulumi.Input<string>>>;
    /**
     * How long the daemon may take to come back, from `30s` to `1h`. After that the old file is put back, and the daemon
     * restarted with it.
     * @default "10m"
     * @example "15m"
     */
    restartTimeout?: pulumi.Input<string>;
}

export type DaemonSettings = pulumi.Unwrap<DaemonConfigArgs>;

export const daemonSettings = {
    checks: {
        insecureRegistries: {
            isRight: isInsecureRegistry,
            allowed:
                "host, host:port or a network such as 192.168.1.0/24, without http:// in front; the address of a network ends in zeros, and it has at least 8 bits",
        },
        // Engines before 25 refuse to start with a path.
        registryMirrors: {
            ...is.serverUrl,
            allowed: "an http or https URL without path, query, user and password",
        },
        logDriver: is.like(/^[a-z0-9][a-z0-9._/:-]*$/, "the name of a log driver, for instance json-file or local"),
        restartTimeout: is.duration("30s", "1h"),
    },
    check: (problems, { logOptions = {} }) => {
        for (const [name, value] of Object.entries(logOptions)) {
            problems.checkSecret(
                `logOptions.${name}`,
                value,
                () => typeof value === "string",
                'a text; the engine takes numbers as texts, too: "3"',
            );
        }
    },
} satisfies Section<DaemonConfigArgs>;

/** The settings as the daemon's own file has them, JSON; what is not given is not in it. */
export function renderDaemonSettings(settings: DaemonSettings): string {
    const list = (entries: string[] | undefined) => (entries?.length ? [...new Set(entries)] : undefined);
    return JSON.stringify({
        "insecure-registries": list(settings.insecureRegistries),
        "registry-mirrors": list(settings.registryMirrors),
        "log-driver": settings.logDriver,
        "log-opts": settings.logOptions,
    });
}

function isInsecureRegistry(value: string): boolean {
    const [, length] = value.split("/");
    if (length === undefined) {
        return is.authority.isRight(value) || is.host.isRight(value);
    }
    // The engine shows a network in its usual spelling; another could not be found again. 0.0.0.0/0 is every registry in the world.
    return networkOf(value) === value && Number(length) >= 8;
}
