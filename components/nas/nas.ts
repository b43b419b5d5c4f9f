import type * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import type { NasFacts } from "./facts";
import type { Machine, ScriptArgs } from "./machine";
import type { Vendor } from "./vendor";

export interface NasScriptArgs extends Omit<ScriptArgs, "shell" | "files"> {
    /** Paths relative to `components/`, besides those of every script. */
    files: string[];
    /** Whether the script becomes root, as far as the SSH user can. @default true */
    root?: boolean;
}

/** What every script for a NAS has before its own: paths relative to `components/`. */
export function nasScripts({ name }: Pick<Vendor, "name">): string[] {
    return ["lib.sh", "vendor.sh", `${name}/${name}.sh`].map((file) => `nas/${file}`);
}

/** A NAS that the probe has looked at. */
export class Nas {
    constructor(
        readonly machine: Machine,
        readonly vendor: pulumi.Output<Vendor>,
        readonly facts: pulumi.Output<NasFacts>,
    ) {}

    /** A script that has the functions for every NAS and the vendor's own, and knows what they need. */
    script(
        name: string,
        { files, values, root = true, ...args }: NasScriptArgs,
        opts: pulumi.CustomResourceOptions,
    ): command.remote.Command {
        const sudo = this.facts.apply(({ privilege }) => (privilege === "sudo" ? "sudo -n" : ""));
        const common = pulumi.all([this.facts, sudo]).apply(([facts, becomesRoot]) => ({
            package: facts.package,
            docker: facts.docker,
            docker_env: facts.dockerEnv,
            privilege: facts.privilege,
            // Before commands that need root; a script that is root needs it no more.
            sudo: root ? "" : becomesRoot,
            vendor_ground: facts.vendorGround,
            owner: facts.owner,
        }));
        return this.machine.script(
            name,
            {
                ...args,
                shell: root ? sudo.apply((prefix) => `${prefix} /bin/sh`.trim()) : undefined,
                files: this.vendor.apply((vendor) => [...nasScripts(vendor), ...files]),
                values: pulumi.all([common, values]).apply(([all, own]) => ({ ...all, ...own })),
            },
            opts,
        );
    }
}
