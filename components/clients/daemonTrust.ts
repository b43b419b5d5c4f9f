import type * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import type { Nas } from "../nas/nas";
import { printable } from "../settings/printable";
import { trustValues, type ClientTrust } from "./clientSetup";

/** Below `components/`. */
export const daemonTrustScripts = ["kinds/lib.sh", "pull.sh", "daemon-trust.sh"].map((file) => `clients/${file}`);

/** Lets the NAS's own Docker daemon trust a registry that serves, and takes that back when the resource goes. */
export function trustOnNas(
    name: string,
    nas: Nas,
    args: {
        /** `host:port`, as in an image's name. */
        registry: pulumi.Output<string>;
        trust: pulumi.Output<ClientTrust>;
        /** Who may pull; undefined where nobody has a password, or where no login is known. */
        user: pulumi.Output<{ name: string; password: string } | undefined>;
    },
    opts: pulumi.CustomResourceOptions,
): command.remote.Command {
    const script = nas.script(
        name,
        {
            files: daemonTrustScripts,
            values: pulumi.all([args.registry, args.trust, args.user]).apply(([registry, trust, user]) => ({
                ...trustValues(registry, trust),
                username: user?.name ?? "",
                password: user?.password ?? "",
            })),
            // After DSM's change from the package Docker to Container Manager there are other directories.
            replaceOn: [args.registry, nas.facts.daemonConfig],
        },
        opts,
    );
    pulumi.unsecret(script.stdout).apply((stdout) => {
        for (const [, file] of printable(stdout).matchAll(/^lostAtRestart=(.*)$/gm)) {
            void pulumi.log.warn(
                `daemonTrust: '${file}' is in the NAS's memory and gone after a restart of the NAS; give reapply another text then, and run 'up'.`,
                opts.parent,
            );
        }
    });
    return script;
}
