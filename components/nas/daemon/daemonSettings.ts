import type * as pulumi from "@pulumi/pulumi";

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
