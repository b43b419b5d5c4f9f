import type * as pulumi from "@pulumi/pulumi";

import type { SshConnectionArgs } from "./nas/connection";
import type { NasVendor } from "./nas/vendors";

/** Arguments of {@link NasRegistry}. */
export interface NasRegistryArgs {
    /** Make of the NAS: `synology` or `qnap`. */
    vendor: pulumi.Input<NasVendor>;
    /** How the NAS is reached over SSH. */
    connection: pulumi.Input<SshConnectionArgs>;
    /**
     * Name or address by which clients reach the registry; it is in `url` and in the certificate.
     * @default `connection.host`
     * @example "diskstation.local"
     */
    hostName?: pulumi.Input<string>;
    /**
     * Further names and addresses for the certificate, besides `hostName` and `connection.host`.
     * @default none
     * @example ["diskstation", "192.168.1.20"]
     */
    certificateNames?: pulumi.Input<pulumi.Input<string>[]>;
    /**
     * TCP port of the registry on the NAS, 1 to 65535.
     * @default 9160 on Synology (5000 and 5001 are DSM's), 5000 on QNAP
     */
    port?: pulumi.Input<number>;
    /**
     * Shared folder that holds the registry's directories; it must exist.
     * @default "docker" on Synology, "Container" on QNAP
     */
    sharedFolder?: pulumi.Input<string>;
    /**
     * Absolute path of the directory with the images, inside a shared folder. It is made when it does not exist, the
     * containers run as its owner, and nothing here ever deletes it.
     * @default `<containerName>-data` in the shared folder
     * @example "/volume2/docker/registry-data"
     */
    dataDirectory?: pulumi.Input<string>;
    /**
     * Name of the registry's container; networks, directories and the Redis container derive their names from it.
     * @default the resource's name
     */
    containerName?: pulumi.Input<string>;
    /**
     * Name of the user that is generated.
     * @default "admin"
     */
    username?: pulumi.Input<string>;
    /**
     * Image of the registry.
     * @default "registry:3.1.2"
     */
    image?: pulumi.Input<string>;
    /**
     * Image of Redis.
     * @default "redis:7.2-alpine"
     */
    redisImage?: pulumi.Input<string>;
    /**
     * Memory limit of the registry, MiB, at least 64.
     * @default 1024
     */
    memory?: pulumi.Input<number>;
    /**
     * CPU limit of the registry, in CPUs; left out, with a warning, where the NAS's kernel has no CPU quota.
     * @default 2
     */
    cpus?: pulumi.Input<number>;
    /**
     * Memory limit of Redis, MiB, at least 16; three quarters of it may hold data.
     * @default 256
     */
    redisMemory?: pulumi.Input<number>;
}
