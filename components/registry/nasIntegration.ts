import * as pulumi from "@pulumi/pulumi";

import { trustValues } from "../clients/clientSetup";
import { configureDaemon, type ConfiguredDaemon } from "../nas/daemon/daemonConfig";
import { REGISTRY_LIST_SCRIPTS, registryListValues } from "../nas/synology/registryList";
import { REVERSE_PROXY_SCRIPTS, reverseProxyValues } from "../nas/synology/reverseProxy";
import { printable } from "../settings/printable";
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

/** Below `components/`. */
export const DAEMON_TRUST_SCRIPTS = ["kinds/lib.sh", "pull.sh", "daemon-trust.sh"].map((file) => `clients/${file}`);

/** The NAS's daemon trusts the registry, if asked for: known once the registry serves, and taken back with the resource. */
export function registryDaemonTrust(deployment: Deployment, serving: pulumi.Resource): void {
    const { component, nas, structure, authority, contents } = deployment;
    if (!structure.daemonTrust) {
        return;
    }
    const insecure = structure.tls === "none";
    const values = pulumi
        .all([authority, contents.caCertificate, contents.users])
        .apply(([registry, ca, [{ name: username, password } = { name: "", password: "" }]]) => ({
            ...trustValues(registry, { insecure, caCertificate: ca }),
            username,
            password,
        }));
    // After DSM's change from the package Docker to Container Manager there are other directories.
    const replaceOn = [authority, nas.facts.daemonConfig];
    const script = deployment.script("daemon-trust", { files: DAEMON_TRUST_SCRIPTS, values, replaceOn }, serving);
    pulumi.unsecret(script.stdout).apply((stdout) => {
        for (const [, file] of printable(stdout).matchAll(/^lostAtRestart=(.*)$/gm)) {
            void pulumi.log.warn(
                `daemonTrust: '${file}' is in the NAS's memory and gone after a restart of the NAS; give reapply another text then, and run 'up'.`,
                component,
            );
        }
    });
}

/** The NAS's web server, through which clients reach the registry, if asked for. */
export function registryReverseProxy(deployment: Deployment): pulumi.Resource | undefined {
    const { name, nas, structure, settings, contents, ownerLabel } = deployment;
    const { certificate, privateKey, caCertificate } = contents;
    if (structure.tls !== "reverse-proxy") {
        return undefined;
    }
    const values = pulumi
        .all([settings, { certificate, privateKey, caCertificate }, nas.facts.firmware])
        .apply(([{ hostName, port }, pem, firmware]) =>
            reverseProxyValues({ label: `${ownerLabel}/${name}`, hostName, port, ...pem }, firmware),
        );
    return deployment.script("reverse-proxy", { files: REVERSE_PROXY_SCRIPTS, values });
}

/** The registry in the list that the NAS's own screens show, if asked for. */
export function registryOnScreens(deployment: Deployment): void {
    const { nas, structure, url, contents } = deployment;
    if (structure.registryList) {
        const values = pulumi
            .all([url, contents.users, contents.caCertificate, nas.facts.package])
            // Only an authority that is not public is told of.
            .apply(([address, [user], ca, package_]) =>
                registryListValues(address, user?.name ?? "", ca !== "", package_),
            );
        // The address names the entry: the new one is made, then the old one goes.
        deployment.script("list", { files: REGISTRY_LIST_SCRIPTS, values, replaceOn: [url] });
    }
}
