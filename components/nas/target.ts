import * as pulumi from "@pulumi/pulumi";

import { Problems } from "../settings/checks";
import { knownOf, type Known } from "../settings/known";
import { checkConnection } from "./checkConnection";
import { splitConnection, type KeylessConnection, type SshConnectionArgs } from "./connection";
import { bareHostKey } from "./hostKey";
import type { Target } from "./remoteScript";
import { NasVendor, vendors } from "./vendors";

/** Arguments that say which NAS is meant. */
export interface NasArgs {
    vendor: pulumi.Input<NasVendor>;
    connection: pulumi.Input<SshConnectionArgs>;
}

interface KeylessArgs {
    vendor: pulumi.Input<NasVendor>;
    connection: pulumi.Input<KeylessConnection>;
}

/** A NAS for the components that need no more of it than that. */
export interface ChosenNas {
    vendor: pulumi.Output<NasVendor>;
    target: Target;
}

/**
 * The NAS that the arguments name.
 *
 * @throws ResourceError with one sentence for each argument that is wrong and known now; an Output is checked when it resolves.
 */
export function chosenNas(component: pulumi.Resource, args: NasArgs): ChosenNas {
    const { endpoint, privateKey } = splitConnection(args.connection);
    const given: KeylessArgs = { vendor: args.vendor, connection: endpoint };
    refuse(component, (problems) => checkNas(problems, knownOf(given) ?? {}));
    const chosen = pulumi.output(given).apply((plain) => {
        refuse(component, (problems) => checkNas(problems, plain));
        const { host, port = 22, user = "root", hostKey } = plain.connection;
        return { vendor: plain.vendor, endpoint: { host, port, user, hostKey: bareHostKey(hostKey) } };
    });
    return {
        vendor: chosen.vendor,
        target: {
            endpoint: chosen.endpoint,
            privateKey,
            sshSetting: chosen.vendor.apply((vendor) => vendors[vendor].sshSetting),
        },
    };
}

/** Throws what a check finds, all of it together. */
export function refuse(component: pulumi.Resource, check: (problems: Problems) => void): void {
    const problems = new Problems();
    check(problems);
    if (problems.sentences.length > 0) {
        throw new pulumi.ResourceError(problems.sentences.join("\n"), component, true);
    }
}

/** What is not known yet is not checked. */
export function checkNas(problems: Problems, { vendor, connection }: Known<KeylessArgs>): void {
    problems.oneOf("vendor", vendor, NasVendor);
    checkConnection(problems, connection);
}
