import * as pulumi from "@pulumi/pulumi";

import type { NasRegistryArgs } from "./args";
import type { Endpoint, GivenConnection } from "./nas/connection";
import type { ProbeSettings } from "./nas/probe";
import { vendors } from "./nas/vendors";
import { findProblems, type PlainArgs } from "./validation";

/** Every setting, checked and with its default filled in. */
export interface Settings extends ProbeSettings {
    endpoint: Endpoint;
    hostName: string;
    /** Names and addresses in the certificate, hostName first. */
    certificateNames: string[];
    username: string;
    image: string;
    redisImage: string;
    /** MiB. */
    memory: number;
    cpus: number;
    /** MiB. */
    redisMemory: number;
}

/**
 * The component's settings. What is wrong in arguments that are known now is thrown now, before any resource is made; an
 * Output is checked when it resolves.
 *
 * @throws ResourceError with one sentence for each argument that is wrong, all of them together.
 */
export function settingsOf(
    component: pulumi.Resource,
    name: string,
    args: Omit<NasRegistryArgs, "connection"> & { connection: GivenConnection["endpoint"] },
): pulumi.Output<Settings> {
    const refuse = (problems: string[]) => {
        if (problems.length > 0) {
            throw new pulumi.ResourceError(problems.join("\n"), component, true);
        }
    };
    refuse(
        findProblems(
            { ...known(args), connection: pulumi.Output.isInstance(args.connection) ? {} : known(args.connection) },
            name,
        ),
    );
    return pulumi.output(args).apply((plain) => {
        refuse(findProblems(plain, name));
        return withDefaults(name, plain);
    });
}

/** The properties that are neither Outputs nor Promises, nor hold any. */
function known(args: object): object {
    const isKnown = (value: unknown): boolean =>
        !pulumi.Output.isInstance(value) &&
        !(value instanceof Promise) &&
        (!Array.isArray(value) || value.every(isKnown));
    return Object.fromEntries(Object.entries(args).filter(([, value]) => isKnown(value)));
}

export function withDefaults(name: string, args: PlainArgs): Settings {
    const vendor = vendors[args.vendor];
    const { host, hostKey, port = 22, user = "root" } = args.connection;
    const hostName = args.hostName ?? host;
    return {
        vendor: args.vendor,
        endpoint: { host, port, user, hostKey: hostKey.trim() },
        hostName,
        certificateNames: [...new Set([hostName, host, ...(args.certificateNames ?? [])])],
        port: args.port ?? vendor.defaultPort,
        sharedFolder: args.sharedFolder ?? vendor.defaultSharedFolder,
        dataDirectory: args.dataDirectory,
        containerName: args.containerName ?? name,
        username: args.username ?? "admin",
        image: args.image ?? "registry:3.1.2",
        redisImage: args.redisImage ?? "redis:7.2-alpine",
        memory: args.memory ?? 1024,
        cpus: args.cpus ?? 2,
        redisMemory: args.redisMemory ?? 256,
    };
}
