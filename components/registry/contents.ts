import { readFileSync } from "node:fs";
import * as path from "node:path";

import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import { givenCertificates } from "../certificates/givenCertificate";
import { ownCertificates } from "../certificates/serverCertificate";
import type { NasFacts } from "../nas/facts";
import type { Secrets } from "./sections";
import { HTPASSWD_FILE } from "./sections/auth";
import { cacheInEffect, renderRedisConfig, type Cache } from "./sections/cache";
import { configFiles, exposureOf, renderConfig, renderReadOnlyConfig } from "./sections/rendered";
import { START_FILE } from "./sections/container";
import type { Files } from "./sections/section";
import type { AllSettings, Confidential } from "./settings";
import { renderHtpasswd, withPasswords } from "./users";

/**
 * Draws the secrets of a registry, once, and writes its files' texts. All of it is secret, but for the certificates and how
 * the registry is exposed.
 */
export function registryContents(
    name: string,
    facts: pulumi.Output<NasFacts>,
    { settings, structure, confidential }: AllSettings,
    opts: pulumi.CustomResourceOptions,
) {
    const certificates =
        structure.tls === "none" || structure.hasCertificate
            ? givenCertificates(confidential.apply(({ certificate }) => certificate))
            : ownCertificates(
                  name,
                  {
                      names: settings.certificateNames,
                      // DSM of any version imports RSA keys; a registry that answers itself, on a slow processor, is faster with ECDSA.
                      keyAlgorithm: structure.tls === "reverse-proxy" ? "rsa" : "ecdsa",
                  },
                  opts,
              );
    const httpSecret = new random.RandomBytes(`${name}-http-secret`, { length: 32 }, opts).hex;
    const redisPassword = new random.RandomPassword(`${name}-redis`, { length: 32, special: false }, opts).result;
    const seed = new random.RandomBytes(`${name}-users`, { length: 32 }, opts).base64;

    /** What encrypts backups; empty when there are none. */
    const backupPassword = structure.operations?.includes("backup")
        ? pulumi
              .all([
                  confidential,
                  new random.RandomPassword(`${name}-backup`, { length: 40, special: false }, opts).result,
              ])
              .apply(([{ operations }, drawn]) => operations?.backup?.password ?? drawn)
        : pulumi.secret("");

    // None without `auth: htpasswd`.
    const users = pulumi
        .all([settings.auth, confidential, seed])
        .apply(([auth, given, drawn]) =>
            auth === "htpasswd" ? withPasswords(given.users ?? [{ name: "admin" }], drawn) : [],
        );
    /** The first of them. */
    const user = users.apply(([first = { name: "", password: "" }]) => first);
    const secrets = pulumi
        .all([confidential, facts, httpSecret, redisPassword])
        .apply(([hidden, { pageSize }, drawn, password]): Secrets => {
            const cache = cacheOf(cacheInEffect(structure.cache, { pageSize }), hidden, password);
            return { ...hidden, httpSecret: hidden.httpSecret ?? drawn, cache };
        });
    const exposure = pulumi.unsecret(pulumi.all([settings, confidential]).apply((all) => exposureOf(...all)));
    // Once; users are read again when they change.
    const readAtStart = pulumi
        .all([settings, secrets, certificates])
        .apply(([open, hidden, { certificate, privateKey }]) => {
            const files: Files = {
                "config.yml": renderConfig(open, hidden),
                "read-only.yml": renderReadOnlyConfig(open, hidden),
                [START_FILE]: readFileSync(path.join(__dirname, START_FILE), "utf8"),
                ...configFiles(open, { ...hidden, server: { certificate, privateKey } }),
            };
            return Object.fromEntries(Object.entries(files).map(([file, content]) => [`registry/${file}`, content]));
        });
    const redisConf = pulumi
        .all([settings.redisMemory, redisPassword])
        .apply(([memory, password]) => renderRedisConfig({ memory, password }));
    const files = pulumi.all([readAtStart, users, seed, redisConf]).apply(([start, all, drawn, conf]): Files => ({
        ...start,
        [`registry/${HTPASSWD_FILE}`]: all.length > 0 ? renderHtpasswd(all, drawn) : undefined,
        "redis/redis.conf": structure.cache === "redis" ? conf : undefined,
    }));
    return { backupPassword, certificates, exposure, files, readAtStart, redisConf, redisPassword, user, users };
}

function cacheOf(kind: Cache["kind"], { externalRedis }: Confidential, password: string): Cache {
    if (kind === "external") {
        return externalRedis ? { kind, redis: externalRedis } : { kind: "none" };
    }
    return kind === "redis" ? { kind, password } : { kind };
}
