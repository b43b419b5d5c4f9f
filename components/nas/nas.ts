import type * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { childOptions, pick } from "../settings/component";
import { checked, type Section } from "../settings/section";
import { connection, endpointOf, splitConnection, type Keyless, type SshConnectionArgs } from "./connection";
import { explainDockerError } from "./connectionErrors";
import { parseFacts, type NasFacts } from "./facts";
import { Machine, type Access, type ScriptArgs } from "./machine";
import { renderScript } from "./script";
import { vendors, type NasVendor } from "./vendors";

/** Arguments of {@link NasProbe}. */
export interface NasProbeArgs {
    /** Make of the NAS. */
    vendor: pulumi.Input<NasVendor>;
    /** How the NAS is reached over SSH. */
    connection: pulumi.Input<SshConnectionArgs>;
}

export interface ReapplyArgs {
    /**
     * Any text; another one makes the next `up` look at the NAS again, and put back what is not as it was: an upgrade of the
     * firmware or of Docker's package may have rewritten a file. @default none @example "after DSM 7.3"
     */
    reapply?: pulumi.Input<string>;
}

/** Arguments that say which NAS is meant. */
export interface NasArgs extends NasProbeArgs, ReapplyArgs {}

export const nas = {
    ...connection,
    settings: ({ vendor, connection }) => ({ vendor, endpoint: endpointOf(connection) }),
} satisfies Section<Keyless<NasArgs>>;

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

/** What the probe is asked to check; without a shared folder it asks for none. */
interface Wanted {
    vendor: NasVendor;
    sharedFolder?: string;
    dataDirectory?: string;
    containerName?: string;
    runAsUser?: number;
    /** Kind of the key that a certificate for the NAS's own web server has. */
    importedKey?: string | undefined;
}

/** What a NAS does by itself, by scripts that only some need. */
type Own = "scheduler" | "snapshots";

export interface NasScriptArgs extends Omit<ScriptArgs, "shell" | "files"> {
    /** Paths relative to `components/`, besides those of every script. */
    files: string[];
    /** Whether the script becomes root, as far as the SSH user can. @default true */
    root?: boolean;
    /** What of the NAS's own it has, see vendor.sh. @default nothing */
    uses?: readonly Own[];
}

const rootBy = ({ privilege }: NasFacts) => (privilege === "sudo" ? "sudo -n" : "");

/** A NAS, asked what it is and can do. What cannot work there is refused before anything on it is changed. */
export class Nas {
    readonly facts: pulumi.Output<NasFacts>;
    private readonly machine: Machine;

    constructor(
        name: string,
        readonly access: Access,
        private readonly wanted: pulumi.Output<Wanted>,
        opts: pulumi.CustomResourceOptions,
    ) {
        this.machine = new Machine(
            access,
            wanted.apply(({ vendor }) => pick(vendors[vendor], "sshSetting", "blockSetting")),
        );
        const values = wanted.apply(({ runAsUser = RUN_AS_USER, ...asked }) => ({
            vendor: asked.vendor,
            known_vendors: Object.values(vendors)
                .map((known) => [known.name, ...known.signs].join(" "))
                .join("\n"),
            shared_folder: asked.sharedFolder ?? "",
            data_directory: asked.dataDirectory ?? "",
            container_name: asked.containerName ?? "",
            run_as_user: runAsUser,
            imported_key: asked.importedKey ?? "",
            run_as_given: runAsUser === RUN_AS_USER ? "" : "yes",
        }));
        const probe = this.machine.script(
            name,
            { files: this.scripts(["nas/probe.sh"]), values, reverts: false },
            opts,
        );
        this.facts = pulumi.unsecret(probe.stdout).apply(parseFacts);
        this.facts.warnings.apply((warnings) => warnings && pulumi.log.warn(warnings, opts.parent));
    }

    /** A script that has the functions for every NAS and the vendor's own, and knows what they need. */
    script(
        name: string,
        { files, values, root = true, uses, ...args }: NasScriptArgs,
        opts: pulumi.CustomResourceOptions,
    ): command.remote.Command {
        const shell = root ? this.facts.apply((facts) => `${rootBy(facts)} /bin/sh`.trim()) : undefined;
        const all = this.valuesOf({ values, root });
        return this.machine.script(name, { ...args, shell, files: this.scripts(files, uses), values: all }, opts);
    }

    /** The text of such a script, which stays on the NAS and runs there as root, or as the SSH user that has no root. */
    program({ files, values, uses }: Pick<NasScriptArgs, "files" | "values" | "uses">): pulumi.Output<string> {
        return pulumi
            .all([this.valuesOf({ values, root: true }), this.scripts(files, uses)])
            .apply(([all, scripts]) => renderScript(all, ...scripts));
    }

    private valuesOf({ values, root }: Pick<NasScriptArgs, "values" | "root">) {
        return pulumi.all([this.facts, values]).apply(([facts, own]) => ({
            package: facts.package,
            docker: facts.docker,
            docker_env: facts.dockerEnv,
            privilege: facts.privilege,
            // Before commands that need root; a script that is root needs it no more.
            sudo: root ? "" : rootBy(facts),
            vendor_ground: facts.vendorGround,
            owner: facts.owner,
            ...own,
        }));
    }

    /** The same of the connection that the docker provider has by ssh. */
    explained(name: string): pulumi.ErrorHook[] {
        return this.machine.explained(name, explainDockerError);
    }

    private scripts(own: string[], uses: readonly Own[] = []): pulumi.Output<string[]> {
        return this.wanted.apply(({ vendor }) => {
            const common = ["lib.sh", "vendor.sh", `${vendor}/${vendor}.sh`].map((file) => `nas/${file}`);
            const { schedulerScripts: scheduler, snapshotScripts: snapshots } = vendors[vendor];
            // Some are in both.
            return [...new Set([...common, ...uses.flatMap((each) => ({ scheduler, snapshots })[each]), ...own])];
        });
    }
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
    const { endpoint, privateKey } = splitConnection(component, args.connection);
    const given = { vendor: args.vendor, connection: endpoint } as Keyless<NasArgs>;
    const settings = checked(component, "NasProbeArgs", given, nas).apply(nas.settings);
    const access = { endpoint: settings.endpoint, privateKey, reapply: args.reapply };
    return new Nas(`${name}-probe`, access, settings, childOptions(component, opts));
}
