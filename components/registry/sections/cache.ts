import type * as pulumi from "@pulumi/pulumi";

import { AUTHORITY_RULE, isAuthority, isPem, matches, PRIVATE_KEY, type Problems } from "../../settings/checks";
import type { NasFacts } from "../../nas/facts";
import type { Known } from "../../settings/known";
import { CONFIG_MOUNT } from "./mounts";

/** Where the registry keeps the descriptors (size and media type) of blobs that it has looked up. */
export const CacheKind = {
    /** A Redis container of its own, which survives restarts of the registry and is reachable by nothing else. */
    Redis: "redis",
    /** The registry's own memory. */
    InMemory: "inmemory",
    /** Nowhere: every look-up goes to the storage. */
    None: "none",
    /** A Redis that exists, in `externalRedis`. */
    External: "external",
} as const;
export type CacheKind = (typeof CacheKind)[keyof typeof CacheKind];

/** TLS towards an external Redis. */
export interface RedisTlsArgs {
    /**
     * PEM of the authority that signed Redis' certificate.
     * @default the public authorities that the registry's image knows
     */
    caCertificate?: pulumi.Input<string>;
    /** PEM of the certificate that the registry shows. @default none */
    certificate?: pulumi.Input<string>;
    /** PEM of its private key; a secret. @default none */
    privateKey?: pulumi.Input<string>;
}

/** Redis Sentinel. */
export interface RedisSentinelArgs {
    /** Name under which the sentinels know the master. */
    masterName: pulumi.Input<string>;
    /** User name at the sentinels. @default none */
    username?: pulumi.Input<string>;
    /** Password at the sentinels; a secret. @default none */
    password?: pulumi.Input<string>;
}

/** A Redis that exists. It must evict by `allkeys-lru`, since the registry's keys never expire. */
export interface ExternalRedisArgs {
    /**
     * `host:port` of Redis; of the sentinels when `sentinel` is given; else two and more are nodes of a Redis Cluster
     * (of which one alone would be taken for a plain Redis).
     * @example ["redis.lan:6379"]
     */
    addresses: pulumi.Input<pulumi.Input<string>[]>;
    /** Number of the database; a Redis Cluster has only 0. @default 0 */
    database?: pulumi.Input<number>;
    /** User name of Redis' access control lists. @default none */
    username?: pulumi.Input<string>;
    /** Password; a secret. @default none */
    password?: pulumi.Input<string>;
    /** TLS towards Redis; an empty object trusts public authorities. @default no TLS */
    tls?: pulumi.Input<RedisTlsArgs>;
    /** Finds the master through Redis Sentinel. @default none */
    sentinel?: pulumi.Input<RedisSentinelArgs>;
}

/** The descriptor cache with its secrets. */
export type Cache =
    | { kind: "redis"; password: string; socket: boolean }
    | { kind: "inmemory" | "none" }
    | { kind: "external"; redis: pulumi.Unwrap<ExternalRedisArgs> };

/** Name of the Redis container in the network that it shares with the registry alone. */
export const REDIS_ALIAS = "redis";
/** Directory with Redis' socket in both containers, for a registry in the NAS's own network. */
export const SOCKET_MOUNT = "/run/redis";
export const REDIS_SOCKET = `${SOCKET_MOUNT}/redis.sock`;

/** Files of the configuration directory, by name. */
const REDIS_CA_FILE = "redis-ca.pem";
const REDIS_CERTIFICATE_FILE = "redis-certificate.pem";
const REDIS_KEY_FILE = "redis-private-key.pem";
/** What Alpine's package ca-certificates brings into the image. */
const PUBLIC_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt";

export function checkExternalRedis(problems: Problems, redis: Known<ExternalRedisArgs> = {}): void {
    const { addresses, database, sentinel, tls } = redis;
    if (addresses?.length === 0) {
        problems.add(`externalRedis.addresses: [] is not allowed; it must have at least one ${AUTHORITY_RULE}.`);
    }
    for (const [index, address] of (addresses ?? []).entries()) {
        problems.address(`externalRedis.addresses[${index}]`, address, isAuthority, AUTHORITY_RULE);
    }
    problems.whole("externalRedis.database", database, 0, 1023);
    if (addresses && addresses.length > 1 && !("sentinel" in redis) && database) {
        problems.add(
            `externalRedis.database: ${database} is not allowed with several addresses, which are a Redis Cluster and have only 0; give one address, or sentinel.`,
        );
    }
    problems.check("externalRedis.sentinel.masterName", sentinel?.masterName, matches(/./), "a name");
    problems.checkSecret("externalRedis.tls.caCertificate", tls?.caCertificate, isPem("CERTIFICATE"), "PEM");
    problems.checkSecret("externalRedis.tls.certificate", tls?.certificate, isPem("CERTIFICATE"), "PEM");
    problems.checkSecret("externalRedis.tls.privateKey", tls?.privateKey, isPem(PRIVATE_KEY), "PEM");
    if (tls && "certificate" in tls !== "privateKey" in tls) {
        problems.add("externalRedis.tls: certificate and privateKey go together; give both or neither.");
    }
}

/** The cache that this NAS can have: Redis' allocator aborts on other pages (`<jemalloc>: Unsupported system page size`). */
export function cacheInEffect(wanted: CacheKind, { pageSize }: Pick<NasFacts, "pageSize">): CacheKind {
    return wanted === "redis" && pageSize !== 4096 ? "inmemory" : wanted;
}

/** The sections `storage.cache` and `redis` of config.yml. */
export function renderCache(cache: Cache) {
    switch (cache.kind) {
        case "none":
            return {};
        case "inmemory":
            return { cache: { blobdescriptor: "inmemory" } };
        case "redis":
            return {
                cache: { blobdescriptor: "redis" },
                redis: {
                    // A list: a scalar, or the addr of distribution 2, does not start.
                    addrs: [cache.socket ? REDIS_SOCKET : `${REDIS_ALIAS}:6379`],
                    password: cache.password,
                    ...TIMEOUTS,
                },
            };
        case "external":
            return { cache: { blobdescriptor: "redis" }, redis: renderExternal(cache.redis) };
    }
}

/** Short, since every look-up waits this long, times the retries, for a Redis that is gone. */
const TIMEOUTS = { dialtimeout: "1s", readtimeout: "500ms", writetimeout: "500ms", maxretries: 1 };

function renderExternal({ addresses, database, username, password, tls, sentinel }: pulumi.Unwrap<ExternalRedisArgs>) {
    return {
        addrs: addresses,
        ...(database && { db: database }),
        ...(username && { username }),
        ...(password && { password }),
        ...(sentinel && {
            mastername: sentinel.masterName,
            ...(sentinel.username && { sentinelusername: sentinel.username }),
            ...(sentinel.password && { sentinelpassword: sentinel.password }),
        }),
        ...TIMEOUTS,
        ...(tls && {
            tls: {
                // Naming an authority is what turns TLS on.
                rootcas: [tls.caCertificate ? `${CONFIG_MOUNT}/${REDIS_CA_FILE}` : PUBLIC_AUTHORITIES],
                ...(tls.certificate && {
                    certificate: `${CONFIG_MOUNT}/${REDIS_CERTIFICATE_FILE}`,
                    key: `${CONFIG_MOUNT}/${REDIS_KEY_FILE}`,
                }),
            },
        }),
    };
}

/** The files that {@link renderCache} names. */
export function cacheFiles(cache: Cache): Record<string, string | undefined> {
    const tls = cache.kind === "external" ? cache.redis.tls : undefined;
    return {
        [REDIS_CA_FILE]: tls?.caCertificate,
        [REDIS_CERTIFICATE_FILE]: tls?.certificate,
        [REDIS_KEY_FILE]: tls?.privateKey,
    };
}

/** Share of the Redis container's memory that may hold data; the rest is for buffers and fragmentation. */
const REDIS_DATA_SHARE = 0.75;

/**
 * The text of redis.conf: a cache and nothing else.
 *
 * @param memory Limit of the Redis container, MiB.
 * @param socket Listen on a socket only, and on no network.
 */
export function renderRedisConfig(redis: { memory: number; password: string; socket: boolean }): string {
    return [
        ...(redis.socket
            ? ["port 0", `unixsocket ${REDIS_SOCKET}`, "unixsocketperm 700"]
            : ["bind * -::*", "port 6379"]),
        `requirepass ${redis.password}`,
        `maxmemory ${Math.floor(redis.memory * REDIS_DATA_SHARE)}mb`,
        // The registry's keys have no expiry, so any other policy ends in refused writes.
        "maxmemory-policy allkeys-lru",
        'save ""',
        "appendonly no",
        "",
    ].join("\n");
}
