import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { printable } from "../settings/printable";
import type { Endpoint } from "./connection";
import { explainConnectionError, type SshSettings } from "./connectionErrors";
import { errorHooks } from "./hooks";
import { renderScript } from "./script";

/** How a machine is reached. */
export interface Access {
    endpoint: pulumi.Output<Endpoint>;
    privateKey: pulumi.Input<string | undefined>;
    /**
     * A value of every script, though none reads it: another text runs them all again, in place. A replacement (`pulumi up
     * --replace`) is no way to do that, since it applies the new resource and then reverts the old one, which is the same.
     */
    reapply: pulumi.Input<string | undefined>;
}

export interface ScriptArgs {
    /** Shell that reads the script. @default "/bin/sh" */
    shell?: pulumi.Input<string>;
    /** Paths relative to `components/`. */
    files: pulumi.Input<string[]>;
    /** Shell variables; may be secrets. */
    values: pulumi.Input<Record<string, pulumi.Input<string | number>>>;
    /** Whether the script takes back what it did when the resource goes. @default true */
    reverts?: boolean;
    /** Whether it runs only when something about it changes, since there is nothing to do when it is made. @default false */
    waits?: boolean;
    /** A change replaces the resource: the new values are applied, then the old ones reverted. */
    replaceOn?: pulumi.Input<string>[];
}

/** A machine reached over SSH: a NAS, or a Docker host. */
export class Machine {
    constructor(
        private readonly access: Access,
        private readonly sshSettings: pulumi.Input<SshSettings>,
    ) {}

    /** Says what to do about a connection that failed. */
    explained(name: string, explain = explainConnectionError): pulumi.ErrorHook[] {
        const known = pulumi.all([this.access.endpoint, this.sshSettings]);
        return errorHooks(`${name}-explain`, known, (error, context) => explain(error, ...context));
    }

    /**
     * A script on the machine: one SSH connection, everything on standard input, run again whenever its text or values
     * change. Its argument is `apply`, `revert` or `check`; `check` changes nothing and prints, one a line, what `apply` would
     * put back. What it warns of is a warning of every `up`.
     */
    script(name: string, args: ScriptArgs, opts: pulumi.CustomResourceOptions): command.remote.Command {
        const { endpoint, privateKey, reapply } = this.access;
        const run = (verb: string) => pulumi.interpolate`${args.shell ?? "/bin/sh"} -s ${verb}`;
        const onError = this.explained(name);
        const script = new command.remote.Command(
            name,
            {
                // The command provider's SDK makes it a secret, since the key may be in it.
                connection: pulumi.all([endpoint, privateKey]).apply(([known, key]) => ({
                    ...known,
                    ...(key !== undefined && { privateKey: key }),
                    // A refused key is tried again as often as an unreachable host, and a NAS bans addresses after some failures.
                    dialErrorLimit: 2,
                    perDialTimeout: 15,
                })),
                [args.waits ? "update" : "create"]: run("apply"),
                delete: args.reverts === false ? undefined : run("revert"),
                stdin: pulumi.secret(
                    pulumi
                        .all([args.values, args.files, reapply])
                        .apply(([values, files, again = ""]) => renderScript({ ...values, reapply: again }, ...files)),
                ),
                triggers: args.replaceOn,
                // The provider stops reading, and hangs, at a line over 64 KiB; and its errors show the output anyway.
                logging: command.remote.Logging.None,
                // sshd refuses environment variables.
                addPreviousOutputInEnv: false,
            },
            { ...opts, hooks: { ...opts.hooks, onError } },
        );
        pulumi.unsecret(script.stdout).apply((stdout: string | undefined) => {
            for (const [, warning = ""] of printable(stdout ?? "").matchAll(/^warning=(.*)$/gm)) {
                void pulumi.log.warn(warning, opts.parent);
            }
        });
        return script;
    }
}
