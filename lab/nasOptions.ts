import type { EngineGeneration } from "./engines";
import { vendors, type Vendor } from "./vendors";

/**
 * What DSM's web API does with a change: as told, nothing though it says success, or an error code (105 no permission,
 * 119 no session, 4154 description taken); 105 and 119 also come when it is only asked.
 */
export type WebApi = "works" | "no-effect" | 105 | 119 | 4154;

/** A non-root administrator: uid 1026, gid 100, member of the group administrators. */
export interface Administrator {
    readonly user: string;
    /** What sudo says to this user: nothing allowed, allowed without a password, or a password is asked for. */
    readonly sudo: "none" | "nopasswd" | "password";
    /** Whether Docker's socket admits the group administrators. @default false on Synology, true on QNAP, as delivered */
    readonly dockerSocket?: boolean;
}

/** One simulated NAS. Everything but the vendor has a default. */
export interface NasOptions {
    readonly vendor: Vendor;
    /** Names the NAS within its lab. @default the vendor */
    readonly name?: string;
    /** Loopback address it is reached at. @default a free one of 127.0.x, x by the checkout */
    readonly address?: string;
    /** Names under which containers on the lab's network find it. @default diskstation, diskstation.local or qnap, qnap.local */
    readonly hostNames?: readonly string[];
    /** DSM version (Synology only): package Docker up to 7.1, ContainerManager from 7.2. @default "7.2" */
    readonly dsm?: "6.2" | "7.1" | "7.2";
    /** The generation of its Docker Engine. @default "28.5"; "28.5-containerd" on Linux, as new installations have it */
    readonly engine?: EngineGeneration;
    /** Volume of the data: "volume2"; "CACHEDEV3_DATA", "ZFS530_DATA". @default "volume1" or "CACHEDEV1_DATA" */
    readonly volume?: string;
    /** Who logs in. @default root, whose name is admin on QNAP */
    readonly login?: Administrator;
    /** Whether the kernel has a CPU quota; without, the engine refuses NanoCpus as Synology's does. @default true */
    readonly cpuQuota?: boolean;
    /** Keys added to the daemon's file, or put in place of the vendor's. */
    readonly daemon?: Readonly<Record<string, unknown>>;
    /** Name of a container (busybox:lab, restart always) that runs before anybody comes. @default none */
    readonly foreignContainer?: string;
    /** Container Manager, Docker or Container Station. @default "started" */
    readonly package?: "started" | "stopped" | "absent";
    /** What a start of Container Manager makes of dockerd.json: sorts it, or writes the delivered one. @default "sorts" */
    readonly packageStart?: "sorts" | "resets";
    /**
     * Where the engine looks for certs.d (Synology only): in the package's own etc and nowhere else, or in /etc/docker.
     * @default "package"
     */
    readonly certificates?: "package" | "etc";
    /** Whether the shared folder `docker` or `Container` exists. @default true */
    readonly sharedFolder?: boolean;
    /**
     * Who may write to that folder by the NAS's own lists, as Synology spells it: "alice", "@everyone". The folder's mode
     * admits everybody whatever the lists say. @default ["@administrators"]
     */
    readonly shareWriters?: readonly string[];
    /** TCP ports of the NAS on which something else listens. */
    readonly foreignPorts?: readonly number[];
    /** How DSM's web API behaves (Synology only). @default "works" */
    readonly webApi?: WebApi;
    /** sshd's MaxStartups, such as "10:50:100". @default sshd's own default */
    readonly maxStartups?: string;
    /** Public key that may log in. @default the lab's own key */
    readonly authorizedKey?: string;
}

/** NasOptions with the defaults filled in. */
export interface Nature {
    readonly vendor: Vendor;
    readonly name: string;
    readonly address: string;
    readonly hostNames: readonly string[];
    readonly dsm: "6.2" | "7.1" | "7.2";
    readonly engine: EngineGeneration;
    readonly volume: string;
    readonly login: Required<Administrator>;
    readonly cpuQuota: boolean;
    readonly daemon: Readonly<Record<string, unknown>>;
    readonly foreignContainer: string;
    readonly package: "started" | "stopped" | "absent";
    readonly packageStart: "sorts" | "resets";
    readonly certificates: "package" | "etc";
    readonly sharedFolder: boolean;
    readonly shareWriters: readonly string[];
    readonly foreignPorts: readonly number[];
    readonly webApi: WebApi;
    readonly maxStartups: string;
    readonly authorizedKey: string;
}

export function superuser(vendor: Vendor): string {
    return vendors[vendor].superuser;
}

/** Uid and gid of the person on every NAS who is no administrator: what the vendor gives to a second user. */
export function mallory(vendor: Vendor): string {
    return vendors[vendor].mallory;
}

/** Fills in the defaults. */
export function nature(options: NasOptions, address: string, authorizedKey: string): Nature {
    const vendor = vendors[options.vendor];
    return {
        vendor: options.vendor,
        name: options.name ?? options.vendor,
        address,
        hostNames: options.hostNames ?? vendor.hostNames,
        dsm: options.dsm ?? "7.2",
        engine: options.engine ?? vendor.engine,
        volume: options.volume ?? vendor.volume,
        login: { user: vendor.superuser, sudo: "password", dockerSocket: vendor.dockerSocket, ...options.login },
        cpuQuota: options.cpuQuota ?? true,
        daemon: options.daemon ?? {},
        foreignContainer: options.foreignContainer ?? "",
        package: options.package ?? "started",
        packageStart: options.packageStart ?? "sorts",
        certificates: options.certificates ?? "package",
        sharedFolder: options.sharedFolder ?? true,
        shareWriters: options.shareWriters ?? ["@administrators"],
        foreignPorts: options.foreignPorts ?? [],
        webApi: options.webApi ?? "works",
        maxStartups: options.maxStartups ?? "",
        authorizedKey: options.authorizedKey ?? authorizedKey,
    };
}
