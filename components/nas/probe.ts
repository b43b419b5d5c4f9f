import * as pulumi from "@pulumi/pulumi";

import { checked } from "../settings/checked";
import { childOptions } from "../settings/component";
import { splitConnection, type Endpoint, type GivenConnection, type Keyless } from "./connection";
import { parseFacts } from "./facts";
import { Machine } from "./machine";
import { Nas, nasScripts } from "./nas";
import { nas, type NasArgs } from "./nasArgs";
import { vendors, type NasVendor } from "./vendors";

/**
 * User and group of the containers, and owner of the images: a number that no NAS gives to people or programs. The probe
 * refuses it where the NAS has such a user all the same.
 *
 * - Linux: people end at 60000 and subordinate users begin at 100000 (UID_MAX and SUB_UID_MIN of shadow's login.defs);
 *   systemd's ranges end at 65535 and begin again at 524288 (its "Users, Groups, UIDs and GIDs").
 * - DSM: packages have 100000 to 300000 (Synology's developer guide, "Package User & Group"). People begin at 1024 and their
 *   groups at 65536, of which a NAS has some hundreds at most; no document of Synology's says so.
 * - QTS: people begin at 500 or 1000; no document of QNAP's says so.
 */
export const RUN_AS_USER = 91_600;

/** What the probe is asked to check. */
export interface ProbeSettings {
    vendor: NasVendor;
    /** Undefined asks for no folder. */
    sharedFolder: string | undefined;
    dataDirectory: string | undefined;
    containerName: string;
    /** User and group of the containers. */
    runAsUser: number;
}

/** How a NAS is reached. */
export interface NasAccess {
    endpoint: pulumi.Output<Endpoint>;
    privateKey: GivenConnection["privateKey"];
    reapply: pulumi.Input<string | undefined>;
}

/** Asks the NAS what it is and can do, and refuses what cannot work there, before anything on it is changed. */
export function probeNas(
    name: string,
    { endpoint, privateKey, reapply }: NasAccess,
    settings: pulumi.Output<Pick<ProbeSettings, "vendor"> & Partial<ProbeSettings>>,
    opts: pulumi.CustomResourceOptions,
): Nas {
    const vendor = settings.apply((asked) => vendors[asked.vendor]);
    const machine = new Machine(endpoint, privateKey, vendor.sshSetting, reapply);
    const probe = machine.script(
        name,
        {
            files: vendor.apply((asked) => [...nasScripts(asked), "nas/probe.sh"]),
            values: settings.apply(({ runAsUser = RUN_AS_USER, ...asked }) => ({
                vendor: asked.vendor,
                known_vendors: Object.values(vendors)
                    .map((known) => [known.name, ...known.signs].join(" "))
                    .join("\n"),
                shared_folder: asked.sharedFolder ?? "",
                data_directory: asked.dataDirectory ?? "",
                container_name: asked.containerName ?? "",
                run_as_user: runAsUser,
                run_as_given: runAsUser === RUN_AS_USER ? "" : "yes",
            })),
            reverts: false,
        },
        opts,
    );
    const facts = pulumi.unsecret(probe.stdout).apply(parseFacts);
    facts.warnings.apply((warnings) => warnings && pulumi.log.warn(warnings, opts.parent));
    return new Nas(machine, vendor, facts);
}

/**
 * The NAS that a component's arguments name, asked without regard to any registry.
 *
 * @throws ResourceError with one sentence for each argument that is wrong and known now; an Output is checked when it resolves.
 */
export function namedNas(
    component: pulumi.ComponentResource,
    name: string,
    args: NasArgs,
    opts?: pulumi.ComponentResourceOptions,
): Nas {
    const { endpoint, privateKey } = splitConnection(args.connection);
    const given = { vendor: args.vendor, connection: endpoint } as Keyless<NasArgs>;
    const settings = checked(component, given, nas).apply(nas.settings);
    const access = { endpoint: settings.endpoint, privateKey, reapply: args.reapply };
    return probeNas(`${name}-probe`, access, settings, childOptions(component, opts));
}
