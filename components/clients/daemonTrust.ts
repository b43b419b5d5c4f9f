import type * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { type NasFacts, rootShell } from "../nas/probe";
import { remoteScript } from "../nas/remoteScript";
import type { ChosenNas } from "../nas/target";
import { vendors } from "../nas/vendors";
import { printable } from "../settings/printable";
import { trustValues, type ClientTrust } from "./clientSetup";

export interface DaemonTrustArgs {
    nas: ChosenNas;
    facts: pulumi.Output<NasFacts>;
    /** `host:port`, as in an image's name. */
    registry: pulumi.Output<string>;
    trust: pulumi.Output<ClientTrust>;
    /** Who may pull; nothing where nobody has a password, or where no login is known. */
    user: pulumi.Output<{ name: string; password: string } | undefined>;
}

/** Below `components/`. */
export function daemonTrustScripts(...ofVendor: string[]): string[] {
    return ["nas/lib.sh", ...ofVendor, "clients/kinds/lib.sh", "clients/pull.sh", "clients/daemon-trust.sh"];
}

/** Lets the NAS's own Docker daemon trust a registry that serves, and takes that back when the resource goes. */
export function trustOnNas(
    name: string,
    args: DaemonTrustArgs,
    opts: pulumi.CustomResourceOptions,
): command.remote.Command {
    const { nas, facts } = args;
    const script = remoteScript(
        name,
        {
            target: nas.target,
            shell: rootShell(facts),
            files: nas.vendor.apply((vendor) => daemonTrustScripts(`nas/${vendors[vendor].script}`)),
            values: pulumi.all([args.registry, args.trust, args.user]).apply(([registry, trust, user]) => ({
                ...trustValues(registry, trust),
                vendor: nas.vendor,
                package: facts.package,
                docker: facts.docker,
                docker_env: facts.dockerEnv,
                username: user?.name ?? "",
                password: user?.password ?? "",
            })),
            reverts: true,
            // After DSM's change from the package Docker to Container Manager there are other directories.
            replaceOn: [args.registry, facts.daemonConfig],
        },
        opts,
    );
    pulumi.unsecret(script.stdout).apply((stdout) => {
        for (const [, file] of printable(stdout).matchAll(/^lostAtRestart=(.*)$/gm)) {
            void pulumi.log.warn(
                `daemonTrust: '${file}' is in the NAS's memory and gone after a restart of the NAS; give the stack's setting nas-registry:reapply another text then, and run 'up'.`,
                opts.parent,
            );
        }
    });
    return script;
}
