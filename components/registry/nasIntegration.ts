import * as pulumi from "@pulumi/pulumi";

import type { RegistryCertificates } from "../certificates/certificates";
import { trustOf } from "../clients/clientSetup";
import { trustOnNas } from "../clients/daemonTrust";
import { configureDaemon, type ConfiguredDaemon } from "../nas/daemon/daemonConfig";
import { registryListEntry } from "../nas/synology/registryList";
import { reverseProxy } from "../nas/synology/reverseProxy";
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
    return structure.tls === "reverse-proxy"
        ? reverseProxy(
              `${name}-reverse-proxy`,
              nas,
              {
                  label: `${ownerLabel}/${name}`,
                  hostName: settings.hostName,
                  port: settings.port,
                  certificate: certificates.certificate.apply((pem = "") => pem),
                  privateKey: certificates.privateKey.apply((pem = "") => pem),
                  caCertificate: certificates.caCertificate,
              },
              deployment.after(),
          )
        : undefined;
}

/** The registry in the list that the NAS's own screens show, if asked for. */
export function registryOnScreens(
    deployment: Deployment,
    certificates: RegistryCertificates,
    { users }: RegistryContents,
): void {
    const { name, nas, structure, url } = deployment;
    if (structure.registryList) {
        const username = pulumi.unsecret(users.apply(([first]) => first?.name ?? ""));
        // Only an authority that is not public is told of.
        const trustSelfSigned = certificates.caCertificate.apply((certificate) => certificate !== undefined);
        registryListEntry(`${name}-list`, nas, { url, username, trustSelfSigned }, deployment.after());
    }
}
