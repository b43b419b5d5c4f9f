import * as pulumi from "@pulumi/pulumi";

import type { ConfiguredDaemon } from "../nas/daemon/daemonConfig";
import { FRONT_PORT } from "../nas/synology/reverseProxy";
import type { RegistryContainers } from "./containers/containers";
import type { Deployment } from "./deployment";
import { cacheInEffect, REDIS_SOCKET } from "./sections/cache";
import { clientAuthority } from "./sections/address";
import { OLDEST_VERSION } from "./sections/images";

/** Redis has a handful of threads, and its health check three processes. */
const REDIS_PIDS_LIMIT = 128;

/** Seconds that the registry has for its first answer; a NAS with sleeping disks takes its time. */
const ATTEMPTS = 60;

/**
 * Makes `up` fail when the registry does not really serve; runs again when a container or a user has changed, and when the
 * NAS's daemon has restarted, and all containers with it.
 *
 * @param after What put the users in place, and what else clients reach the registry through.
 */
export function smokeTest(
    deployment: Deployment,
    { registry, redis }: RegistryContainers,
    daemon: ConfiguredDaemon | undefined,
    ...after: (pulumi.Resource | undefined)[]
): pulumi.Resource {
    const { nas, settings, structure, contents, dataDirectory } = deployment;
    const values = pulumi
        .all([settings, contents.users, contents.caCertificate, dataDirectory, nas.facts])
        .apply(([open, [user], caCertificate, directory = "", facts]) => ({
            scheme: open.tls === "none" ? "http" : "https",
            authority: clientAuthority(open),
            address: ["0.0.0.0", "::"].includes(open.bindAddress) ? "" : open.bindAddress,
            // Behind the NAS's web server it is that which is asked, as clients do.
            port: open.tls === "reverse-proxy" ? FRONT_PORT : open.port,
            auth: open.auth,
            username: user?.name ?? "",
            password: user?.password ?? "",
            ca_certificate: caCertificate,
            data_directory: directory,
            oldest_version: OLDEST_VERSION,
            registry_container: registry.name,
            // Not read by the script: another container, or a restart, is another reason to look.
            registry_container_id: registry.id,
            restarted_at: daemon?.restartedAt ?? "",
            pids_limit: facts.pidsLimit ? open.pidsLimit : "",
            redis_pids_limit: facts.pidsLimit ? REDIS_PIDS_LIMIT : "",
            cache: cacheInEffect(structure.cache, facts),
            redis_container: redis?.name ?? "",
            redis_socket: structure.networkMode === "host" ? REDIS_SOCKET : "",
            redis_password: redis ? contents.redisPassword : "",
            attempts: ATTEMPTS,
        }));
    const files = ["registry/smoke.sh"];
    return deployment.script("smoke-test", { files, values, root: false, reverts: false }, registry, ...after);
}
