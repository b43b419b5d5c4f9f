import { stringify } from "yaml";

/** What the registry's configuration is made of. */
export interface RegistryConfig {
    /** Signs the state of uploads, so that they survive a restart. */
    httpSecret: string;
    /** Redis as descriptor cache, or the registry's own memory. */
    cache: { kind: "redis"; password: string } | { kind: "inmemory" };
}

/** Where things are inside the registry's container. */
export const REGISTRY_PORT = 5000;
export const CONFIG_MOUNT = "/etc/distribution";
export const DATA_MOUNT = "/var/lib/registry";
/** Name of the Redis container in the network that it shares with the registry alone. */
export const REDIS_ALIAS = "redis";

/** Seconds that running uploads get to finish when the registry is stopped. */
export const DRAIN_SECONDS = 60;

/**
 * The text of `/etc/distribution/config.yml` for distribution 3.1.
 *
 * The whole configuration is in this one file and nothing in environment variables: those cannot express lists and nested
 * maps reliably, and `docker inspect` shows them.
 */
export function renderConfig({ httpSecret, cache }: RegistryConfig): string {
    return stringify({
        version: 0.1,
        log: { level: "info", formatter: "json", fields: { service: "registry" } },
        storage: {
            filesystem: { rootdirectory: DATA_MOUNT },
            delete: { enabled: true },
            cache: { blobdescriptor: cache.kind },
            tag: { concurrencylimit: 8 },
            // All of age, interval and dryrun are required once the block is there.
            maintenance: { uploadpurging: { enabled: true, age: "168h", interval: "24h", dryrun: false } },
        },
        auth: { htpasswd: { realm: "nas-registry", path: `${CONFIG_MOUNT}/htpasswd` } },
        http: {
            addr: `:${REGISTRY_PORT}`,
            secret: httpSecret,
            relativeurls: true,
            draintimeout: `${DRAIN_SECONDS}s`,
            headers: { "X-Content-Type-Options": ["nosniff"] },
            tls: {
                certificate: `${CONFIG_MOUNT}/certificate.pem`,
                key: `${CONFIG_MOUNT}/private-key.pem`,
                minimumtls: "tls1.2",
            },
        },
        ...(cache.kind === "redis" && {
            redis: {
                // A list: a scalar, or the addr of distribution 2, does not start.
                addrs: [`${REDIS_ALIAS}:6379`],
                password: cache.password,
                // Short, since every look-up waits this long, times the retries, for a Redis that is gone.
                dialtimeout: "1s",
                readtimeout: "500ms",
                writetimeout: "500ms",
                maxretries: 1,
            },
        }),
        // Asks the storage only: a check of Redis would answer 503 to every pull while Redis restarts.
        health: { storagedriver: { enabled: true, interval: "10s", threshold: 3 } },
    });
}

/** Share of the Redis container's memory that may hold data; the rest is for buffers and fragmentation. */
const REDIS_DATA_SHARE = 0.75;

/**
 * The text of redis.conf: a cache and nothing else.
 *
 * @param memory Limit of the Redis container, MiB.
 */
export function renderRedisConfig({ memory, password }: { memory: number; password: string }): string {
    return [
        "bind * -::*",
        "port 6379",
        `requirepass ${password}`,
        `maxmemory ${Math.floor(memory * REDIS_DATA_SHARE)}mb`,
        // The registry's keys have no expiry, so any other policy ends in refused writes.
        "maxmemory-policy allkeys-lru",
        'save ""',
        "appendonly no",
        "",
    ].join("\n");
}
