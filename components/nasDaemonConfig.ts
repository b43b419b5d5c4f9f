import * as pulumi from "@pulumi/pulumi";

import { knownOf } from "./settings/known";
import type { SshConnectionArgs } from "./nas/connection";
import { configureDaemon, daemonFacts } from "./nas/daemon/daemonConfig";
import { checkDaemonSettings, type DaemonConfigArgs } from "./nas/daemon/daemonSettings";
import { probeAlone } from "./nas/probeAlone";
import { chosenNas, refuse } from "./nas/target";
import type { NasVendor } from "./nas/vendors";

/** Arguments of {@link NasDaemonConfig}. */
export interface NasDaemonConfigArgs extends DaemonConfigArgs {
    /** Make of the NAS: `synology` or `qnap`. */
    vendor: pulumi.Input<NasVendor>;
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
    public readonly daemonConfig: pulumi.Output<string>;
    /** Directory in which the daemon keeps images and containers; shown, and never changed. */
    public readonly dataRoot: pulumi.Output<string>;
    /** When this resource last restarted the daemon, as `2026-01-31T12:00:00Z`; empty when it never had to. */
    public readonly restartedAt: pulumi.Output<string>;

    constructor(name: string, args: NasDaemonConfigArgs, opts?: pulumi.ComponentResourceOptions) {
        // No inputs are recorded for the component itself: an SSH key could be among them.
        super("nas-registry:index:NasDaemonConfig", name, {}, opts);
        const child = { parent: this };
        const nas = chosenNas(this, args);
        const { vendor: _vendor, connection: _connection, ...given } = args;
        refuse(this, (problems) => checkDaemonSettings(problems, knownOf(given) ?? {}));
        const settings = pulumi.output(given).apply((plain) => {
            refuse(this, (problems) => checkDaemonSettings(problems, plain));
            return plain;
        });

        const facts = probeAlone(`${name}-probe`, nas, child);
        const daemon = daemonFacts(configureDaemon(name, nas, facts, settings, child));

        this.daemonConfig = facts.daemonConfig;
        this.dataRoot = daemon.dataRoot;
        this.restartedAt = daemon.restartedAt;
        this.registerOutputs({
            daemonConfig: this.daemonConfig,
            dataRoot: this.dataRoot,
            restartedAt: this.restartedAt,
        });
    }
}
