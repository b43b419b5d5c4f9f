import type * as pulumi from "@pulumi/pulumi";

import type { NasFacts } from "../../nas/facts";
import { DEFAULT_REDIS_IMAGE } from "./images";
import { CONFIG_MOUNT } from "./container";
import { checkNeeds, checkReaches, is, mebibytesIn, type Networked, section } from "./section";

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
    /** PEM of the authority of Redis' certificate. @default the public ones that the image knows @is secret certificates */
    caCertificate?: pulumi.Input<string>;
    /** PEM of the certificate that the registry shows. @default none @is secret certificates */
    certificate?: pulumi.Input<string>;
    /** PEM of its private key; a secret. @default none @is secret privateKey */
    privateKey?: pulumi.Input<string>;
}

/** Redis Sentinel. */
export interface RedisSentinelArgs {
    /** Name under which the sentinels know the master. @is name */
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
     * (of which one alone would be taken for a plain Redis). @example ["redis.lan:6379"] @is authority
     */
    addresses: pulumi.Input<pulumi.Input<string>[]>;
    /** Number of the database; a Redis Cluster has only 0. @default 0 @is whole 0..1023 */
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

/** The cache of descriptors. */
export interface CacheArgs {
    /**
     * Where the descriptors of blobs are cached. It must be known when the program runs.
     * @default "redis" in the tier `production`, "external" with `externalRedis`, else "inmemory"
     */
    cache?: CacheKind;
    /**
     * A Redis that exists, for `cache: external`.
     * @default none @example { addresses: ["redis.lan:6379"], password: "secret" }
     * @example { addresses: ["sentinel.lan:26379"], sentinel: { masterName: "main" } }
     */
    externalRedis?: pulumi.Input<ExternalRedisArgs>;
    /**
     * Image of the cache: Valkey, or Redis 7 or newer. @default `valkey/valkey:9.1.2-alpine` by its digest
     * @example "redis:8-alpine" @is image valkey/valkey:9.1.2-alpine
     */
    redisImage?: pulumi.Input<string>;
    /** Memory limit of Redis; three quarters may hold data. @default "256m" @example "512m" @is size 16m..1024g */
    redisMemory?: pulumi.Input<string>;
}

/** The descriptor cache with its secrets. */
export type Cache =
    | { kind: "redis"; password: string }
    | { kind: "inmemory" | "none" }
    | { kind: "external"; redis: pulumi.Unwrap<ExternalRedisArgs> };

/** Directory with Redis' socket, in both containers. */
export const SOCKET_MOUNT = "/run/redis";
export const REDIS_SOCKET = `${SOCKET_MOUNT}/redis.sock`;

/** Files of the configuration directory, by name. */
const CA_FILE = "redis-ca.pem";
const CERTIFICATE_FILE = "redis-certificate.pem";
const KEY_FILE = "redis-private-key.pem";
/** What Alpine's package ca-certificates brings into the image. */
const PUBLIC_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt";

export const cache = section<CacheArgs & Networked, unknown, { cache: Cache }>()({
    confidential: ["externalRedis"],
    preset: ({ tier = "production", ...given }) => ({
        cache: "externalRedis" in given ? "external" : tier === "production" ? "redis" : "inmemory",
    }),
    check: (problems, args) => {
        checkNeeds(problems, args, "externalRedis", args.cache === "external", "cache external");
        const redis = args.externalRedis ?? {};
        const { addresses, database, tls } = redis;
        addresses?.forEach((each, index) => checkReaches(problems, `externalRedis.addresses[${index}]`, each, args));
        if (addresses?.length === 0) {
            problems.add(
                `externalRedis.addresses: [] is not allowed; it must have at least one ${is.authority.allowed}.`,
            );
        }
        if (addresses && addresses.length > 1 && !("sentinel" in redis) && database) {
            problems.add(
                `externalRedis.database: ${database} is not allowed with several addresses, which are a Redis Cluster and have only 0; give one address, or sentinel.`,
            );
        }
        if (tls && "certificate" in tls !== "privateKey" in tls) {
            problems.add("externalRedis.tls: certificate and privateKey go together; give both or neither.");
        }
        for (const [place, who] of [
            ["externalRedis", redis] as const,
            ["externalRedis.sentinel", redis.sentinel] as const,
        ]) {
            if (who && "username" in who && !("password" in who)) {
                problems.add(`${place}.username: it is used with password only; give both, or leave username out.`);
            }
        }
    },
    settings: ({ redisImage = DEFAULT_REDIS_IMAGE, redisMemory = "256m" }) => ({
        redisImage,
        /** MiB. */
        redisMemory: mebibytesIn(redisMemory),
    }),
    idle: ({ cache }) => {
        const why = cache !== "redis" && `cache ${cache}`;
        return { redisImage: why, redisMemory: why };
    },
    structure: ({ cache }) => ({ cache }),
    // Once the NAS has shown which cache it can have.
    keys: {
        "storage.cache.blobdescriptor": [
            "cache",
            (_, { cache }) =>
                ({ redis: "redis", external: "redis", inmemory: "inmemory", none: undefined })[cache.kind],
        ],
        "storage.cache.layerinfo": ["cache"],
        ...Object.fromEntries(
            ["addrs", "db", "username", "password", "mastername", "sentinelusername", "sentinelpassword", "tls"].map(
                (key) => [`redis.${key}`, ["cache and externalRedis"]] as const,
            ),
        ),
        redis: [undefined, (_, { cache }) => renderRedis(cache)],
    },
    files: (_, { cache }) => {
        const tls = cache.kind === "external" ? cache.redis.tls : undefined;
        return { [CA_FILE]: tls?.caCertificate, [CERTIFICATE_FILE]: tls?.certificate, [KEY_FILE]: tls?.privateKey };
    },
});

/** Short, since every look-up waits this long, times the retries, for a Redis that is gone. */
const TIMEOUTS = { dialtimeout: "1s", readtimeout: "500ms", writetimeout: "500ms", maxretries: 1 };

function renderRedis(cache: Cache): object | undefined {
    if (cache.kind === "redis") {
        // A list: a scalar, or the addr of distribution 2, does not start.
        return { addrs: [REDIS_SOCKET], password: cache.password, ...TIMEOUTS };
    }
    if (cache.kind !== "external") {
        return undefined;
    }
    const { addresses, database, username, password, tls, sentinel } = cache.redis;
    return {
        addrs: addresses,
        db: database,
        username,
        password,
        mastername: sentinel?.masterName,
        sentinelusername: sentinel?.username,
        sentinelpassword: sentinel?.password,
        tls: tls && {
            // Naming an authority is what turns TLS on.
            rootcas: [tls.caCertificate ? `${CONFIG_MOUNT}/${CA_FILE}` : PUBLIC_AUTHORITIES],
            ...(tls.certificate && {
                certificate: `${CONFIG_MOUNT}/${CERTIFICATE_FILE}`,
                key: `${CONFIG_MOUNT}/${KEY_FILE}`,
            }),
        },
        ...TIMEOUTS,
    };
}

/** The cache that this NAS can have: Redis' allocator aborts on other pages (`<jemalloc>: Unsupported system page size`). */
export function cacheInEffect(wanted: CacheKind, { pageSize }: Pick<NasFacts, "pageSize">): CacheKind {
    return wanted === "redis" && pageSize !== 4096 ? "inmemory" : wanted;
}

/** Share of the Redis container's memory that may hold data; the rest is for buffers and fragmentation. */
const REDIS_DATA_SHARE = 0.75;

/**
 * The text of redis.conf: a cache and nothing else, which listens on its socket and on no network.
 *
 * @param memory Limit of the Redis container, MiB.
 */
export function renderRedisConfig(redis: { memory: number; password: string }): string {
    return [
        "port 0",
        `unixsocket ${REDIS_SOCKET}`,
        "unixsocketperm 700",
        `requirepass ${redis.password}`,
        `maxmemory ${Math.floor(redis.memory * REDIS_DATA_SHARE)}mb`,
        // The registry's keys have no expiry, so any other policy ends in refused writes.
        "maxmemory-policy allkeys-lru",
        'save ""',
        "appendonly no",
        "",
    ].join("\n");
}
