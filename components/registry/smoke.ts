import * as pulumi from "@pulumi/pulumi";

import type { NasFacts } from "../nas/probe";
import { remoteScript, type Target } from "../nas/remoteScript";
import { FRONT_PORT } from "../nas/synology/reverseProxy";
import type { Settings, Structure } from "./settings";
import type { RegistryCertificates } from "../certificates/certificates";
import { REDIS_SOCKET } from "./sections/cache";
import { cacheInEffect } from "./sections/cacheInEffect";
import type { RegistryContainers } from "./containers/containers";
import type { RegistryContents } from "./contents";
import { clientAuthority } from "./sections/http";
import { OLDEST_VERSION } from "./sections/image";

export interface SmokeTestArgs {
    target: Target;
    settings: pulumi.Output<Settings>;
    structure: Structure;
    facts: pulumi.Output<NasFacts>;
    contents: RegistryContents;
    certificates: RegistryCertificates;
    dataDirectory: pulumi.Output<string | undefined>;
    containers: RegistryContainers;
    /** What put the users in place, and what else clients reach the registry through. */
    before: pulumi.Resource[];
    /** When the NAS's daemon last restarted, and all containers with it. */
    restartedAt: pulumi.Input<string>;
}

/** Redis has a handful of threads, and its health check three processes. */
const REDIS_PIDS_LIMIT = 128;

/** Seconds that the registry has for its first answer; a NAS with sleeping disks takes its time. */
const ATTEMPTS = 60;

/** Makes `up` fail when the registry does not really serve; runs again when a container or a user has changed. */
export function smokeTest(name: string, args: SmokeTestArgs, opts: pulumi.CustomResourceOptions): pulumi.Resource {
    const { settings, structure, facts, contents, containers } = args;
    const { redis } = containers;
    return remoteScript(
        name,
        {
            target: args.target,
            files: ["nas/lib.sh", "registry/smoke.sh"],
            values: pulumi
                .all([settings, contents.users, args.certificates.caCertificate, args.dataDirectory])
                .apply(([open, [user], caCertificate, dataDirectory]) => ({
                    docker: facts.docker,
                    docker_env: facts.dockerEnv,
                    sudo: facts.apply(({ privilege }) => (privilege === "sudo" ? "sudo -n" : "")),
                    scheme: open.tls === "none" ? "http" : "https",
                    authority: clientAuthority(open),
                    address: isEverywhere(open.bindAddress) ? "" : open.bindAddress,
                    // Behind the NAS's web server it is that which is asked, as clients do.
                    port: open.tls === "reverse-proxy" ? FRONT_PORT : open.port,
                    auth: open.auth,
                    username: user?.name ?? "",
                    password: user?.password ?? "",
                    ca_certificate: caCertificate ?? "",
                    owner: facts.owner,
                    data_directory: dataDirectory ?? "",
                    oldest_version: OLDEST_VERSION,
                    registry_container: containers.registry.name,
                    // Not read by the script: another container, or a restart, is another reason to look.
                    registry_container_id: containers.registry.id,
                    restarted_at: args.restartedAt,
                    pids_limit: facts.apply((found) => (found.pidsLimit ? open.pidsLimit : "")),
                    redis_pids_limit: facts.apply((found) => (found.pidsLimit ? REDIS_PIDS_LIMIT : "")),
                    cache: facts.apply((found) => cacheInEffect(structure.cache, found)),
                    redis_container: redis?.name ?? "",
                    redis_socket: structure.networkMode === "host" ? REDIS_SOCKET : "",
                    redis_password: redis ? contents.redisPassword : "",
                    attempts: ATTEMPTS,
                })),
        },
        pulumi.mergeOptions(opts, { dependsOn: [...args.before, containers.registry] }),
    );
}

function isEverywhere(address: string): boolean {
    return address === "0.0.0.0" || address === "::";
}
