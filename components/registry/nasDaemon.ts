import * as pulumi from "@pulumi/pulumi";

import { configureDaemon, daemonFacts } from "../nas/daemon/daemonConfig";
import type { NasFacts } from "../nas/probe";
import type { ChosenNas } from "../nas/target";
import type { Confidential, Settings, Structure } from "./settings";
import { trustOf } from "../clients/clientSetup";
import { trustOnNas } from "../clients/daemonTrust";
import type { RegistryCertificates } from "../certificates/certificates";
import { clientAuthority } from "./sections/http";
import type { User } from "./users";

export interface NasDaemonArgs {
    nas: ChosenNas;
    facts: pulumi.Output<NasFacts>;
    settings: pulumi.Output<Settings>;
    confidential: pulumi.Output<Pick<Confidential, "daemonConfig">>;
}

/** What the configuration of the NAS's daemon was changed by, if anything. */
export interface ConfiguredDaemon {
    resources: pulumi.Resource[];
    /** When it last restarted for that. */
    restartedAt: pulumi.Input<string>;
}

/** The settings of the NAS's daemon that were asked for; and the registry among the insecure ones, where it has no TLS. */
export function registryDaemonConfig(
    name: string,
    { tls, daemonTrust, hasDaemonConfig }: Structure,
    { nas, facts, settings, confidential }: NasDaemonArgs,
    opts: pulumi.CustomResourceOptions,
): ConfiguredDaemon {
    const isInsecure = daemonTrust && tls === "none";
    if (!hasDaemonConfig && !isInsecure) {
        return { resources: [], restartedAt: "" };
    }
    const asked = pulumi.all([settings, confidential]).apply(([open, { daemonConfig = {} }]) => ({
        ...daemonConfig,
        insecureRegistries: [
            ...(daemonConfig.insecureRegistries ?? []),
            ...(isInsecure ? [clientAuthority(open)] : []),
        ],
    }));
    const daemon = configureDaemon(name, nas, facts, asked, opts);
    return { resources: [daemon], restartedAt: daemonFacts(daemon).restartedAt };
}

/** The NAS's daemon trusts the registry, if asked for. */
export function registryDaemonTrust(
    name: string,
    { tls, daemonTrust }: Structure,
    args: Pick<NasDaemonArgs, "nas" | "facts"> & {
        authority: pulumi.Output<string>;
        certificates: RegistryCertificates;
        users: pulumi.Output<User[]>;
    },
    opts: pulumi.CustomResourceOptions,
): void {
    if (!daemonTrust) {
        return;
    }
    const { nas, facts, authority, users } = args;
    const trust = args.certificates.caCertificate.apply((certificate) =>
        trustOf({ insecure: tls === "none", caCertificate: certificate ?? "" }),
    );
    const user = users.apply(([first]) => first);
    trustOnNas(`${name}-daemon-trust`, { nas, facts, registry: authority, trust, user }, opts);
}
