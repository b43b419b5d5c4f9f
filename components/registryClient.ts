import * as pulumi from "@pulumi/pulumi";

import { splitConnection, type Keyless } from "./nas/connection";
import { Machine } from "./nas/machine";
import { trustValues } from "./clients/clientSetup";
import { registryClient, type RegistryClientArgs } from "./clients/registryClientArgs";
import { checked } from "./settings/checked";
import { childOptions, setOutputs } from "./settings/component";

/** Below `components/`. */
export const clientScripts = [
    ...["lib.sh", "daemon-json.sh", "linux.sh", "containerd.sh"].map((file) => `clients/kinds/${file}`),
    ...["pull.sh", "registry-client.sh"].map((file) => `clients/${file}`),
];

/**
 * A Linux host with Docker that trusts a registry: it gets the certificate of the registry's authority, is logged in if
 * asked, and `up` fails unless a pull from there reaches the registry. Destroying it takes back what it has added.
 *
 * Let it depend on the registry's resource, so that there is one to reach:
 * `new RegistryClient("build-server", { … }, { dependsOn: [registry] })`.
 */
export class RegistryClient extends pulumi.ComponentResource {
    /** `host:port` of the registry; known once a pull from this host has reached it. */
    public readonly registry!: pulumi.Output<string>;

    constructor(name: string, args: RegistryClientArgs, opts?: pulumi.ComponentResourceOptions) {
        super("nas-registry:index:RegistryClient", name, {}, opts);
        const { connection, password, reapply, ...open } = args;
        const { endpoint, privateKey } = splitConnection(connection);
        // That there is a password is all that a check needs of it.
        const given = { ...open, connection: endpoint, password: password === undefined ? undefined : "given" };
        const settings = checked(this, given as Keyless<RegistryClientArgs>, registryClient).apply(
            registryClient.settings,
        );

        const sshSetting = "its package openssh-server, 'systemctl status ssh'";
        const setup = new Machine(settings.endpoint, privateKey, sshSetting, reapply).script(
            `${name}-trust`,
            {
                files: clientScripts,
                values: pulumi.all([settings, password]).apply(([known, secret = ""]) => ({
                    ...trustValues(known.registry, known),
                    containerd: known.containerd ? "yes" : "",
                    username: known.username,
                    password: secret,
                })),
                // Another registry, user or machine gets the setup, then the old one loses it.
                replaceOn: [settings.registry, settings.endpoint.user, settings.endpoint.hostKey],
            },
            childOptions(this, opts),
        );
        const registry = pulumi.all([settings.registry, pulumi.unsecret(setup.stdout)]).apply(([each]) => each);
        this.registerOutputs(setOutputs<RegistryClient>(this, { registry }));
    }
}
