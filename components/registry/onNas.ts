import * as pulumi from "@pulumi/pulumi";

import { trustValues } from "../clients/clientSetup";
import { configureDaemon, type ConfiguredDaemon } from "../nas/daemon/daemonConfig";
import { sha256 } from "../nas/script";
import { REGISTRY_LIST_SCRIPTS, registryListValues } from "../nas/synology/registryList";
import { FRONT_PORT, REVERSE_PROXY_SCRIPTS, reverseProxyValues } from "../nas/synology/reverseProxy";
import type { RegistryContainers } from "./containers/containers";
import type { Deployment } from "./deployment";
import { clientAuthority, isAnyAddress } from "./sections/address";
import { cacheInEffect, REDIS_SOCKET } from "./sections/cache";
import { OLDEST_VERSION } from "./sections/images";
import { portsOf } from "./sections/rendered";

/** A data directory that exists, and all in it, is given to the registry's user, if asked for. */
export function takeOverData(deployment: Deployment): pulumi.Resource | undefined {
    const { takeOverDataFrom } = deployment.structure;
    return takeOverDataFrom === undefined
        ? undefined
        : deployment.script("data-owner", {
              files: ["nas/data.sh", "nas/takeOver.sh"],
              values: dataValues(deployment).apply((data) => ({ ...data, take_over_from: takeOverDataFrom })),
              reverts: false,
          });
}

/**
 * The directories, the configuration and the network of a registry. What is in the way there (a name, a port, images in another directory,
 * a data directory that is not the registry's) is refused before anything is changed.
 */
export function files(deployment: Deployment, owner: pulumi.Resource | undefined): pulumi.Resource {
    const { settings, structure, nas, contents } = deployment;
    const made = pulumi.all([dataValues(deployment), settings, contents.files, nas.facts]);
    const values = made.apply(([data, open, all, facts]) => {
        const present = Object.entries(all).filter(([, content]) => content !== undefined);
        return {
            ...data,
            ports: portsOf(open)
                .map(({ address, port }) => `${address}:${port}`)
                .join(" "),
            data_directory_change: open.dataDirectoryChange,
            network: structure.networkMode === "bridge" ? open.containerName : "",
            files: present.map(([path]) => path).join(" "),
            // What is not among the files is taken away.
            known_files: Object.keys(all).join(" "),
            // Not read by the script: what replaces a container is a reason to look at its data directory first.
            containers: sha256(JSON.stringify([open, facts])),
            ...Object.fromEntries(present.map(([path, content = ""]) => [variableOf(path), content])),
        };
    });
    const replaceOn = [nas.facts.controlDirectory];
    return deployment.script("files", { files: ["nas/data.sh", "nas/files.sh"], values, replaceOn }, owner);
}

function dataValues({ nas, settings, dataDirectory, ownerLabel, name }: Deployment) {
    return pulumi.all([nas.facts, settings, dataDirectory]).apply(([facts, open, directory]) => ({
        owner_label: ownerLabel,
        component: name,
        container_name: open.containerName,
        control_directory: facts.controlDirectory,
        data_directory: directory ?? "",
        lost_data_directory: open.lostDataDirectory ?? "",
    }));
}

/** The shell variable with the content of a file. */
function variableOf(path: string): string {
    return `file_${path.replaceAll(/[/.-]/g, "_")}`;
}

/** The settings of the NAS's daemon that were asked for; and the registry among the insecure ones, where it has no TLS. */
export function daemonConfig(deployment: Deployment, after: pulumi.Resource): ConfiguredDaemon | undefined {
    const { name, nas, structure, confidential, authority } = deployment;
    const isInsecure = structure.daemonTrust && structure.tls === "none";
    if (!structure.hasDaemonConfig && !isInsecure) {
        return undefined;
    }
    const asked = pulumi.all([authority, confidential]).apply(([registry, { daemonConfig: given = {} }]) => ({
        ...given,
        insecureRegistries: [...(given.insecureRegistries ?? []), ...(isInsecure ? [registry] : [])],
    }));
    return configureDaemon(name, nas, asked, deployment.after(after));
}

/** Below `components/`. */
export const DAEMON_TRUST_SCRIPTS = ["kinds/lib.sh", "pull.sh", "daemon-trust.sh"].map((file) => `clients/${file}`);

/**
 * The NAS's daemon trusts the registry, if asked for or if it is to be its mirror: known once the registry serves, and taken back
 * with the resource. A mirror without TLS needs no trust.
 */
export function daemonTrust(deployment: Deployment, serving: pulumi.Resource): pulumi.Resource | undefined {
    const { args, nas, structure, authority, trust, contents } = deployment;
    const argument = args.daemonMirror ? "daemonMirror" : "daemonTrust";
    if (args.daemonMirror ? structure.tls === "none" : !structure.daemonTrust) {
        return undefined;
    }
    const values = pulumi.all([authority, trust, contents.user]).apply(([registry, why, { name, password }]) => ({
        ...trustValues(registry, why),
        ...{ argument, username: name, password },
    }));
    // After DSM's change from the package Docker to Container Manager there are other directories.
    const replaceOn = [authority, nas.facts.daemonConfig];
    return deployment.script("daemon-trust", { files: DAEMON_TRUST_SCRIPTS, values, replaceOn }, serving);
}

/** The NAS's web server, through which clients reach the registry, if asked for. */
export function reverseProxy(deployment: Deployment): pulumi.Resource | undefined {
    const { name, nas, structure, settings, contents, ownerLabel } = deployment;
    if (structure.tls !== "reverse-proxy") {
        return undefined;
    }
    const values = pulumi
        .all([settings, contents.certificates, nas.facts.firmware])
        .apply(([{ hostName, port }, pem, firmware]) =>
            reverseProxyValues({ label: `${ownerLabel}/${name}`, hostName, port, ...pem }, firmware),
        );
    return deployment.script("reverse-proxy", { files: REVERSE_PROXY_SCRIPTS, values });
}

/** The registry in the list that the NAS's own screens show, if asked for. */
export function registryList(deployment: Deployment): void {
    const { nas, structure, url, contents } = deployment;
    if (structure.registryList) {
        const values = pulumi
            .all([url, contents.user.name, contents.certificates.caCertificate, nas.facts.package])
            // Only an authority that is not public is told of.
            .apply(([address, username, ca, name]) => registryListValues(address, username, ca !== "", name));
        // The address names the entry: the new one is made, then the old one goes.
        deployment.script("list", { files: REGISTRY_LIST_SCRIPTS, values, replaceOn: [url] });
    }
}

/** Redis has a handful of threads, and its health check three processes. */
const REDIS_PIDS_LIMIT = 128;
/** Seconds that the registry has for its first answer; a NAS with sleeping disks takes its time. */
const SECONDS = 60;

/**
 * Makes `up` fail when the registry does not really serve; runs again when a container or a user has changed, and when the
 * NAS's daemon has restarted, and all containers with it. It is after what put the users in place, and what else clients reach
 * the registry through.
 */
export function smokeTest(
    deployment: Deployment,
    { registry, redis }: RegistryContainers,
    daemon: ConfiguredDaemon | undefined,
    ...after: (pulumi.Resource | undefined)[]
): pulumi.Resource {
    const { nas, settings, structure, contents, dataDirectory } = deployment;
    const isProxied = structure.tls === "reverse-proxy";
    const values = pulumi
        .all([settings, contents.user, contents.certificates.caCertificate, dataDirectory, nas.facts])
        .apply(([open, user, caCertificate, directory, facts]) => ({
            scheme: open.tls === "none" ? "http" : "https",
            authority: clientAuthority(open),
            // Behind the NAS's web server it is that which is asked, as clients do.
            address: isProxied || isAnyAddress(open.bindAddress) ? "" : open.bindAddress,
            port: isProxied ? FRONT_PORT : open.port,
            auth: open.auth,
            username: user.name,
            password: user.password,
            ca_certificate: caCertificate,
            data_directory: directory ?? "",
            oldest_version: OLDEST_VERSION,
            registry_container: registry.name,
            // Not read by the script: another container, or a restart, is another reason to look.
            registry_container_id: registry.id,
            restarted_at: daemon?.restartedAt ?? "",
            pids_limit: facts.pidsLimit ? open.pidsLimit : "",
            redis_pids_limit: facts.pidsLimit ? REDIS_PIDS_LIMIT : "",
            cache: cacheInEffect(structure.cache, facts),
            redis_container: redis?.name ?? "",
            redis_socket: REDIS_SOCKET,
            redis_password: redis ? contents.redisPassword : "",
            seconds: SECONDS,
        }));
    const script = { files: ["registry/smoke.sh"], values, root: false, reverts: false };
    return deployment.script("smoke-test", script, registry, ...after);
}
