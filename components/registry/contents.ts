import { readFileSync } from "node:fs";
import * as path from "node:path";

import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import { givenCertificates, ownCertificates, type RegistryCertificates } from "../certificates/certificates";
import type { NasFacts } from "../nas/facts";
import type { Deployment } from "./deployment";
import type { Secrets } from "./sections";
import { HTPASSWD_FILE } from "./sections/auth";
import { cacheInEffect, renderRedisConfig, type Cache } from "./sections/cache";
import { configFiles, exposureOf, renderConfig } from "./sections/rendered";
import { START_FILE } from "./sections/mounts";
import type { Files } from "./sections/section";
import type { Confidential, Structure } from "./settings";
import { renderHtpasswd, withPasswords } from "./users";

/** What a registry is told by files, and what is made of that; secret but for the certificates and how it is exposed. */
export type RegistryContents = ReturnType<typeof registryContents>;

/** The certificate of a registry in each of its ways. */
export function registryCertificates(deployment: Deployment): RegistryCertificates {
    const { name, structure, settings, confidential } = deployment;
    return structure.tls === "none" || structure.hasCertificate
        ? givenCertificates(confidential.apply(({ certificate }) => certificate))
        : ownCertificates(name, settings.certificateNames, deployment.after());
}

/** Draws the secrets of a registry, once, and writes its files' texts. */
export function registryContents(deployment: Deployment, certificates: RegistryCertificates) {
    const { name, nas, settings, structure, confidential } = deployment;
    const opts = deployment.after();
    const httpSecret = new random.RandomBytes(`${name}-http-secret`, { length: 32 }, opts).hex;
    const redisPassword = new random.RandomPassword(`${name}-redis`, { length: 32, special: false }, opts).result;
    const seed = new random.RandomBytes(`${name}-users`, { length: 32 }, opts).base64;

    // None without `auth: htpasswd`.
    const users = pulumi
        .all([settings.auth, confidential, seed])
        .apply(([auth, given, drawn]) =>
            auth === "htpasswd" ? withPasswords(given.users ?? [{ name: "admin" }], drawn) : [],
        );
    const secrets = pulumi
        .all([confidential, nas.facts, httpSecret, redisPassword])
        .apply(([hidden, facts, drawn, password]): Secrets => {
            const cache = cacheOf(structure, hidden, facts, password);
            return { ...hidden, httpSecret: hidden.httpSecret ?? drawn, cache };
        });
    const configYml = pulumi.all([settings, secrets]).apply(([open, hidden]) => renderConfig(open, hidden));
    const exposure = pulumi.unsecret(pulumi.all([settings, confidential]).apply((all) => exposureOf(...all)));
    // Once; users are read again when they change.
    const readAtStart = pulumi
        .all([settings, secrets, configYml, certificates])
        .apply(([open, hidden, config, { certificate, privateKey }]) =>
            inDirectory("registry", {
                "config.yml": config,
                [START_FILE]: readFileSync(path.join(__dirname, START_FILE), "utf8"),
                ...configFiles(open, { ...hidden, server: { certificate, privateKey } }),
            }),
        );
    const redisConf = pulumi
        .all([settings.redisMemory, redisPassword])
        .apply(([memory, password]) => renderRedisConfig({ memory, password, socket: usesSocket(structure) }));
    const files = pulumi.all([readAtStart, users, seed, redisConf]).apply(([start, all, drawn, redis]): Files => ({
        ...start,
        [`registry/${HTPASSWD_FILE}`]: all.length > 0 ? renderHtpasswd(all, drawn) : undefined,
        "redis/redis.conf": structure.cache === "redis" ? redis : undefined,
    }));
    return { ...certificates, exposure, files, readAtStart, redisConf, redisPassword, users };
}

/** A registry in the NAS's own network has no network with Redis. */
function usesSocket({ networkMode }: Structure): boolean {
    return networkMode === "host";
}

function cacheOf(structure: Structure, { externalRedis }: Confidential, facts: NasFacts, password: string): Cache {
    const kind = cacheInEffect(structure.cache, facts);
    switch (kind) {
        case "external":
            return externalRedis ? { kind, redis: externalRedis } : { kind: "none" };
        case "redis":
            return { kind, password, socket: usesSocket(structure) };
        default:
            return { kind };
    }
}

function inDirectory(directory: string, files: Files): Files {
    return Object.fromEntries(Object.entries(files).map(([name, content]) => [`${directory}/${name}`, content]));
}
