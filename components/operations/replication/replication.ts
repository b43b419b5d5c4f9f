import type * as pulumi from "@pulumi/pulumi";

import type { ScriptValues } from "../../nas/script";
import { globsSource } from "../../settings/glob";
import { filled, type Plain } from "../../settings/section";
import type { Problems } from "../../settings/shape";
import { secondsIn } from "../../settings/units";
import { hostSettings, type RegistryHost } from "../regclient";

/** The registry that gets the copies, for instance another NasRegistry. */
export interface ReplicationTargetArgs {
    /** Its address as in the names of images. @example "nas-b.lan:9160" @is registry */
    registry: pulumi.Input<string>;
    /** User there, who may push and list repositories. @default none @is secret like /^[^:\s]+$/ a user name */
    username?: pulumi.Input<string>;
    /** Password of the user; always kept as a secret. @default none */
    password?: pulumi.Input<string>;
    /** PEM of its authority. @default the public ones @is certificates */
    caCertificate?: pulumi.Input<string>;
    /** Whether it speaks TLS. @default true */
    tls?: pulumi.Input<boolean>;
}

/** What is copied to another registry. Nothing is deleted there. */
export interface ReplicationArgs {
    /** Cron expression, in the NAS's own time. @default "30 4 * * *" @example "0 1 * * *" @is cron */
    schedule?: pulumi.Input<string>;
    /** The registry that gets the copies. @example { registry: "nas-b.lan:9160", username: "admin", password: "s3cret-s3cret" } */
    target: pulumi.Input<ReplicationTargetArgs>;
    /** Repositories that are copied, as patterns like those of `retention`. @default all @example ["prod/**"] @is pattern */
    repositories?: pulumi.Input<pulumi.Input<string>[]>;
    /** Tags that are copied, as such patterns; what is about an image goes with it. @default all @example ["v*", "latest"] @is pattern */
    tags?: pulumi.Input<pulumi.Input<string>[]>;
    /** Tags that are not, as such patterns. @default none @example ["pr-*"] @is pattern */
    exceptTags?: pulumi.Input<pulumi.Input<string>[]>;
    /** Requests at once to each of the two registries; with fewer, less of the network is used. @default 3 @is whole 1..64 */
    connections?: pulumi.Input<number>;
    /** Time after which it is ended; the next run goes on. @default "6h" @is duration 1m..168h */
    timeout?: pulumi.Input<string>;
    /** Image of regsync, which copies. @default "regclient/regsync:v0.11.7" @is image regclient/regsync:v0.11.7 */
    image?: pulumi.Input<string>;
}

export function replicationValues(args: Plain<ReplicationArgs> | undefined): ScriptValues {
    const { target, timeout } = filled(args, { target: undefined, timeout: "6h" });
    return { replication_target: target?.registry ?? "", replication_limit: Math.ceil(secondsIn(timeout)) };
}

export function targetHost({
    registry,
    username,
    password,
    caCertificate,
    tls,
}: Plain<ReplicationTargetArgs>): RegistryHost {
    return { registry, tls: tls !== false, user: username, pass: password, authority: caCertificate };
}

/** What regsync reads of both registries and of what it does, each text of a registry being a template of Go's. */
export function regsyncValues(source: RegistryHost, target: RegistryHost, args: Plain<ReplicationArgs>): ScriptValues {
    const { repositories, tags, exceptTags, connections = 3 } = args;
    const patterns = (globs: string[] | undefined) => (globs ? [globsSource(globs)] : []);
    const hosts = [source, target].map((host) => ({
        registry: host.registry,
        ...Object.fromEntries(Object.entries(hostSettings(host)).map(([name, text]) => [name, literal(text)])),
        reqConcurrent: connections,
    }));
    const step = {
        source: source.registry,
        target: target.registry,
        type: "registry",
        repos: { allow: patterns(repositories) },
        tags: { allow: patterns(tags), deny: patterns(exceptTags) },
        digestTags: true,
        referrers: true,
    };
    return { regsync_hosts: JSON.stringify(hosts), replication_step: JSON.stringify(step) };
}

const literal = (text: string) => text.replaceAll("{{", '{{"{{"}}');

/** What of the arguments is wrong together. */
export function checkReplication(problems: Problems, target: object | undefined): void {
    if (target && "username" in target !== "password" in target) {
        problems.add("operations.replication.target: username and password go together; give both or neither.");
    }
}
