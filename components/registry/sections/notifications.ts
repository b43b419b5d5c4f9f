import type * as pulumi from "@pulumi/pulumi";

import { isWebUrl, matches, URL_RULE, type Problems } from "../../settings/checks";
import type { Known } from "../../settings/known";
import { duration } from "../../settings/units";
import { checkHeaders } from "./http";
import type { LogLevel } from "./logging";

/** Somebody who is told what happens in the registry, by one POST for each event. */
export interface NotificationEndpointArgs {
    /** Name of the endpoint in the registry's log. */
    name: pulumi.Input<string>;
    /** URL that events are sent to. */
    url: pulumi.Input<string>;
    /**
     * Headers of every request, for instance a token; secrets. The registry prints them at the log level `info`, so they
     * need `logLevel` warn or error.
     * @default none
     */
    headers?: pulumi.Input<Record<string, pulumi.Input<pulumi.Input<string>[]>>>;
    /** Time until a request has failed. @default "1s" */
    timeout?: pulumi.Input<string>;
    /** Failures after which it waits. @default 10 */
    threshold?: pulumi.Input<number>;
    /** Time that it waits then. @default "1s" */
    backoff?: pulumi.Input<string>;
    /** Sends nothing. @default false */
    disabled?: pulumi.Input<boolean>;
    /** Media types whose events are left out. @default none */
    ignoredMediaTypes?: pulumi.Input<pulumi.Input<string>[]>;
    /** Actions whose events are left out: push, pull, mount, delete. @default none */
    ignoredActions?: pulumi.Input<pulumi.Input<string>[]>;
}

/** Who is told what happens in the registry. Events wait in the registry's memory and are lost when it restarts. */
export interface NotificationsArgs {
    /** Endpoints; every event goes to each of them. */
    endpoints: pulumi.Input<pulumi.Input<NotificationEndpointArgs>[]>;
    /** Tells with a manifest's event what the manifest refers to. @default false */
    includeReferences?: pulumi.Input<boolean>;
}

type PlainNotifications = pulumi.Unwrap<NotificationsArgs>;

const ACTIONS = ["push", "pull", "mount", "delete"];

export function checkNotifications(
    problems: Problems,
    notifications: Known<NotificationsArgs> | undefined,
    logLevel: LogLevel | undefined,
): void {
    const endpoints = notifications?.endpoints ?? [];
    for (const [index, endpoint] of endpoints.map((each) => each ?? {}).entries()) {
        const at = `notifications.endpoints[${index}]`;
        problems.check(`${at}.name`, endpoint.name, matches(/./), "a name");
        problems.address(`${at}.url`, endpoint.url, isWebUrl, URL_RULE);
        problems.rule(`${at}.timeout`, endpoint.timeout, duration("1ms", "1h"));
        problems.whole(`${at}.threshold`, endpoint.threshold, 1, 1_000_000);
        problems.rule(`${at}.backoff`, endpoint.backoff, duration("1ms", "24h"));
        checkHeaders(problems, endpoint.headers, `${at}.headers`);
        for (const action of endpoint.ignoredActions ?? []) {
            problems.oneOf(`${at}.ignoredActions`, action, ACTIONS);
        }
        if ("headers" in endpoint && (logLevel === "info" || logLevel === "debug")) {
            problems.add(
                `${at}.headers: the registry would write them to its log at the level info; set logLevel to warn or error.`,
            );
        }
    }
}

/** The section `notifications` of config.yml. */
export function renderNotifications({ endpoints, includeReferences }: PlainNotifications) {
    return {
        ...(includeReferences && { events: { includereferences: true } }),
        endpoints: endpoints.map((endpoint) => ({
            name: endpoint.name,
            url: endpoint.url,
            ...(endpoint.headers && { headers: endpoint.headers }),
            timeout: endpoint.timeout ?? "1s",
            threshold: endpoint.threshold ?? 10,
            backoff: endpoint.backoff ?? "1s",
            ...(endpoint.disabled && { disabled: true }),
            ignore: { mediatypes: endpoint.ignoredMediaTypes ?? [], actions: endpoint.ignoredActions ?? [] },
        })),
    };
}
