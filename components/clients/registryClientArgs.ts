import type * as pulumi from "@pulumi/pulumi";

import type { SshConnectionArgs } from "../nas/connection";

/** Arguments of {@link RegistryClient}. */
export interface RegistryClientArgs {
    /** How the Docker host is reached over SSH: as root, or as a user whose sudo asks for no password. */
    connection: pulumi.Input<SshConnectionArgs>;
    /**
     * Any text; another one makes the next `up` look at the host again, and put back what is not as it was: an upgrade of Docker
     * may have rewritten a file.
     * @default none
     * @example "2026-12"
     */
    reapply?: pulumi.Input<string>;
    /**
     * The registry as the names of images have it, `host:port`; `registry` of a `NasRegistry`.
     * @example "diskstation.local:9160"
     */
    registry: pulumi.Input<string>;
    /**
     * Certificate of the registry's own authority, PEM; `caCertificate` of a `NasRegistry`. Of several, all are trusted.
     * @default none: the certificate is from a public authority, or `insecure` is set
     */
    caCertificate?: pulumi.Input<string>;
    /**
     * The registry has no TLS: it becomes one of `insecure-registries` in `/etc/docker/daemon.json`, which the engine reads
     * again without restarting a container. A daemon.json with other settings needs jq on the host.
     * @default false
     */
    insecure?: pulumi.Input<boolean>;
    /**
     * Also for containerd (nerdctl, Kubernetes): a hosts.toml below `/etc/containerd/certs.d`.
     * @default false
     */
    containerd?: pulumi.Input<boolean>;
    /**
     * User of the registry as whom the SSH user's `docker` is logged in; with `password`.
     * @default no login
     */
    username?: pulumi.Input<string>;
    /** Password of `username`; always kept as a secret. Docker keeps it in `~/.docker/config.json` or a credential helper. */
    password?: pulumi.Input<string>;
}
