import { storageDrivers } from "./knownKeys";

/**
 * Keys of config.yml that arguments set, with the arguments. `extraConfig` may not set them as well: it could switch off TLS or
 * users, listen elsewhere, show secrets or keep the images in another place, and whatever is decided by the arguments
 * (validation, warnings, published ports, outputs) would not know.
 */
export const ownedKeys: ReadonlyMap<string, string> = new Map([
    ["auth", "auth, with users or token"],
    ["http.addr", "port and bindAddress"],
    ["http.debug", "metrics"],
    ["http.draintimeout", "drainTimeout"],
    ["http.headers", "headers"],
    ["http.host", "externalUrl"],
    ["http.net", "port and bindAddress"],
    ["http.relativeurls", "relativeUrls"],
    ["http.secret", "httpSecret"],
    ["http.tls.certificate", "tls and certificate"],
    ["http.tls.key", "tls and certificate"],
    ["http.tls.letsencrypt", "tls and certificate"],
    ["http.tls.minimumtls", "minimumTls"],
    ["log.accesslog", "accessLog"],
    ["log.fields", "logFields"],
    ["log.formatter", "logFormat"],
    ["log.level", "logLevel"],
    ["loglevel", "logLevel"],
    ["notifications", "notifications"],
    // It would let the images of the data directory expire, and its `exec` runs a command.
    ["proxy", "upstream of a NasMirror"],
    ["redis.addrs", "cache and externalRedis"],
    ["redis.db", "cache and externalRedis"],
    ["redis.mastername", "cache and externalRedis"],
    ["redis.password", "cache and externalRedis"],
    ["redis.sentinelpassword", "cache and externalRedis"],
    ["redis.sentinelusername", "cache and externalRedis"],
    ["redis.tls", "cache and externalRedis"],
    ["redis.username", "cache and externalRedis"],
    ["storage.cache.blobdescriptor", "cache"],
    ["storage.cache.layerinfo", "cache"],
    ["storage.delete", "deletes"],
    ["storage.filesystem.rootdirectory", "dataDirectory or storage"],
    ["storage.maintenance.readonly", "readOnly"],
    ["storage.maintenance.uploadpurging", "uploadPurging"],
    ["storage.redirect", "redirect"],
    ["storage.tag", "tagConcurrency"],
    ...Object.keys(storageDrivers).flatMap((driver): [string, string][] =>
        driver === "filesystem" ? [] : [[`storage.${driver}`, "storage"]],
    ),
    ["validation", "validation"],
]);
