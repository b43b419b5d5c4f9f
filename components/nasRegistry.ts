import * as pulumi from "@pulumi/pulumi";

import { dockerEngine, registryContainers } from "./registry/containers/containers";
import { deploymentOf } from "./registry/deployment";
import * as onNas from "./registry/onNas";
import { installOperations } from "./registry/operations";
import { registryOutputs } from "./registry/outputs";
import type { NasRegistryArgs } from "./registry/sections";
import { refuseOthers } from "./registry/settings";
import { giveWarnings } from "./registry/warnings";
import { setOutputs, withoutStackTraces } from "./settings/component";

/**
 * A private OCI registry (CNCF distribution 3, with Redis as its descriptor cache) on a NAS, with users
 * and TLS.
 *
 * Destroying it takes away everything it put on the NAS except the data directory. A docker provider handed over in
 * `opts.providers` is used in place of the SSH transport that is made otherwise.
 */
export class NasRegistry extends pulumi.ComponentResource {
    /** `https://host:port` of the registry; `http://` without TLS. */
    public readonly url!: pulumi.Output<string>;
    /** `host:port`, as in the names of images. */
    public readonly registry!: pulumi.Output<string>;
    /** Address that lists the repositories; it asks for a user's name and password. */
    public readonly catalogUrl!: pulumi.Output<string>;
    /** Name of the first user; empty when there are none. */
    public readonly username!: pulumi.Output<string>;
    /** Password of the first user; a secret, empty when there are none. */
    public readonly password!: pulumi.Output<string>;
    /** The passwords of all users by their names; a secret. */
    public readonly passwords!: pulumi.Output<Record<string, string>>;
    /** What encrypts the backups, to be kept elsewhere, too; a secret, empty without `operations.backup`. */
    public readonly backupPassword!: pulumi.Output<string>;
    /** Certificate of the authority, PEM: what clients must trust. Empty when that is a public one, or without TLS. */
    public readonly caCertificate!: pulumi.Output<string>;
    /** Server certificate that clients are shown, with its intermediates, PEM. Empty without TLS. */
    public readonly certificate!: pulumi.Output<string>;
    /** Command that logs a Docker client in. */
    public readonly dockerLogin!: pulumi.Output<string>;
    /** Shell script that makes the Docker Engine of a Linux machine trust the registry: `sudo sh`; undo: `sudo sh -s undo`. */
    public readonly clientSetup!: pulumi.Output<string>;
    /**
     * Such a script for each kind of client by its name, for instance `linux`, `k3s` or `macos`; docs/how-to/clients.md has all.
     * They are long, and no outputs for a stack: `nas-registry client-setup` prints one.
     */
    public readonly clientSetups!: pulumi.Output<Record<string, string>>;

    constructor(name: string, args: NasRegistryArgs, opts?: pulumi.ComponentResourceOptions) {
        super("nas-registry:index:NasRegistry", name, {}, opts);
        refuseOthers(this, "NasRegistry", args);
        const { outputs } = deployRegistry(this, name, args, opts);
        // The scripts are a fifth of a state, which Pulumi writes whole at each step.
        const { clientSetups: _, ...recorded } = setOutputs<NasRegistry>(this, outputs);
        this.registerOutputs(recorded);
    }
}

/** Declares the children of a registry, or of a mirror, in the order in which each needs those before it. */
export function deployRegistry(...declared: Parameters<typeof deploymentOf>) {
    return withoutStackTraces(() => {
        const deployment = deploymentOf(...declared);
        giveWarnings(deployment);
        // Before all else that is changed: they refuse a data directory that is not the registry's.
        const owner = onNas.takeOverData(deployment);
        const files = onNas.files(deployment, owner);
        // While the daemon restarts there is nothing to talk to.
        const daemon = onNas.daemonConfig(deployment, files);
        const engine = dockerEngine(deployment, files, daemon?.script);
        const containers = registryContainers(deployment, engine);
        const proxy = onNas.reverseProxy(deployment);
        const serving = onNas.smokeTest(deployment, containers, daemon, files, proxy);
        const trusted = onNas.daemonTrust(deployment, serving);
        installOperations(deployment, engine, containers, serving);
        onNas.registryList(deployment);
        return { deployment, serving, trusted, outputs: registryOutputs(deployment) };
    });
}
