import type * as pulumi from "@pulumi/pulumi";

import type { SshConnectionArgs } from "../nas/connection";
import type { DaemonConfigArgs } from "../nas/daemon/daemonSettings";
import type { DataDirectoryChange, RestartPolicy } from "../nas/policies";
import type { NasVendor } from "../nas/vendors";
import type { AuthMode, TokenAuthArgs, UserArgs } from "./sections/auth";
import type { CacheKind, ExternalRedisArgs } from "./sections/cache";
import type { UploadPurgingArgs } from "./sections/config";
import type { ContainerLogsArgs } from "./sections/containerLogs";
import type { CertificateArgs, MetricsArgs, NetworkMode, TlsMode, TlsVersion } from "./sections/http";
import type { LogFormat, LogLevel, TracingArgs } from "./sections/logging";
import type { ManifestValidationArgs } from "./sections/manifests";
import type { NotificationsArgs } from "./sections/notifications";
import type { StorageArgs } from "./sections/storage";
import type { RegistryTier } from "./sections/tier";
import type { UpstreamArgs } from "./sections/upstream";

/** What a registry and a mirror have in common. */
export interface CommonArgs {
    /** Make of the NAS: `synology` or `qnap`. */
    vendor: pulumi.Input<NasVendor>;
    /** How the NAS is reached over SSH. */
    connection: pulumi.Input<SshConnectionArgs>;
    /**
     * Any text; another one makes the next `up` look at the NAS again, and put back what is not as it was: an upgrade of the
     * firmware or of Docker's package may have rewritten a file.
     * @default none
     * @example "after DSM 7.3"
     */
    reapply?: pulumi.Input<string>;
    /**
     * Addresses from which the NAS lets in the key that reaches its Docker Engine: IP addresses, networks, and host names, with
     * `*` and `?` as wildcards, as `from=` of its `authorized_keys` takes them. All that run `up` must be among them. Host
     * names count only where the NAS's SSH server looks them up (`UseDNS`). Of no use with a docker provider of your own.
     * @default any address
     * @example ["192.168.1.0/24", "fd00::20"]
     */
    transportKeyFrom?: pulumi.Input<pulumi.Input<string>[]>;
    /**
     * Any text; another one makes another key for the Docker Engine: it is let in, then the old one no more.
     * @default ""
     * @example "2026-12"
     */
    transportKeyRotation?: pulumi.Input<string>;
    /**
     * Name or address by which clients reach the registry; it is in `url` and in the certificate.
     * @default `connection.host`
     * @example "diskstation.local"
     */
    hostName?: pulumi.Input<string>;
    /**
     * Further names and addresses for the certificate, besides `hostName` and, when the registry shows a certificate of
     * its own authority, `connection.host`.
     * @default none
     * @example ["diskstation", "192.168.1.20"]
     */
    certificateNames?: pulumi.Input<pulumi.Input<string>[]>;
    /**
     * TCP port of the registry on the NAS, 1 to 65535; from 1024 with `networkMode: host`.
     * @default 9160 on Synology (5000 and 5001 are DSM's), 5000 on QNAP; for a mirror 9161 and 5002
     */
    port?: pulumi.Input<number>;
    /**
     * Address of the NAS on which the port is open.
     * @default "0.0.0.0", all of them; "127.0.0.1" with `tls: reverse-proxy`
     * @example "192.168.1.20"
     */
    bindAddress?: pulumi.Input<string>;
    /**
     * Network of the registry's container. It decides which resources there are, so it must be known when the program runs.
     * @default "bridge"
     */
    networkMode?: NetworkMode;
    /**
     * Shared folder that holds the images; it must exist. The configuration is on the same volume, outside of it.
     * @default "docker" on Synology, "Container" on QNAP
     */
    sharedFolder?: pulumi.Input<string>;
    /**
     * Absolute path of the directory with the images, inside a shared folder or in another directory of a data volume. It is
     * made when it does not exist, belongs to `runAsUser` alone, and nothing here ever deletes it. It bears a mark: a folder
     * that is not mounted, or another one in its place, is refused before anything is changed.
     * @default `<containerName>-data` in the shared folder
     * @example "/volume2/docker/registry-data"
     */
    dataDirectory?: pulumi.Input<string>;
    /**
     * Name of a data directory that is not coming back, as the refusal of its absence gives it. What is in its place then is
     * used, or a new, empty one is made; it stands for that one directory only, so it may stay.
     * @default none
     * @example "3f2a9c01"
     */
    lostDataDirectory?: pulumi.Input<string>;
    /**
     * Owner, as `uid:gid`, of a data directory that exists already and is to be given to `runAsUser`, with all that is in it.
     * One of another owner is refused, since its files may be somebody else's. Needs root on the NAS. It decides which
     * resources there are, so it must be known when the program runs.
     * @default none
     * @example "0:0"
     */
    takeOverDataFrom?: string;
    /**
     * Number of the user and of the group that the containers run as and that the images belong to: never 0, nor that of a
     * person. Where the SSH user has no root it is that user's own.
     * @default 91600, which no NAS gives to anybody
     */
    runAsUser?: pulumi.Input<number>;
    /**
     * Most processes and threads of the registry, at least 64; left out, with a warning, where the NAS's kernel cannot limit
     * them.
     * @default 1024
     */
    pidsLimit?: pulumi.Input<number>;
    /**
     * What happens to the images when `dataDirectory` becomes another one.
     * @default "refuse"
     */
    dataDirectoryChange?: pulumi.Input<DataDirectoryChange>;
    /**
     * Name of the registry's container; networks, directories and the Redis container derive their names from it.
     * @default the resource's name
     */
    containerName?: pulumi.Input<string>;
    /**
     * Labels of the containers, besides those that this package needs.
     * @default none
     * @example { "com.example.team": "platform" }
     */
    labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
    /**
     * Image of the registry, with tag, digest or both, of which the digest decides; releases before 3.1.2 are refused.
     * @default `registry:3.1.2` by its digest
     * @example "registry:3.1.2@sha256:…"
     */
    image?: pulumi.Input<string>;
    /**
     * When the engine starts the containers again.
     * @default "always"
     */
    restart?: pulumi.Input<RestartPolicy>;
    /**
     * Memory limit of the registry, such as `512m` or `2g`, at least `64m`; `0` is no limit.
     * @default "1g", and "0" in the tier `basic`
     */
    memory?: pulumi.Input<string>;
    /**
     * Limit of memory and swap together, not below `memory`; `-1` is no limit. Whether it is given must be known when the
     * program runs.
     * @default twice the memory, which is the engine's
     * @example "1536m"
     */
    memorySwap?: pulumi.Input<string>;
    /**
     * CPU limit of the registry, in CPUs from 0.1 to 9.9; left out, with a warning, where the NAS's kernel has no CPU
     * quota. 0 is no limit.
     * @default 2, and 0 in the tier `basic`
     */
    cpus?: pulumi.Input<number>;
    /**
     * Where the containers' output is kept.
     * @default the driver json-file with 3 files of 10m, and the engine's default in the tier `basic`
     */
    logs?: pulumi.Input<ContainerLogsArgs>;
    /**
     * Where the certificate comes from. It decides which resources there are, so it must be known when the program runs.
     * @default "own-authority", and "none" in the tier `basic`
     */
    tls?: TlsMode;
    /**
     * Certificate for `tls: given` and, if you have one, for `tls: reverse-proxy`. Whether it is given must be known when
     * the program runs.
     * @default none
     */
    certificate?: pulumi.Input<CertificateArgs>;
    /**
     * Lowest version of TLS.
     * @default "tls1.2"
     */
    minimumTls?: pulumi.Input<TlsVersion>;
    /**
     * How clients prove who they are.
     * @default "htpasswd", and "none" in the tier `basic` and for a mirror
     */
    auth?: pulumi.Input<AuthMode>;
    /**
     * The users, for `auth: htpasswd`. A changed, added or removed user restarts nothing.
     * @default one user, admin, with a generated password
     */
    users?: pulumi.Input<pulumi.Input<UserArgs>[]>;
    /**
     * Where images are kept when not in `dataDirectory`.
     * @default the NAS's disks
     */
    storage?: pulumi.Input<StorageArgs>;
    /**
     * PEM of further authorities that the registry trusts: of an object storage, an upstream registry, a token server or an
     * endpoint of notifications.
     * @default the public ones that the image knows
     */
    trustedCertificates?: pulumi.Input<string>;
    /**
     * Time that running uploads and downloads have to end when the registry is stopped, at most `1h`; `0` cuts them off.
     * @default "60s"
     */
    drainTimeout?: pulumi.Input<string>;
    /**
     * Headers of every answer of the registry's interface, for instance for a user interface on another host.
     * @default { "X-Content-Type-Options": ["nosniff"] }
     * @example { "Access-Control-Allow-Origin": ["https://ui.example.com"] }
     */
    headers?: pulumi.Input<Record<string, pulumi.Input<pulumi.Input<string>[]>>>;
    /**
     * Serves Prometheus metrics.
     * @default none
     */
    metrics?: pulumi.Input<MetricsArgs>;
    /**
     * What the registry logs.
     * @default "info"
     */
    logLevel?: pulumi.Input<LogLevel>;
    /**
     * Form of the registry's log.
     * @default "json"
     */
    logFormat?: pulumi.Input<LogFormat>;
    /**
     * Logs every request in the form of web servers, too.
     * @default true
     */
    accessLog?: pulumi.Input<boolean>;
    /**
     * Fields of every line of the log.
     * @default { service: "registry" }
     */
    logFields?: pulumi.Input<Record<string, pulumi.Input<string>>>;
    /**
     * Sends OpenTelemetry traces.
     * @default none
     */
    tracing?: pulumi.Input<TracingArgs>;
}

/** Arguments of {@link NasRegistry}. */
export interface NasRegistryArgs extends CommonArgs {
    /**
     * Preset of users, TLS, cache, deletes, limits and logs, each of which can be given on its own. It decides which
     * resources there are, so it must be known when the program runs.
     * @default "production"
     */
    tier?: RegistryTier;
    /**
     * Where the descriptors of blobs are cached. It decides which resources there are, so it must be known when the program
     * runs.
     * @default "redis" in the tier `production`, "external" with `externalRedis`, else "inmemory"
     */
    cache?: CacheKind;
    /**
     * A Redis that exists, for `cache: external`.
     * @default none
     */
    externalRedis?: pulumi.Input<ExternalRedisArgs>;
    /**
     * Image of the cache: Valkey, or Redis 7 or newer.
     * @default `valkey/valkey:9.1.2-alpine` by its digest
     * @example "redis:8-alpine"
     */
    redisImage?: pulumi.Input<string>;
    /**
     * Memory limit of Redis, at least `16m`; three quarters of it may hold data.
     * @default "256m"
     */
    redisMemory?: pulumi.Input<string>;
    /**
     * Token server, for `auth: token`.
     * @default none
     */
    token?: pulumi.Input<TokenAuthArgs>;
    /**
     * Secret that signs the state of uploads, at least 32 characters; the same for all registries that share a storage.
     * @default 64 hexadecimal digits, generated once
     */
    httpSecret?: pulumi.Input<string>;
    /**
     * Lets clients delete tags, manifests and blobs.
     * @default true, and false in the tier `basic`
     */
    deletes?: pulumi.Input<boolean>;
    /**
     * Refuses every push and delete; pulls go on.
     * @default false
     */
    readOnly?: pulumi.Input<boolean>;
    /**
     * Sends clients to the object storage for blobs, whose address they must reach and trust. The NAS's disks never do.
     * @default true, and false with `storage.s3.regionEndpoint`
     */
    redirect?: pulumi.Input<boolean>;
    /**
     * When uploads that nobody ended are removed.
     * @default looks every 24h for those older than 168h
     */
    uploadPurging?: pulumi.Input<UploadPurgingArgs>;
    /**
     * Tags that are looked at at once when an image is deleted.
     * @default 8
     */
    tagConcurrency?: pulumi.Input<number>;
    /**
     * Who is told of pushes, pulls and deletes.
     * @default nobody
     */
    notifications?: pulumi.Input<NotificationsArgs>;
    /**
     * What is demanded of manifests.
     * @default every image that an index names must be there
     */
    validation?: pulumi.Input<ManifestValidationArgs>;
    /**
     * URL by which clients reach a proxy in front of the registry; it is in the registry's answers.
     * @default none
     * @example "https://registry.example.com"
     */
    externalUrl?: pulumi.Input<string>;
    /**
     * Names no host in its answers, so that a proxy in front may be called anything.
     * @default true
     */
    relativeUrls?: pulumi.Input<boolean>;
    /**
     * Enters the registry in the list that DSM's Container Manager or Docker searches (Synology only). Its password is
     * entered there by hand, once: DSM takes it on a command line only. Which registry is in use there stays as it is.
     * It decides which resources there are, so it must be known when the program runs.
     * @default false
     */
    registryList?: boolean;
    /**
     * Lets the NAS's own Docker daemon pull from the registry: its authority's certificate goes into the daemon's certs.d,
     * which restarts nothing, and `up` fails unless a pull on the NAS reaches the registry. Without TLS the registry goes
     * into the daemon's insecure registries, and **the daemon restarts, and with it every container on the NAS**. Needs
     * root on the NAS. It decides which resources there are, so it must be known when the program runs.
     * @default false
     */
    daemonTrust?: boolean;
    /**
     * Settings of the NAS's own Docker daemon. Where they are new to it, **the daemon restarts, and with it every container
     * on the NAS**. Needs root on the NAS. Whether it is given must be known when the program runs.
     * @default none, and the daemon stays as it is
     * @example { registryMirrors: ["https://mirror.lan:5000"] }
     */
    daemonConfig?: pulumi.Input<DaemonConfigArgs>;
    /**
     * YAML that is merged last into the registry's config.yml, for what has no setting of its own: mappings are joined,
     * values and lists replaced, null takes a key away. Keys that distribution 3 does not know are refused, and those that an
     * argument sets, so that it cannot switch off TLS or users, listen elsewhere, or keep the images in another place.
     * @default none
     * @example "catalog: {maxentries: 2000}"
     */
    extraConfig?: pulumi.Input<string>;
}

/** Arguments of {@link NasMirror}. */
export interface NasMirrorArgs extends CommonArgs {
    /**
     * The registry that it keeps copies of.
     * @default Docker Hub, without a user
     */
    upstream?: pulumi.Input<UpstreamArgs>;
    /**
     * Makes the NAS's own Docker daemon pull through the mirror: puts it into `registry-mirrors`, and into
     * `insecure-registries` since the daemon does not know the mirror's authority. **The daemon restarts, and with it every
     * container on the NAS**; let the mirror depend on what else the program has on that NAS (`dependsOn`). For a mirror of
     * Docker Hub only: Docker asks mirrors for nothing else. It must be known when the program runs.
     * @default false
     */
    daemonMirror?: boolean;
}
