import { generateKeyPairSync } from "node:crypto";

import type { PlainArgs } from "../../components/registry/sections";
import { findProblems, idleArguments } from "../../components/registry/settings";
import { readSchema } from "../../components/settings/schema";
import { argumentsFile } from "../../toolchain/argumentsSchema";
import { certificatePem, hostKey, privateKeyPem, required } from "./arguments";

/** One value of an argument, and what else must be given with it. */
export interface Setting {
    value: unknown;
    /** Words for which the same goes; they are tried alone. */
    also?: string[];
    needs?: Partial<Record<keyof PlainArgs, unknown>>;
}

const s3 = { bucket: "images", regionEndpoint: "https://s3.lan:9000", accessKey: "nas", secretKey: "s3cret" };
const jwk = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" });
const jwks = JSON.stringify({ keys: [{ ...jwk, kid: "first" }] });
const token = { realm: "https://auth.lan/token", service: "registry", issuer: "auth.lan", jwks };
const certificate = { certificate: certificatePem, privateKey: privateKeyPem };
const reverseProxy = { tls: "reverse-proxy", hostName: "diskstation.local" };

/**
 * Every argument with the values that differ in what goes with them; a name without a value stands for any of them. One that is
 * missing here fails the test.
 */
export const settings: Record<string, Setting> = {
    "vendor synology": { value: "synology" },
    "vendor qnap": { value: "qnap" },
    "vendor linux": { value: "linux" },
    connection: { value: { host: "diskstation.local", hostKey } },
    reapply: { value: "again" },
    transportKeyFrom: { value: ["192.168.1.0/24"] },
    transportKeyRotation: { value: "2026-12" },
    "hostName name": { value: "diskstation.local" },
    "hostName address": { value: "192.168.1.20", needs: { hostName: "192.168.1.20" } },
    "port high": { value: 9170 },
    "port 443": { value: 443 },
    "bindAddress 192.168.1.20": { value: "192.168.1.20" },
    "bindAddress 127.0.0.1": { value: "127.0.0.1" },
    "networkMode bridge": { value: "bridge" },
    "networkMode host": { value: "host" },
    metrics: { value: { address: "192.168.1.20" } },
    "metrics of port 9170": { value: { address: "192.168.1.20", port: 9170 } },
    "tls own-authority": { value: "own-authority" },
    "tls given": { value: "given", needs: { certificate } },
    "tls reverse-proxy": { value: "reverse-proxy", needs: reverseProxy },
    "tls none": { value: "none" },
    certificate: { value: certificate, needs: { tls: "given" } },
    certificateNames: { value: ["diskstation.local"] },
    minimumTls: { value: "tls1.3", also: ["tls1.2"] },
    trustedCertificates: { value: certificatePem },
    sharedFolder: { value: "images" },
    dataDirectory: { value: "/volume1/docker/images" },
    lostDataDirectory: { value: "3f2a9c01" },
    takeOverDataFrom: { value: "0:0" },
    dataDirectoryChange: { value: "move", also: ["refuse", "leave"] },
    runAsUser: { value: 91601 },
    containerName: { value: "images" },
    labels: { value: { "com.example.team": "platform" } },
    image: { value: "registry:3" },
    "restart always": { value: "always", also: ["unless-stopped"] },
    "restart on-failure": { value: "on-failure" },
    "restart no": { value: "no" },
    "memory 512m": { value: "512m" },
    "memory 0": { value: "0" },
    "memorySwap 1536m": { value: "1536m" },
    "memorySwap -1": { value: "-1" },
    cpus: { value: 1.5 },
    pidsLimit: { value: 512 },
    logs: { value: { maxSize: "50m", maxFiles: 5 } },
    "auth htpasswd": { value: "htpasswd" },
    "auth token": { value: "token", needs: { token } },
    "auth none": { value: "none" },
    users: { value: [{ name: "anna" }], needs: { auth: "htpasswd" } },
    "storage s3": { value: { s3 } },
    "storage at localhost": {
        value: { s3: { ...s3, regionEndpoint: "http://localhost:9000" } },
        needs: { networkMode: "host" },
    },
    drainTimeout: { value: "5m" },
    headers: { value: { "Access-Control-Allow-Origin": ["https://ui.example.com"] } },
    "logLevel warn": { value: "warn", also: ["error"] },
    "logLevel info": { value: "info", also: ["debug"] },
    logFormat: { value: "text", also: ["json", "logstash"] },
    accessLog: { value: false },
    logFields: { value: { site: "berlin" } },
    tracing: { value: { endpoint: "http://collector.lan:4318" } },
    "tracing at 127.0.0.1": { value: { endpoint: "http://127.0.0.1:4318" }, needs: { networkMode: "host" } },
    "tier basic": { value: "basic" },
    "tier intermediate": { value: "intermediate" },
    "tier production": { value: "production" },
    "cache redis": { value: "redis" },
    "cache inmemory": { value: "inmemory" },
    "cache none": { value: "none" },
    "cache external": { value: "external", needs: { externalRedis: { addresses: ["redis.lan:6379"] } } },
    externalRedis: { value: { addresses: ["redis.lan:6379"] }, needs: { cache: "external" } },
    "externalRedis at localhost": {
        value: { addresses: ["localhost:6379"] },
        needs: { cache: "external", networkMode: "host" },
    },
    redisImage: { value: "redis:8-alpine", needs: { cache: "redis" } },
    redisMemory: { value: "512m", needs: { cache: "redis" } },
    token: { value: token, needs: { auth: "token" } },
    "token at http": { value: { ...token, realm: "http://auth.lan/token" }, needs: { auth: "token", tls: "none" } },
    httpSecret: { value: "0".repeat(64) },
    externalUrl: { value: "https://registry.example.com" },
    "externalUrl at http": { value: "http://registry.example.com", needs: { tls: "none" } },
    "relativeUrls true": { value: true },
    "relativeUrls false": { value: false },
    "redirect true": { value: true, needs: { storage: { s3 } } },
    "redirect false": { value: false, needs: { storage: { s3 } } },
    "deletes true": { value: true },
    "deletes false": { value: false },
    readOnly: { value: true },
    uploadPurging: { value: { age: "24h" } },
    tagConcurrency: { value: 4, needs: { deletes: true } },
    notifications: { value: { endpoints: [{ name: "ci", url: "https://ci.lan/hook" }] } },
    "notifications with a header": {
        value: { endpoints: [{ name: "ci", url: "https://ci.lan/hook", headers: { Authorization: ["s3cret"] } }] },
        needs: { logLevel: "warn" },
    },
    "notifications at localhost": {
        value: { endpoints: [{ name: "ci", url: "http://[::1]/hook" }] },
        needs: { networkMode: "host" },
    },
    validation: { value: { indexPlatforms: "none" } },
    registryList: { value: true },
    daemonTrust: { value: true },
    daemonConfig: { value: { registryMirrors: ["https://mirror.lan:5000"] } },
    operations: {
        value: {
            garbageCollection: { schedule: "30 3 * * sun", deleteUntagged: true },
            notifications: { nas: false, webhooks: [{ kind: "ntfy", url: "https://ntfy.lan/nas", token: "s3cret" }] },
        },
    },
    "operations with a backup": { value: { backup: { directory: "/volumeUSB1/usbshare/backup" } } },
    "operations with retention": { value: { retention: { rules: [{ keepNewest: 3 }] } } },
    "operations with replication": { value: { replication: { target: { registry: "nas-b.lan:9160" } } } },
    "operations with a replica at localhost": {
        value: { replication: { target: { registry: "localhost:9999" } } },
        needs: { networkMode: "host" },
    },
    "operations of verification": { value: { verification: { hours: "22-4", rate: "20m", everyDays: 7 } } },
    "operations with snapshots": { value: { snapshots: { keep: 8 } } },
    extraConfig: { value: "catalog: {maxentries: 2000}" },
    "extraConfig of TLS": {
        value: "http: {tls: {ciphersuites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]}}",
        needs: { tls: "own-authority" },
    },
    "extraConfig of Redis": { value: "redis: {poolsize: 64}", needs: { cache: "redis" } },
    "upstream of Docker Hub": { value: { url: "https://index.docker.io/" } },
    "upstream elsewhere": { value: { url: "https://ghcr.io", username: "anna", password: "s3cret" } },
    "upstream at localhost": { value: { url: "http://127.0.0.2:5000" }, needs: { networkMode: "host" } },
    daemonMirror: { value: true },
};

export type Pair = [a: string, b: string, saying?: string];

/**
 * Pairs that cannot work: refused, in a sentence that has the names of both arguments, or, where a part of one is at fault, this
 * text. What is not listed works, and is built.
 */
export const refused: Pair[] = [
    ["vendor qnap", "tls reverse-proxy", "is not allowed on a qnap"],
    ["vendor linux", "tls reverse-proxy", "is not allowed on a linux"],
    ["vendor qnap", "registryList", "is not allowed on a qnap"],
    ["vendor linux", "registryList", "is not allowed on a linux"],
    ["vendor linux", "sharedFolder", "since Linux with Docker Engine has no shared folders"],
    // A path of another vendor's.
    ["vendor qnap", "dataDirectory", "/share/Container/registry-data"],
    ["vendor linux", "dataDirectory", "/srv/registry-data"],
    ["hostName address", "tls given", "certificate.certificate: it is not for '192.168.1.20'"],
    ["hostName address", "certificate", "certificate.certificate: it is not for '192.168.1.20'"],
    ["hostName address", "tls reverse-proxy", "behind DSM's reverse proxy"],
    ["bindAddress 127.0.0.1", "registryList"],
    ["bindAddress 127.0.0.1", "daemonTrust"],
    ["bindAddress 127.0.0.1", "daemonMirror"],
    ["port high", "metrics of port 9170"],
    ["port 443", "networkMode host"],
    ["port 443", "tls reverse-proxy"],
    ["bindAddress 192.168.1.20", "tls reverse-proxy"],
    ["networkMode bridge", "storage at localhost"],
    ["networkMode bridge", "tracing at 127.0.0.1"],
    ["networkMode bridge", "externalRedis at localhost"],
    ["networkMode bridge", "notifications at localhost"],
    ["networkMode bridge", "upstream at localhost"],
    ["tls own-authority", "certificate"],
    ["tls own-authority", "token at http"],
    ["tls own-authority", "externalUrl at http"],
    ["tls given", "token at http"],
    ["tls given", "externalUrl at http"],
    ["tier basic", "minimumTls", "minimumTls: it is used with tls own-authority and given only, and tls is none"],
    ["tls reverse-proxy", "minimumTls"],
    ["tls reverse-proxy", "token at http"],
    ["tls reverse-proxy", "externalUrl at http"],
    ["tls reverse-proxy", "extraConfig of TLS"],
    ["tls none", "certificate"],
    ["tls none", "minimumTls"],
    ["tls none", "extraConfig of TLS"],
    ["operations with a backup", "storage"],
    ["operations with snapshots", "storage"],
    ["dataDirectory", "storage"],
    ["lostDataDirectory", "storage"],
    ["takeOverDataFrom", "storage"],
    ["dataDirectoryChange", "storage"],
    ["restart no", "daemonConfig"],
    ["restart on-failure", "daemonConfig"],
    ["restart no", "daemonMirror"],
    ["restart on-failure", "daemonMirror"],
    ["memory 0", "memorySwap 1536m"],
    ["tier basic", "memorySwap 1536m", 'memorySwap: "1536m" is not allowed'],
    ["auth htpasswd", "token"],
    ["auth htpasswd", "daemonMirror"],
    ["auth token", "users"],
    ["auth none", "users"],
    ["auth none", "token"],
    ["users", "token"],
    ["users", "daemonMirror", "daemonMirror: true is not allowed with auth htpasswd"],
    ["logLevel info", "notifications with a header"],
    ["cache external", "operations"],
    ["externalRedis", "operations", "operations: they are not allowed with cache external"],
    ["externalRedis at localhost", "operations", "operations: they are not allowed with cache external"],
    ["deletes false", "operations with retention"],
    ["tier basic", "operations with retention", "operations.retention: it is not allowed with deletes false"],
    ["auth token", "operations with retention"],
    ["storage", "operations with retention"],
    ["auth token", "operations with replication"],
    ["auth token", "operations with a replica at localhost"],
    ["networkMode bridge", "operations with a replica at localhost"],
    ["storage", "operations of verification"],
    ["storage at localhost", "operations of verification"],
    ["cache redis", "externalRedis"],
    ["cache inmemory", "externalRedis"],
    ["cache none", "externalRedis"],
    ["cache inmemory", "extraConfig of Redis"],
    ["cache none", "extraConfig of Redis"],
    ["storage at localhost", "redirect true"],
    ["upstream elsewhere", "daemonMirror"],
    ["upstream at localhost", "daemonMirror"],
];

/** Pairs of which the first does nothing: a warning says so at every update, naming both. */
export const meaningless: Pair[] = [
    ["certificateNames", "tls none"],
    ["certificateNames", "tier basic", "it does nothing with tls none"],
    ["redisImage", "cache inmemory"],
    ["redisImage", "cache none"],
    ["redisImage", "cache external"],
    ["redisMemory", "cache inmemory"],
    ["redisMemory", "cache none"],
    ["redisMemory", "cache external"],
    ["relativeUrls true", "externalUrl"],
    ["tagConcurrency", "deletes false"],
    ["deletes true", "readOnly"],
];

export type Kind = "NasRegistry" | "NasMirror";
type Args = Record<string, unknown>;

export const { properties = {} } = readSchema(argumentsFile).definitions?.DeploymentArgs ?? {};
export const nameOf = (label: string) => label.split(" ")[0] ?? "";
export const settingOf = (label: string): Setting => settings[label] ?? { value: undefined };

/** As NasMirror completes its arguments. */
const bases: Record<Kind, Args> = {
    NasRegistry: { ...required },
    NasMirror: { ...required, auth: "none", cache: "none", deletes: true, upstream: {} },
};

/** Settings that a component has; a mirror has no token server. */
export const labelsOf = (kind: Kind) =>
    Object.keys(settings).filter(
        (label) =>
            (properties[nameOf(label)]?.only ?? kind) === kind && !(kind === "NasMirror" && label === "auth token"),
    );

/** The arguments that have these settings, and what goes with them. */
export const argsOf = (kind: Kind, ...labels: string[]): Args =>
    Object.assign(
        { ...bases[kind] },
        ...labels.map((label) => settingOf(label).needs),
        ...labels.map((label) => ({ [nameOf(label)]: settingOf(label).value })),
    ) as Args;

/** What is said of arguments before anything is contacted. */
export const saidOf = (args: Args) => ({
    problems: findProblems(args, "registry"),
    warnings: idleArguments("registry", args as never),
});
type Said = ReturnType<typeof saidOf>;
const isRight = ({ problems, warnings }: Said) => problems.length + warnings.length === 0;

/** Every two settings of different arguments; of a mirror's those that a registry does not have, since the others are the same. */
const listPairs = (kind: Kind) =>
    labelsOf(kind).flatMap((a, index, labels) =>
        labels
            .slice(index + 1)
            .filter((b) => nameOf(a) !== nameOf(b))
            .filter((b) => kind === "NasRegistry" || [a, b].some((each) => properties[nameOf(each)]?.only === kind))
            .map((b) => ({ a, b, ...saidOf(argsOf(kind, a, b)) })),
    );
const known = new Map<Kind, ReturnType<typeof listPairs>>();
export const pairsOf = (kind: Kind) => known.get(kind) ?? known.set(kind, listPairs(kind)).get(kind) ?? [];

/** Settings that go together, in groups in which every pair is that goes together; as few as a simple search finds. */
export function groupsOf(kind: Kind): string[][] {
    const labels = labelsOf(kind);
    const open = new Map(labels.map((label) => [label, new Set<string>()]));
    for (const { a, b } of pairsOf(kind).filter(isRight)) {
        open.get(a)?.add(b);
        open.get(b)?.add(a);
    }
    const opened = (group: string[], label: string) => group.filter((each) => open.get(label)?.has(each)).length;
    const groups: string[][] = [];
    for (let first; (first = labels.find((label) => open.get(label)?.size));) {
        const group = [first];
        // Those first that go with most of it and have not yet been with it.
        for (const label of [...labels].sort((a, b) => opened(group, b) - opened(group, a))) {
            const isNew = !group.some((each) => nameOf(each) === nameOf(label));
            if (isNew && opened(group, label) > 0 && isRight(saidOf(argsOf(kind, ...group, label)))) {
                group.push(label);
            }
        }
        group.forEach((a) => group.forEach((b) => open.get(a)?.delete(b)));
        groups.push(group);
    }
    return groups;
}
