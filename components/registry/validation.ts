import { isIP } from "node:net";

import type * as pulumi from "@pulumi/pulumi";

import type { NasRegistryArgs } from "./args";
import { HOST_RULE, isHost, isPem, matches, Problems } from "../settings/checks";
import type { Known } from "../settings/known";
import { checkConnection } from "../nas/checkConnection";
import type { KeylessConnection } from "../nas/connection";
import { checkDaemonSettings } from "../nas/daemon/daemonSettings";
import { DataDirectoryChange, RestartPolicy } from "../nas/policies";
import { reverseProxyProblem } from "../nas/synology/reverseProxy";
import { checkTransportKey } from "../nas/transportKey";
import { NasVendor, vendors } from "../nas/vendors";
import { AuthMode, checkToken, checkUsers } from "./sections/auth";
import { CacheKind, checkExternalRedis } from "./sections/cache";
import { checkContainerLogs } from "./sections/containerLogs";
import { extraConfigProblems } from "./sections/extraConfig";
import {
    checkCertificate,
    checkExternalUrl,
    checkPorts,
    checkStaysEncrypted,
    DEFAULT_METRICS_PORT,
    checkHeaders,
    checkMetrics,
    NetworkMode,
    TlsMode,
    TlsVersion,
} from "./sections/http";
import { checkImages } from "./sections/image";
import { checkTracing, LogFormat, LogLevel } from "./sections/logging";
import { checkManifestValidation } from "./sections/manifests";
import { checkNotifications } from "./sections/notifications";
import { checkStorage } from "./sections/storage";
import { presets, RegistryTier, type Preset } from "./sections/tier";
import { checkUpstream, type UpstreamArgs } from "./sections/upstream";
import { checkShapes } from "../settings/shape";
import { bytesIn, duration, size } from "../settings/units";

/** Arguments of a registry or a mirror, the SSH key left out. */
export interface DeploymentArgs extends Omit<NasRegistryArgs, "connection"> {
    connection: KeylessConnection;
    /** Makes it a mirror. */
    upstream?: pulumi.Input<UpstreamArgs>;
}

/** The arguments without Inputs. */
export type PlainArgs = pulumi.Unwrap<DeploymentArgs>;

/** What is known of the arguments before any Output resolves. */
export type KnownArgs = Known<DeploymentArgs>;

/** Where a registry listens that only the NAS's web server shall reach. */
export const LOOPBACK = "127.0.0.1";

/** The settings that decide which resources there are, before anything resolves. */
const STRUCTURAL = ["tier", "tls", "cache", "networkMode", "registryList", "daemonTrust", "takeOverDataFrom"] as const;

/** Arguments in which a secret can be: kept apart, or everything that is made of the settings would be one, too. */
export const CONFIDENTIAL = [
    "certificate",
    "daemonConfig",
    "externalRedis",
    "extraConfig",
    "httpSecret",
    "notifications",
    "storage",
    "token",
    "upstream",
    "users",
] as const;

const MOST_MEMORY = "1024g";

/**
 * Says what is wrong with the arguments: one sentence for each, with its name, its value and what is allowed.
 *
 * @param known What is known of them; what is not known is not checked.
 * @param given Names of the arguments that are given, known or not.
 * @param name Name of the resource, the default of `containerName`.
 */
export function findProblems(known: KnownArgs, given: ReadonlySet<string>, name: string): string[] {
    const problems = new Problems();
    const wrong = checkShapes(problems, known, given, CONFIDENTIAL);
    const args = Object.fromEntries(Object.entries(known).filter(([property]) => !wrong.has(property))) as KnownArgs;
    const preset = presets[args.tier ?? "production"] as Preset | undefined;
    /** An argument, or what the tier has in its place; nothing when it is given and not known. */
    const effective = <K extends "auth" | "memory">(property: K): Preset[K] | undefined =>
        given.has(property) ? (args[property] as Preset[K] | undefined) : preset?.[property];
    checkNas(problems, args, name);
    checkContainer(problems, args, effective("memory"));
    checkChoices(problems, args, given, effective("auth"));
    checkRegistry(problems, args, given);
    const tls = args.tls ?? preset?.tls;
    if (tls) {
        checkStaysEncrypted(problems, "externalUrl", args.externalUrl, tls);
        checkStaysEncrypted(problems, "token.realm", args.token?.realm, tls);
    }
    checkPorts(problems, knownPorts(args, given), args);
    return problems.sentences;
}

function checkNas(problems: Problems, args: KnownArgs, name: string): void {
    problems.oneOf("vendor", args.vendor, NasVendor);
    checkConnection(problems, args.connection);
    checkTransportKey(problems, args.transportKeyFrom);
    checkDaemonSettings(problems, args.daemonConfig, "daemonConfig.");
    problems.address("hostName", args.hostName, isHost, HOST_RULE);
    for (const each of args.certificateNames ?? []) {
        problems.address("certificateNames", each, isHost, HOST_RULE);
    }
    problems.whole("port", args.port, 1, 65535);
    problems.check("bindAddress", args.bindAddress, (address) => isIP(address) !== 0, "an IP address of the NAS");
    const folderRule = "the name of a shared folder, without slashes";
    problems.check("sharedFolder", args.sharedFolder, matches(/^[^@/.][^/]*$/), folderRule);
    const vendor = args.vendor && args.vendor in vendors ? vendors[args.vendor] : undefined;
    if (vendor) {
        if (vendor.defaultSharedFolder === undefined) {
            const rule = `left out, since ${vendor.label} has no shared folders: dataDirectory says where images are`;
            problems.check("sharedFolder", args.sharedFolder, () => false, rule);
        }
        const pathRule = `an absolute path of a directory inside a shared folder, or another directory, of a data volume of the NAS, for instance ${vendor.dataPathExample}`;
        problems.check("dataDirectory", args.dataDirectory, (path) => isDataPath(path, vendor.dataPath), pathRule);
    }
    problems.oneOf("dataDirectoryChange", args.dataDirectoryChange, DataDirectoryChange);
    const isName = matches(/^[0-9a-f]{8}$/);
    problems.check("lostDataDirectory", args.lostDataDirectory, isName, "the name that the refusal of 'up' gives");
    const isOwner = matches(/^\d{1,10}:\d{1,10}$/);
    problems.check("takeOverDataFrom", args.takeOverDataFrom, isOwner, "uid:gid, two numbers, for instance 0:0");
    checkRunAsUser(problems, args.runAsUser);
    problems.whole("pidsLimit", args.pidsLimit, 64, 4_194_304);
    // Docker's own rule for names.
    const nameRule = "two or more of a-z A-Z 0-9 _ . -, the first a letter or digit";
    problems.check("containerName", args.containerName ?? name, matches(/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/), nameRule);
}

/** What NFS takes for everybody whom it does not know, and what cannot be a user: -1 in 16 and in 32 bits. */
const NOBODYS = [65_534, 65_535];

function checkRunAsUser(problems: Problems, user: number | undefined): void {
    const isRight = (number: number) =>
        Number.isInteger(number) && number > 0 && number < 2 ** 31 - 1 && !NOBODYS.includes(number);
    problems.check("runAsUser", user, isRight, "a whole number from 1 to 2147483646, and not 65534 or 65535");
}

function isDataPath(path: string, allowed: RegExp): boolean {
    const hasDots = path.split("/").some((part) => part === "." || part === "..");
    return allowed.test(path) && !hasDots;
}

function checkContainer(problems: Problems, args: KnownArgs, memory: string | undefined): void {
    checkImages(problems, args.image, args.redisImage);
    for (const label of Object.keys(args.labels ?? {})) {
        const isFree = matches(/^(?!nas-registry\.)[^\s=]+$/);
        problems.check("labels", label, isFree, "a name without spaces that does not begin with 'nas-registry.'");
    }
    problems.oneOf("restart", args.restart, RestartPolicy);
    const { isRight, allowed } = size("64m", MOST_MEMORY);
    problems.check("memory", args.memory, (text) => bytesIn(text) === 0 || isRight(text), `${allowed}, or 0`);
    const reaches = (text: string) => memory === undefined || (memory !== "0" && bytesIn(text) >= bytesIn(memory));
    const isSwap = (text: string) => text === "-1" || (!Number.isNaN(bytesIn(text)) && reaches(text));
    problems.check("memorySwap", args.memorySwap, isSwap, "a size such as 512m or 1g, at least memory, or -1");
    const isCpus = (cpus: number) => cpus === 0 || (cpus >= 0.1 && cpus <= 9.9);
    problems.check("cpus", args.cpus, isCpus, "a number of CPUs from 0.1 to 9.9, or 0");
    problems.rule("redisMemory", args.redisMemory, size("16m", MOST_MEMORY));
    checkContainerLogs(problems, args.logs);
}

/** Settings that only some choice of another one uses, and choices that need them. */
function checkChoices(
    problems: Problems,
    args: KnownArgs,
    given: ReadonlySet<string>,
    auth: AuthMode | undefined,
): void {
    problems.oneOf("tier", args.tier, RegistryTier);
    problems.oneOf("networkMode", args.networkMode, NetworkMode);
    problems.oneOf("tls", args.tls, TlsMode);
    problems.oneOf("auth", args.auth, AuthMode);
    problems.oneOf("cache", args.cache, CacheKind);
    for (const property of STRUCTURAL) {
        if (given.has(property) && args[property] === undefined) {
            problems.add(
                `${property}: an output of a resource is not allowed; it must be known when the program runs.`,
            );
        }
    }
    const needs = (property: string, isChosen: boolean, choice: string) => {
        if (isChosen && !given.has(property)) {
            problems.add(`${property}: it is missing; ${choice} needs it.`);
        }
        if (!isChosen && given.has(property)) {
            problems.add(`${property}: it is used with ${choice} only; set that, or leave ${property} out.`);
        }
    };
    if (args.tls === "reverse-proxy") {
        checkReverseProxy(problems, args);
    } else {
        needs("certificate", args.tls === "given", "tls given");
    }
    if (args.registryList && args.vendor !== undefined && args.vendor !== "synology") {
        problems.add(`registryList: true is not allowed on a ${args.vendor}; it is for Synology only.`);
    }
    needs(
        "externalRedis",
        args.cache === "external" || (!given.has("cache") && given.has("externalRedis")),
        "cache external",
    );
    // What an Output chooses is not known yet.
    if (auth) {
        needs("token", auth === "token", "auth token");
        if (given.has("users") && auth !== "htpasswd") {
            problems.add(
                `users: they are used with auth htpasswd only, and auth is ${auth}; set that, or leave users out.`,
            );
        }
    }
}

function checkReverseProxy(problems: Problems, args: KnownArgs): void {
    if (args.vendor !== undefined && args.vendor !== "synology") {
        problems.add(`tls: "reverse-proxy" is not allowed on a ${args.vendor}; it is for Synology only.`);
    }
    const isLoopback = (address: string) => address === LOOPBACK;
    problems.check("bindAddress", args.bindAddress, isLoopback, `${LOOPBACK} with tls reverse-proxy, or left out`);
    const hostName = args.hostName ?? args.connection?.host;
    const problem = hostName === undefined ? undefined : reverseProxyProblem(hostName);
    if (problem) {
        problems.add(problem);
    }
}

/** The names that the certificate must have; SSH's is one of them where the certificate is made here and costs nothing. */
export function certificateNames(args: {
    tls: TlsMode;
    hostName: string;
    host: string;
    certificateNames?: string[];
}): string[] {
    const further = args.certificateNames ?? [];
    return args.tls === "own-authority" ? [args.hostName, args.host, ...further] : [args.hostName, ...further];
}

/** The same of arguments of which some may not be known; nothing when the names cannot be told. */
function knownNames(args: KnownArgs, given: ReadonlySet<string>): string[] | undefined {
    const hostName = args.hostName ?? (given.has("hostName") ? undefined : args.connection?.host);
    const further = args.certificateNames ?? (given.has("certificateNames") ? undefined : []);
    return hostName === undefined || !further || further.includes(undefined)
        ? undefined
        : [hostName, ...further.flatMap((name) => name ?? [])];
}

function knownPorts(args: KnownArgs, given: ReadonlySet<string>) {
    const vendor = args.vendor && args.vendor in vendors ? vendors[args.vendor] : undefined;
    const { metrics } = args;
    return {
        port: args.port ?? (given.has("port") ? undefined : vendor?.defaultPort),
        metrics: metrics && (metrics.port ?? ("port" in metrics ? undefined : DEFAULT_METRICS_PORT)),
    };
}

function checkRegistry(problems: Problems, args: KnownArgs, given: ReadonlySet<string>): void {
    if (args.users?.length === 0) {
        problems.add("users: [] is not allowed; give at least one user, or set auth to none.");
    }
    checkUsers(problems, args.users);
    checkToken(problems, args.token);
    checkExternalRedis(problems, args.externalRedis);
    checkCertificate(problems, args.certificate, knownNames(args, given));
    checkStorage(problems, args.storage);
    problems.oneOf("minimumTls", args.minimumTls, TlsVersion);
    problems.checkSecret(
        "httpSecret",
        args.httpSecret,
        matches(/^[\x20-\x7e]{32,}$/),
        "at least 32 characters of ASCII",
    );
    problems.rule("drainTimeout", args.drainTimeout, duration("0", "1h"));
    checkHeaders(problems, args.headers);
    checkMetrics(problems, args.metrics);
    checkExternalUrl(problems, args.externalUrl);
    problems.rule("uploadPurging.age", args.uploadPurging?.age, duration("1m", "87600h"));
    problems.rule("uploadPurging.interval", args.uploadPurging?.interval, duration("1m", "87600h"));
    problems.whole("tagConcurrency", args.tagConcurrency, 1, 1000);
    checkNotifications(problems, args.notifications, given.has("logLevel") ? args.logLevel : "info");
    checkManifestValidation(problems, args.validation);
    problems.oneOf("logLevel", args.logLevel, LogLevel);
    problems.oneOf("logFormat", args.logFormat, LogFormat);
    checkTracing(problems, args.tracing);
    problems.check("trustedCertificates", args.trustedCertificates, isPem("CERTIFICATE"), "PEM of certificates");
    checkUpstream(problems, args.upstream);
    extraConfigProblems(args.extraConfig ?? "").forEach((problem) => problems.add(problem));
}
