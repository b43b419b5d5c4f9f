import * as pulumi from "@pulumi/pulumi";

import type { RegistryCertificates } from "../certificates/certificates";
import { trustOf } from "../clients/clientSetup";
import { trustOnNas } from "../clients/daemonTrust";
import { configureDaemon, type ConfiguredDaemon } from "../nas/daemon/daemonConfig";
import { REGISTRY_LIST_SCRIPTS, registryListValues } from "../nas/synology/registryList";
import { REVERSE_PROXY_SCRIPTS, reverseProxyValues } from "../nas/synology/reverseProxy";
import type { RegistryContents } from "./contents";
import type { Deployment } from "./deployment";

/** The settings of the NAS's daemon that were asked for; and the registry among the insecure ones, where it has no TLS. */
export function registryDaemonConfig(deployment: Deployment, after: pulumi.Resource): ConfiguredDaemon | undefined {
    const { name, nas, structure, confidential, authority } = deployment;
    const isInsecure = structure.daemonTrust && structure.tls === "none";
    if (!structure.hasDaemonConfig && !isInsecure) {
        return undefined;
    }
    const asked = pulumi.all([authority, confidential]).apply(([registry, { daemonConfig = {} }]) => ({
        ...daemonConfig,
        insecureRegistries: [...(daemonConfig.insecureRegistries ?? []), ...(isInsecure ? [registry] : [])],
    }));
    return configureDaemon(name, nas, asked, deployment.after(after));
}

/** The NAS's daemon trusts the registry, if asked for. */
export function registryDaemonTrust(
    deployment: Deployment,
    certificates: RegistryCertificates,
    { users }: RegistryContents,
    serving: pulumi.Resource,
): void {
    const { name, nas, structure, authority } = deployment;
    if (structure.daemonTrust) {
        const trust = certificates.caCertificate.apply((caCertificate = "") =>
            trustOf({ insecure: structure.tls === "none", caCertificate }),
        );
        const user = users.apply(([first]) => first);
        trustOnNas(`${name}-daemon-trust`, nas, { registry: authority, trust, user }, deployment.after(serving));
    }
}

/** The NAS's web server, through which clients reach the registry, if asked for. */
export function registryReverseProxy(
    deployment: Deployment,
    certificates: RegistryCertificates,
): pulumi.Resource | undefined {
    const { name, nas, structure, settings, ownerLabel } = deployment;
    if (structure.tls !== "reverse-proxy") {
        return undefined;
    }
    const values = pulumi
        .all([settings, certificates, nas.facts.firmware])
        .apply(([{ hostName, port }, { certificate = "", privateKey = "", caCertificate }, firmware]) => {
            const label = `${ownerLabel}/${name}`;
            return reverseProxyValues({ label, hostName, port, certificate, privateKey, caCertificate }, firmware);
        });
    return deployment.script("reverse-proxy", { files: REVERSE_PROXY_SCRIPTS, values });
}

/** The registry in the list that the NAS's own screens show, if asked for. */
export function registryOnScreens(
    deployment: Deployment,
    { caCertificate }: RegistryCertificates,
    { users }: RegistryContents,
): void {
    const { nas, structure, url } = deployment;
    if (structure.registryList) {
        const values = pulumi
            .all([url, users, caCertificate, nas.facts.package])
            // Only an authority that is not public is told of.
            .apply(([address, [user], ca, package_]) =>
                registryListValues(address, user?.name ?? "", ca !== undefined, package_),
            );
        // The address names the entry: the new one is made, then the old one goes.
        deployment.script("list", { files: REGISTRY_LIST_SCRIPTS, values, replaceOn: [url] });
    }
}
