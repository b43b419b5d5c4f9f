import * as pulumi from "@pulumi/pulumi";

import { knownOf } from "../settings/known";
import { endpointOf, type Endpoint, type GivenConnection } from "../nas/connection";
import { mebibytesIn, secondsIn } from "../settings/units";
import type { DataDirectoryChange, RestartPolicy } from "../nas/policies";
import { RUN_AS_USER, type ProbeSettings } from "../nas/probe";
import type { TransportKeySettings } from "../nas/transportKey";
import { vendors } from "../nas/vendors";
import type { CacheKind } from "./sections/cache";
import type { OpenSettings } from "./sections/config";
import { containerLogs, type LogRotation } from "./sections/containerLogs";
import { DEFAULT_METRICS_PORT } from "./sections/http";
import { DEFAULT_IMAGE, DEFAULT_REDIS_IMAGE } from "./sections/images";
import { presets } from "./sections/tier";
import {
    certificateNames,
    CONFIDENTIAL,
    findProblems,
    LOOPBACK,
    type DeploymentArgs,
    type KnownArgs,
    type PlainArgs,
} from "./validation";

/** Every setting that is no secret, checked and with its default filled in. */
export interface Settings extends ProbeSettings, OpenSettings, TransportKeySettings {
    endpoint: Endpoint;
    hostName: string;
    /** Names and addresses in the certificate, hostName first. */
    certificateNames: string[];
    dataDirectoryChange: DataDirectoryChange;
    lostDataDirectory: string | undefined;
    /** Most processes and threads of the registry. */
    pidsLimit: number;
    labels: Record<string, string>;
    image: string;
    redisImage: string;
    restart: RestartPolicy;
    /** MiB; 0 is no limit. */
    memory: number;
    /** MiB, memory and swap; nothing is the engine's default. */
    memorySwap: number | undefined;
    /** 0 is no limit. */
    cpus: number;
    /** MiB. */
    redisMemory: number;
    /** Nothing is the engine's default. */
    logs: LogRotation | undefined;
    tracing: PlainArgs["tracing"];
    /** PEM. */
    trustedCertificates: string | undefined;
}

export type Confidential = Pick<PlainArgs, (typeof CONFIDENTIAL)[number]>;

/** What decides which resources there are. */
export interface Structure {
    tls: OpenSettings["tls"];
    cache: CacheKind;
    networkMode: OpenSettings["networkMode"];
    /** The certificate is the user's. */
    hasCertificate: boolean;
    /** Synology's registry list has an entry. */
    registryList: boolean;
    /** The NAS's own daemon pulls from the registry. */
    daemonTrust: boolean;
    /** The NAS's own daemon gets settings. */
    hasDaemonConfig: boolean;
    /** The limit of swap is the user's and not the engine's. */
    hasMemorySwap: boolean;
    /** Owner of a data directory that is given to the registry's user. */
    takeOverDataFrom: string | undefined;
}

export interface AllSettings {
    structure: Structure;
    settings: pulumi.Output<Settings>;
    /** A secret as a whole. */
    confidential: pulumi.Output<Confidential>;
}

/** The arguments, their connection possibly an Output as a whole. */
export type GivenArgs = Omit<DeploymentArgs, "connection"> & { connection: GivenConnection["endpoint"] };

/**
 * The settings of a registry. What is wrong in arguments that are known now is thrown now, before any resource is made; an
 * Output is checked when it resolves.
 *
 * @throws ResourceError with one sentence for each argument that is wrong, all of them together.
 */
export function settingsOf(component: pulumi.Resource, name: string, args: GivenArgs): AllSettings {
    const refuse = (args: object, given: object) => {
        const problems = findProblems(knownOf(args) as KnownArgs, givenNames(given), name);
        if (problems.length > 0) {
            throw new pulumi.ResourceError(problems.join("\n"), component, true);
        }
    };
    refuse(args, args);
    const isConfidential = (key: string) => (CONFIDENTIAL as readonly string[]).includes(key);
    const { open, confidential } = split(args, isConfidential);
    const settings = pulumi.output(open).apply((plain) => {
        refuse(plain, args);
        return withDefaults(name, plain as PlainArgs);
    });
    return {
        structure: structureOf(args),
        settings,
        confidential: pulumi.secret(
            pulumi.all([open, confidential]).apply(([plain, hidden]) => {
                refuse({ ...plain, ...hidden }, { ...plain, ...hidden });
                return hidden;
            }),
        ),
    };
}

function givenNames(args: object): Set<string> {
    return new Set(Object.entries(args).flatMap(([name, value]) => (value === undefined ? [] : [name])));
}

function split(args: object, isConfidential: (key: string) => boolean) {
    const part = (wanted: boolean) =>
        Object.fromEntries(Object.entries(args).filter(([key]) => isConfidential(key) === wanted)) as object;
    return { open: part(false), confidential: part(true) };
}

/** What the structural arguments, which are no Outputs, come to. */
function structureOf(args: GivenArgs): Structure {
    const preset = presets[args.tier ?? "production"];
    return {
        tls: args.tls ?? preset.tls,
        cache: args.cache ?? (args.externalRedis === undefined ? preset.cache : "external"),
        networkMode: args.networkMode ?? "bridge",
        hasCertificate: args.certificate !== undefined,
        registryList: args.registryList ?? false,
        daemonTrust: args.daemonTrust ?? false,
        hasDaemonConfig: args.daemonConfig !== undefined,
        hasMemorySwap: args.memorySwap !== undefined,
        takeOverDataFrom: args.takeOverDataFrom,
    };
}

export function withDefaults(name: string, args: PlainArgs): Settings {
    const vendor = vendors[args.vendor];
    const preset = presets[args.tier ?? "production"];
    const { host } = args.connection;
    const hostName = args.hostName ?? host;
    const tls = args.tls ?? preset.tls;
    return {
        vendor: args.vendor,
        endpoint: endpointOf(args.connection),
        transportKeyFrom: args.transportKeyFrom ?? [],
        transportKeyRotation: args.transportKeyRotation ?? "",
        hostName,
        certificateNames: [...new Set(certificateNames({ ...args, tls, hostName, host }))],
        port: args.port ?? vendor.defaultPort,
        bindAddress: args.bindAddress ?? (tls === "reverse-proxy" ? LOOPBACK : "0.0.0.0"),
        networkMode: args.networkMode ?? "bridge",
        sharedFolder: args.sharedFolder ?? vendor.defaultSharedFolder,
        dataDirectory: args.dataDirectory,
        dataDirectoryChange: args.dataDirectoryChange ?? "refuse",
        lostDataDirectory: args.lostDataDirectory,
        runAsUser: args.runAsUser ?? RUN_AS_USER,
        pidsLimit: args.pidsLimit ?? 1024,
        containerName: args.containerName ?? name,
        labels: args.labels ?? {},
        image: args.image ?? DEFAULT_IMAGE,
        redisImage: args.redisImage ?? DEFAULT_REDIS_IMAGE,
        restart: args.restart ?? "always",
        memory: mebibytesIn(args.memory ?? preset.memory),
        memorySwap: memorySwap(args.memorySwap),
        cpus: args.cpus ?? preset.cpus,
        redisMemory: mebibytesIn(args.redisMemory ?? "256m"),
        logs: containerLogs(args.logs, preset.logs),
        tls,
        minimumTls: args.minimumTls ?? "tls1.2",
        auth: args.auth ?? preset.auth,
        deletes: args.deletes ?? preset.deletes,
        readOnly: args.readOnly ?? false,
        redirect: args.redirect,
        uploadPurging: { enabled: true, age: "168h", interval: "24h", dryRun: false, ...given(args.uploadPurging) },
        tagConcurrency: args.tagConcurrency ?? 8,
        validation: args.validation ?? {},
        externalUrl: args.externalUrl,
        relativeUrls: args.relativeUrls ?? true,
        headers: args.headers ?? { "X-Content-Type-Options": ["nosniff"] },
        drainTimeout: secondsIn(args.drainTimeout ?? "60s"),
        metrics: args.metrics && { port: DEFAULT_METRICS_PORT, path: "/metrics", ...given(args.metrics) },
        logLevel: args.logLevel ?? "info",
        logFormat: args.logFormat ?? "json",
        accessLog: args.accessLog ?? true,
        logFields: args.logFields ?? { service: "registry" },
        tracing: args.tracing,
        trustedCertificates: args.trustedCertificates,
    };
}

function memorySwap(given: string | undefined): number | undefined {
    return given === undefined || given === "-1" ? given && -1 : mebibytesIn(given);
}

/** Without what is there as undefined, which would take the place of a default. */
function given<T extends object>(group: T | undefined): T {
    return Object.fromEntries(Object.entries(group ?? {}).filter(([, value]) => value !== undefined)) as T;
}
