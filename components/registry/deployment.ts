import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import { authority, splitConnection, type SshConnectionArgs } from "../nas/connection";
import { registryFiles } from "../nas/files";
import { sameNas } from "../nas/identity";
import { missingAbilities, probeNas, runsRedis } from "../nas/probe";
import type { Target } from "../nas/remoteScript";
import { dockerTransport } from "../nas/transport";
import { vendors } from "../nas/vendors";
import { settingsOf, type Settings } from "../settings";
import { registryCertificates } from "../trust/certificates";
import type { DeploymentArgs } from "../validation";
import { HTPASSWD_FILE, tokenFiles } from "./auth";
import { cacheFiles, renderRedisConfig, type Cache } from "./cache";
import { renderConfig } from "./config";
import { registryContainers } from "./containers";
import { CERTIFICATE_FILE, KEY_FILE } from "./http";
import { smokeTest } from "./smoke";
import { renderHtpasswd, withPasswords, type User } from "./users";

/** A registry on a NAS, as its component tells of it. */
export interface Deployment {
    settings: pulumi.Output<Settings>;
    /** `host:port`. */
    authority: pulumi.Output<string>;
    url: pulumi.Output<string>;
    /** A secret; empty without `auth: htpasswd`. */
    users: pulumi.Output<User[]>;
    /** What clients must trust; nothing when that is the public authorities, or without TLS. */
    caCertificate: pulumi.Output<string | undefined>;
}

/**
 * Declares everything that a registry, or a mirror, consists of.
 *
 * @throws ResourceError with one sentence for each argument that is wrong, before anything is declared.
 */
export function deployRegistry(
    component: pulumi.ComponentResource,
    name: string,
    args: Omit<DeploymentArgs, "connection"> & { connection: pulumi.Input<SshConnectionArgs> },
    opts: pulumi.ComponentResourceOptions = {},
): Deployment {
    const { connection, ...others } = { ...args };
    const { endpoint, privateKey } = splitConnection(connection);
    const { structure, settings, confidential } = settingsOf(component, name, { ...others, connection: endpoint });
    warnOfOpenDoors(component, settings);
    // The engine hands neither of the two on from a component to its children.
    const child = { parent: component, dependsOn: opts.dependsOn, retainOnDelete: opts.retainOnDelete };
    const after = (...resources: pulumi.Resource[]) => pulumi.mergeOptions(child, { dependsOn: resources });
    const ownership = { ownerLabel: `${pulumi.getProject()}/${pulumi.getStack()}`, component: name };
    const target: Target = {
        endpoint: settings.endpoint,
        privateKey,
        sshSetting: settings.apply(({ vendor }) => vendors[vendor].sshSetting),
    };

    const facts = probeNas(`${name}-probe`, target, settings, ownership, { ...child, hooks: sameNas(`${name}-nas`) });
    facts.apply((found) => missingAbilities(found).forEach((missing) => void pulumi.log.warn(missing, component)));

    const httpSecret = new random.RandomBytes(`${name}-http-secret`, { length: 32 }, child);
    const redisPassword = new random.RandomPassword(`${name}-redis`, { length: 32, special: false }, child);
    const seed = new random.RandomBytes(`${name}-users`, { length: 32 }, child);
    const certificates = registryCertificates(name, structure.tls, settings.certificateNames, confidential, child);

    const users = pulumi
        .all([settings.auth, confidential, seed.base64])
        .apply(([auth, given, drawn]) =>
            auth === "htpasswd" ? withPasswords(given.users ?? [{ name: "admin" }], drawn) : [],
        );
    const cache = pulumi
        .all([confidential, redisPassword.result, facts])
        .apply(([{ externalRedis: redis }, password, found]): Cache => {
            switch (structure.cache) {
                case "external":
                    return redis ? { kind: "external", redis } : { kind: "none" };
                case "redis":
                    return runsRedis(found)
                        ? { kind: "redis", password, socket: structure.networkMode === "host" }
                        : { kind: "inmemory" };
                default:
                    return { kind: structure.cache };
            }
        });
    const configYml = pulumi
        .all([settings, confidential, cache, httpSecret.hex])
        .apply(([open, hidden, used, drawn]) =>
            renderConfig(open, { ...hidden, httpSecret: hidden.httpSecret ?? drawn, cache: used }),
        );
    const redisConf = pulumi
        .all([settings.redisMemory, redisPassword.result])
        .apply(([memory, password]) =>
            renderRedisConfig({ memory, password, socket: structure.networkMode === "host" }),
        );
    // All that the registry reads once, at its start; users it reads again when they change.
    const startFiles = pulumi
        .all([configYml, certificates, cache, confidential])
        .apply(([config, { certificate, privateKey: key }, used, { token }]) =>
            inDirectory("registry", {
                "config.yml": config,
                [CERTIFICATE_FILE]: certificate,
                [KEY_FILE]: key,
                ...tokenFiles(token),
                ...cacheFiles(used),
            }),
        );
    const configDirectory = pulumi.interpolate`${facts.sharedFolder}/${settings.containerName}-config`;
    const dataDirectory = pulumi
        .all([facts, pulumi.unsecret(confidential.apply(({ storage }) => storage !== undefined))])
        .apply(([found, isElsewhere]) => (isElsewhere ? undefined : found.dataDirectory));

    const files = registryFiles(
        `${name}-files`,
        {
            target,
            facts,
            ownership,
            containerName: settings.containerName,
            ports: settings.apply(({ bindAddress, port, metrics }) => [
                `${bindAddress}:${port}`,
                ...(metrics ? [`${metrics.address}:${metrics.port}`] : []),
            ]),
            dataDirectory,
            dataDirectoryChange: settings.dataDirectoryChange,
            configDirectory,
            files: pulumi.all([startFiles, users, seed.base64, redisConf]).apply(([start, all, drawn, redis]) => ({
                ...start,
                ...inDirectory("registry", {
                    [HTPASSWD_FILE]: all.length > 0 ? renderHtpasswd(all, drawn) : undefined,
                }),
                ...inDirectory("redis", { "redis.conf": structure.cache === "redis" ? redis : undefined }),
            })),
        },
        child,
    );
    const provider =
        component.getProvider("docker:index/container:Container") ?? dockerTransport(name, target, facts, after(files));
    const containers = registryContainers(
        name,
        {
            settings,
            structure,
            facts,
            configDirectory,
            dataDirectory,
            registryConfig: startFiles.apply((contents) => JSON.stringify(contents)),
            redisConfig: redisConf,
            ownership,
        },
        { ...after(files), provider },
    );
    smokeTest(
        `${name}-smoke-test`,
        {
            target,
            settings,
            structure,
            facts,
            user: users.apply((all) => all[0]),
            redisPassword: redisPassword.result,
            caCertificate: certificates.caCertificate,
            dataDirectory,
            containers,
            files,
        },
        child,
    );
    const address = settings.apply(({ hostName, port }) => authority(hostName, port));
    const scheme = structure.tls === "none" ? "http" : "https";
    return {
        settings,
        authority: address,
        url: pulumi.interpolate`${scheme}://${address}`,
        users,
        caCertificate: certificates.caCertificate,
    };
}

function inDirectory<T>(directory: string, files: Record<string, T>): Record<string, T> {
    return Object.fromEntries(Object.entries(files).map(([name, content]) => [`${directory}/${name}`, content]));
}

/** What is open is what was asked for, and is said at every update all the same. */
function warnOfOpenDoors(component: pulumi.Resource, settings: pulumi.Output<Settings>): void {
    settings.apply(({ auth, tls, deletes, bindAddress, port }) => {
        const where = `whoever reaches port ${port} on ${bindAddress}`;
        if (auth === "none") {
            const rights = deletes ? "read, overwrite and delete" : "read and overwrite";
            void pulumi.log.warn(`auth is none: ${where} may ${rights} every image without a password.`, component);
        }
        if (tls === "none") {
            void pulumi.log.warn(
                `tls is none: passwords and images cross the network readable, and every client must be told that this registry is insecure.`,
                component,
            );
        }
    });
}
