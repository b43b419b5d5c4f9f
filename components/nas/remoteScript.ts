import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { errorHook } from "./errorHook";
import { explainConnectionError, remoteConnection, type Endpoint, type GivenConnection } from "./connection";
import { renderScript } from "./script";

/** One machine, a NAS or a Docker host, as the target of remote scripts. */
export interface Target {
    endpoint: pulumi.Output<Endpoint>;
    privateKey: GivenConnection["privateKey"];
    /** Where SSH is switched on, for messages. */
    sshSetting: pulumi.Output<string>;
}

export interface RemoteScriptArgs {
    target: Target;
    /** Shell that reads the script. @default "/bin/sh" */
    shell?: pulumi.Input<string>;
    /** Paths relative to `components/`; a script without `revert` is run once and never taken back. */
    files: pulumi.Input<string[]>;
    /** Shell variables of the script; may be secrets. */
    values: pulumi.Input<Record<string, pulumi.Input<string | number>>>;
    /**
     * The script takes `apply`, `revert` or `check` as its argument, and `revert` runs when the resource goes. `check` changes
     * nothing and prints, one a line, what `apply` would put back; it fails only when it cannot look.
     * @default false
     */
    reverts?: boolean;
    /** A change replaces the resource: the new values are applied, then the old ones reverted. */
    replaceOn?: pulumi.Input<string>[];
}

/**
 * A script on the NAS: one SSH connection, everything on standard input, run again whenever its text or values change.
 *
 * The setting `nas-registry:reapply` of the stack is one of the values of all scripts, though none reads it: another text runs
 * them all again, in place. A replacement (`pulumi up --replace`) is no way to do that, since it applies the new resource and
 * then reverts the old one, which is the same.
 */
export function remoteScript(
    name: string,
    args: RemoteScriptArgs,
    opts: pulumi.CustomResourceOptions,
): command.remote.Command {
    const shell = pulumi.output(args.shell ?? "/bin/sh");
    const reapply = new pulumi.Config("nas-registry").get("reapply");
    const run = (action: string) => pulumi.interpolate`${shell} -s${args.reverts ? ` ${action}` : ""}`;
    return new command.remote.Command(
        name,
        {
            connection: remoteConnection(args.target.endpoint, args.target.privateKey),
            create: run("apply"),
            delete: args.reverts ? run("revert") : undefined,
            stdin: pulumi.secret(
                pulumi
                    .all([args.values, args.files])
                    .apply(([values, files]) =>
                        renderScript({ ...values, ...(reapply && { stack_reapply: reapply }) }, ...files),
                    ),
            ),
            triggers: args.replaceOn,
            // The provider stops reading, and hangs, at a line over 64 KiB; and its errors show the output anyway.
            logging: command.remote.Logging.None,
            // sshd refuses environment variables.
            addPreviousOutputInEnv: false,
        },
        { ...opts, hooks: { ...opts.hooks, ...explainErrors(`${name}-explain`, args.target) } },
    );
}

/** Adds one sentence to the command provider's error when the connection itself failed. */
function explainErrors(name: string, { endpoint, sshSetting }: Target): pulumi.ResourceHookBinding | undefined {
    return errorHook(name, pulumi.all([endpoint, sshSetting]), (error, known) =>
        explainConnectionError(error, ...known),
    );
}
