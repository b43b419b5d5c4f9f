import * as pulumi from "@pulumi/pulumi";

import type { SshConnectionArgs } from "./nas/connection";
import { configureDaemon, type DaemonConfigArgs } from "./nas/daemon/daemonConfig";
import { namedNas, type NasArgs } from "./nas/nas";
import { childOptions, setOutputs } from "./settings/component";
import { checked } from "./settings/section";

/** Arguments of {@link NasDaemonConfig}. */
export interface NasDaemonConfigArgs extends NasArgs, DaemonConfigArgs {
    /** How the NAS is reached over SSH; the user must be root or an administrator whose sudo asks for no password. */
    connection: pulumi.Input<SshConnectionArgs>;
}

/**
 * Settings of the NAS's own Docker daemon: insecure registries, mirrors, log defaults.
 *
 * They are merged into the file that Container Manager, Docker or Container Station keeps; all else in it stays. When the
 * file means something else than before, **the daemon restarts, and with it every container on the NAS**. Destroying it
 * takes out what it added, and restarts the daemon again. Several stacks may configure one NAS.
 */
export class NasDaemonConfig extends pulumi.ComponentResource {
    /** Absolute path of the daemon's configuration on the NAS. */
    public readonly daemonConfig!: pulumi.Output<string>;
    /** Directory in which the daemon keeps images and containers; shown, and never changed. */
    public readonly dataRoot!: pulumi.Output<string>;
    /** When this resource last restarted the daemon, as `2026-01-31T12:00:00Z`; empty when it never had to. */
    public readonly restartedAt!: pulumi.Output<string>;

    constructor(name: string, args: NasDaemonConfigArgs, opts?: pulumi.ComponentResourceOptions) {
        super("nas-registry:index:NasDaemonConfig", name, {}, opts);
        const { vendor, connection, reapply, ...given } = { ...args };
        const settings = checked(this, "DaemonConfigArgs", given, { confidential: ["logOptions"] });
        const nas = namedNas(this, name, { vendor, connection, reapply }, opts);
        const { dataRoot, restartedAt } = configureDaemon(name, nas, settings, childOptions(this, opts));
        const outputs = { daemonConfig: nas.facts.daemonConfig, dataRoot, restartedAt };
        this.registerOutputs(setOutputs<NasDaemonConfig>(this, outputs));
    }
}
