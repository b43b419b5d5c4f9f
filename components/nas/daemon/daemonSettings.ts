import type * as pulumi from "@pulumi/pulumi";

import { networkOf } from "../../settings/addresses";
import { isAuthority, isHost, isWebUrl, matches, type Problems } from "../../settings/checks";
import type { Known } from "../../settings/known";
import { duration } from "../../settings/units";

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
     */
    restartTimeout?: pulumi.Input<string>;
}

export type DaemonSettings = pulumi.Unwrap<DaemonConfigArgs>;

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

/** @param group Name of the argument that holds these, with a dot at the end. */
export function checkDaemonSettings(problems: Problems, args: Known<DaemonConfigArgs> = {}, group = ""): void {
    for (const each of args.insecureRegistries ?? []) {
        const rule =
            "host, host:port or a network such as 192.168.1.0/24, without http:// in front; the address of a network ends in zeros, and it has at least 8 bits";
        problems.check(`${group}insecureRegistries`, each, isInsecureRegistry, rule);
    }
    for (const each of args.registryMirrors ?? []) {
        // Engines before 25 refuse to start with a path.
        const isMirror = (value: string) => isWebUrl(value) && /^https?:\/\/[^/?#]+\/?$/.test(value);
        problems.check(
            `${group}registryMirrors`,
            each,
            isMirror,
            "an http or https URL without path, query, user and password",
        );
    }
    const driverRule = "the name of a log driver, for instance json-file or local";
    problems.check(`${group}logDriver`, args.logDriver, matches(/^[a-z0-9][a-z0-9._/:-]*$/), driverRule);
    for (const [name, value] of Object.entries(args.logOptions ?? {})) {
        const isText = () => typeof value === "string";
        problems.checkSecret(
            `${group}logOptions.${name}`,
            value,
            isText,
            'a text; the engine takes numbers as texts, too: "3"',
        );
    }
    problems.rule(`${group}restartTimeout`, args.restartTimeout, duration("30s", "1h"));
}

function isInsecureRegistry(value: string): boolean {
    const [, length] = value.split("/");
    if (length === undefined) {
        return isAuthority(value) || isHost(value);
    }
    // The engine shows a network in its usual spelling; another could not be found again. 0.0.0.0/0 is every registry in the world.
    return networkOf(value) === value && Number(length) >= 8;
}
