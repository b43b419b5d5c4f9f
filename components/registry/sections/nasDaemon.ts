import type * as pulumi from "@pulumi/pulumi";

import type { DaemonConfigArgs } from "../../nas/daemon/daemonConfig";
import type { NasArgs } from "../../nas/nas";
import { checkOffer } from "../../nas/vendors";
import type { AddressArgs } from "./address";
import type { RegistryContainerArgs, RestartPolicy } from "./container";
import { loopbackIn, section } from "./section";
import type { TlsArgs } from "./tls";
import type { MirrorArgs } from "./upstream";

/** What the NAS itself is told of the registry. */
export interface NasDaemonArgs {
    /**
     * Enters the registry in the list that DSM's Container Manager or Docker searches (Synology only). Its password is
     * entered there by hand, once: DSM takes it on a command line only. Which registry is in use there stays as it is.
     * It must be known when the program runs. @default false
     */
    registryList?: boolean;
    /**
     * Lets the NAS's own Docker daemon pull from the registry: its authority's certificate goes into the daemon's certs.d,
     * which restarts nothing, and `up` fails unless a pull on the NAS reaches the registry. Without TLS the registry goes
     * into the daemon's insecure registries, and **the daemon restarts, and with it every container on the NAS**. Needs
     * root on the NAS. It must be known when the program runs. @default false
     */
    daemonTrust?: boolean;
    /**
     * Settings of the NAS's own Docker daemon. Where they are new to it, **the daemon restarts, and with it every container
     * on the NAS**. Needs root on the NAS. Whether it is given must be known when the program runs.
     * @default none, and the daemon stays as it is @example { registryMirrors: ["https://mirror.lan:5000"] }
     */
    daemonConfig?: pulumi.Input<DaemonConfigArgs>;
}

/** Restart policies by which the engine starts a container again when it has itself been restarted. */
const OUTLIVING: RestartPolicy[] = ["always", "unless-stopped"];

export const nasDaemon = section<
    NasDaemonArgs & AddressArgs & NasArgs & MirrorArgs & TlsArgs & RegistryContainerArgs
>()({
    confidential: ["daemonConfig"],
    check: (problems, args) => {
        const { registryList, restart, vendor } = args;
        if (registryList) {
            checkOffer(problems, "registryList: true", "registry list", vendor);
        }
        const pulling = ["registryList", "daemonTrust", "daemonMirror"].find((name) => args[name as keyof typeof args]);
        if (
            pulling &&
            args.tls !== "reverse-proxy" &&
            loopbackIn(args.bindAddress) &&
            !loopbackIn(args.hostName ?? args.connection?.host)
        ) {
            problems.add(
                `bindAddress: "${args.bindAddress}" is not allowed with ${pulling}, since the NAS's own engine pulls from hostName and not from there; leave one of the two out.`,
            );
        }
        const restarting = [
            "daemonConfig" in args && "daemonConfig",
            args.daemonMirror && "daemonMirror",
            args.daemonTrust && args.tls === "none" && "daemonTrust and tls none",
        ].find(Boolean);
        if (restarting && restart && !OUTLIVING.includes(restart)) {
            problems.add(
                `restart: "${restart}" is not allowed with ${restarting}, for which the Docker daemon restarts, and would not start the registry again; it must be one of ${OUTLIVING.join(", ")}.`,
            );
        }
    },
    structure: ({ registryList = false, daemonTrust = false, daemonConfig }) => ({
        registryList,
        daemonTrust,
        hasDaemonConfig: daemonConfig !== undefined,
    }),
});
