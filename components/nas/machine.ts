import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { explainConnectionError, type Endpoint, type GivenConnection } from "./connection";
import { errorHooks } from "./hooks";
import { renderScript } from "./script";

/** Shell variables of a script; may be secrets. */
export type ScriptInputs = Record<string, pulumi.Input<string | number>>;

export interface ScriptArgs {
    /** Shell that reads the script. @default "/bin/sh" */
    shell?: pulumi.Input<string>;
    /** Paths relative to `components/`. */
    files: pulumi.Input<string[]>;
    values: pulumi.Input<ScriptInputs>;
    /** Whether the script takes back what it did when the resource goes. @default true */
    reverts?: boolean;
    /** A change replaces the resource: the new values are applied, then the old ones reverted. */
    replaceOn?: pulumi.Input<string>[];
}

/** A machine reached over SSH: a NAS, or a Docker host. */
export class Machine {
    /**
     * @param sshSetting Where SSH is switched on, for messages.
     * @param reapply A value of every script, though none reads it: another text runs them all again, in place. A
     * replacement (`pulumi up --replace`) is no way to do that, since it applies the new resource and then reverts the old
     * one, which is the same.
     */
    constructor(
        readonly endpoint: pulumi.Output<Endpoint>,
        private readonly privateKey: GivenConnection["privateKey"],
        private readonly sshSetting: pulumi.Input<string>,
        private readonly reapply: pulumi.Input<string | undefined>,
    ) {}

    /**
     * A script on the machine: one SSH connection, everything on standard input, run again whenever its text or values
     * change. Its argument is `apply`, `revert` or `check`; `check` changes nothing and prints, one a line, what `apply` would
     * put back.
     */
    script(name: string, args: ScriptArgs, opts: pulumi.CustomResourceOptions): command.remote.Command {
        const run = (verb: string) => pulumi.interpolate`${args.shell ?? "/bin/sh"} -s ${verb}`;
        const explain = errorHooks(
            `${name}-explain`,
            pulumi.all([this.endpoint, this.sshSetting]),
            // Added to the command provider's error when the connection itself failed.
            (error, known) => explainConnectionError(error, ...known),
        );
        // The command provider's SDK makes it a secret, since the key may be in it.
        const connection = pulumi.all([this.endpoint, this.privateKey]).apply(([endpoint, privateKey]) => ({
            ...endpoint,
            ...(privateKey !== undefined && { privateKey }),
            // A refused key is tried again as often as an unreachable host, and a NAS bans addresses after some failures.
            dialErrorLimit: 2,
            perDialTimeout: 15,
        }));
        return new command.remote.Command(
            name,
            {
                connection,
                create: run("apply"),
                delete: args.reverts === false ? undefined : run("revert"),
                stdin: pulumi.secret(
                    pulumi
                        .all([args.values, args.files, this.reapply])
                        .apply(([values, files, reapply = ""]) => renderScript({ ...values, reapply }, ...files)),
                ),
                triggers: args.replaceOn,
                // The provider stops reading, and hangs, at a line over 64 KiB; and its errors show the output anyway.
                logging: command.remote.Logging.None,
                // sshd refuses environment variables.
                addPreviousOutputInEnv: false,
            },
            { ...opts, hooks: { ...opts.hooks, onError: explain } },
        );
    }
}
