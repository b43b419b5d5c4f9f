import type * as pulumi from "@pulumi/pulumi";

import type { LoggingArgs } from "./logging";
import { checkReaches, type Networked, section } from "./section";

/** Somebody who is told of pushes, pulls and deletes, by one POST for each event. */
export interface NotificationEndpointArgs {
    /** Name of the endpoint in the registry's log. @is name */
    name: pulumi.Input<string>;
    /** URL that events are sent to. @is webUrl */
    url: pulumi.Input<string>;
    /**
     * Headers of every request, for instance a token; secrets. The registry prints them at the log level `info`, so they
     * need `logLevel` warn or error. @default none @names header
     */
    headers?: pulumi.Input<Record<string, pulumi.Input<pulumi.Input<string>[]>>>;
    /** Time until a request has failed. @default "1s" @is duration 1ms..1h */
    timeout?: pulumi.Input<string>;
    /** Failures after which it waits. @default 10 @is whole 1..1000000 */
    threshold?: pulumi.Input<number>;
    /** Time that it waits then. @default "1s" @is duration 1ms..24h */
    backoff?: pulumi.Input<string>;
    /** Sends nothing. @default false */
    disabled?: pulumi.Input<boolean>;
    /** Media types whose events are left out. @default none */
    ignoredMediaTypes?: pulumi.Input<pulumi.Input<string>[]>;
    /** Actions whose events are left out: push, pull, mount, delete. @default none @is oneOf push pull mount delete */
    ignoredActions?: pulumi.Input<pulumi.Input<string>[]>;
}

/** Who is told what happens in the registry. Events wait in the registry's memory and are lost when it restarts. */
export interface NotificationsArgs {
    /** Endpoints; every event goes to each of them. */
    endpoints: pulumi.Input<pulumi.Input<NotificationEndpointArgs>[]>;
    /** Tells with a manifest's event what the manifest refers to. @default false */
    includeReferences?: pulumi.Input<boolean>;
}

/** Who is told. */
export interface EventArgs {
    /** Who is told of events. @default nobody @example { endpoints: [{ name: "ci", url: "https://ci.lan/hook" }] } */
    notifications?: pulumi.Input<NotificationsArgs>;
}

export const notifications = section<EventArgs & LoggingArgs & Networked>()({
    confidential: ["notifications"],
    check: (problems, args) => {
        const isLogged = !("logLevel" in args) || args.logLevel === "info" || args.logLevel === "debug";
        args.notifications?.endpoints?.forEach((endpoint = {}, index) => {
            checkReaches(problems, `notifications.endpoints[${index}].url`, endpoint.url, args);
            if ("headers" in endpoint && isLogged) {
                problems.add(
                    `notifications.endpoints[${index}].headers: the registry would write them to its log at the level info; set logLevel to warn or error.`,
                );
            }
        });
    },
    keys: {
        notifications: [
            "notifications",
            (_, { notifications }) =>
                notifications && {
                    ...(notifications.includeReferences && { events: { includereferences: true } }),
                    endpoints: notifications.endpoints.map((endpoint) => ({
                        name: endpoint.name,
                        url: endpoint.url,
                        headers: endpoint.headers,
                        timeout: endpoint.timeout ?? "1s",
                        threshold: endpoint.threshold ?? 10,
                        backoff: endpoint.backoff ?? "1s",
                        ...(endpoint.disabled && { disabled: true }),
                        ignore: {
                            mediatypes: endpoint.ignoredMediaTypes ?? [],
                            actions: endpoint.ignoredActions ?? [],
                        },
                    })),
                },
        ],
    },
});
