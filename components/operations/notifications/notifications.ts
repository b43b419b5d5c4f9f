import type * as pulumi from "@pulumi/pulumi";

import type { ScriptValues } from "../../nas/script";
import type { Known, Plain } from "../../settings/section";
import type { Problems } from "../../settings/shape";

/** What a webhook understands. */
export const WebhookKind = {
    /** healthchecks.io, or one like it: pings at the start, the end and a failure, and it tells when one stays away. */
    Healthchecks: "healthchecks",
    /** Push monitor of Uptime Kuma: pings at the end, and it tells when one stays away. */
    UptimeKuma: "uptime-kuma",
    /** Topic of ntfy. */
    Ntfy: "ntfy",
    /** Server of Gotify. */
    Gotify: "gotify",
    /** POST of JSON: registry, operation, outcome (ok, warning, failed) and text, which Slack and Mattermost read, too. */
    Webhook: "webhook",
} as const;
export type WebhookKind = (typeof WebhookKind)[keyof typeof WebhookKind];

/** Of which runs a webhook is told. */
export const WebhookEvents = {
    /** Of those that failed or warned. */
    Failures: "failures",
    /** Of all that end. */
    All: "all",
} as const;
export type WebhookEvents = (typeof WebhookEvents)[keyof typeof WebhookEvents];

/** Somebody who is told of operations, by a request of the NAS. */
export interface OperationWebhookArgs {
    /** What it understands. */
    kind: pulumi.Input<WebhookKind>;
    /**
     * Address; a secret. The ping URL of healthchecks, the push URL of Uptime Kuma, ntfy's with the topic, the server of Gotify.
     * @example "https://hc-ping.com/5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278" @is secret webUrl
     */
    url: pulumi.Input<string>;
    /** Token of Gotify's application, or for the header Authorization; a secret. @default none @is secret token */
    token?: pulumi.Input<string>;
    /**
     * Which operations it is told of, by their commands: gc, backup, verify, prune, replicate, snapshot, rehearse, restore. One check of
     * healthchecks, or monitor of Uptime Kuma, is for one of them.
     * @default all of them @example ["backup"] @is oneOf gc backup verify prune replicate snapshot rehearse restore
     */
    operations?: pulumi.Input<pulumi.Input<string>[]>;
    /** Of which runs; healthchecks and Uptime Kuma are told of all. @default "failures" */
    on?: pulumi.Input<WebhookEvents>;
}

/** Who is told how operations went. */
export interface OperationAlertsArgs {
    /** Tells the NAS's own notification centre or log of what failed or warned. @default true */
    nas?: pulumi.Input<boolean>;
    /** Webhooks; each is told by itself, and one that does not answer changes nothing else. @default none */
    webhooks?: pulumi.Input<pulumi.Input<OperationWebhookArgs>[]>;
}

const isMonitor = (kind: WebhookKind | undefined) => kind === "healthchecks" || kind === "uptime-kuma";

export function checkAlerts(problems: Problems, args: Known<OperationAlertsArgs> | undefined): void {
    args?.webhooks?.forEach((webhook = {}, index) => {
        const at = `operations.notifications.webhooks[${index}]`;
        if (webhook.kind === "gotify" && !("token" in webhook)) {
            problems.add(`${at}.token: it is missing; Gotify shows it with the application.`);
        }
        if (isMonitor(webhook.kind) && "token" in webhook) {
            problems.add(
                `${at}.token: it is not allowed with kind ${webhook.kind}, whose address is its token; leave it out.`,
            );
        }
        if (isMonitor(webhook.kind) && webhook.on === "failures") {
            problems.add(
                `${at}.on: failures is not allowed with kind ${webhook.kind}, which waits for every run; leave it out.`,
            );
        }
    });
}

/** What notifications.sh reads. */
export function alertValues({ nas = true, webhooks = [] }: Plain<OperationAlertsArgs> = {}): ScriptValues {
    const lines = webhooks.map(({ kind, url, token = "", operations = [], on = "failures" }) =>
        [kind, isMonitor(kind) ? "all" : on, operations.join(",") || "any", url, token].join(" ").trimEnd(),
    );
    return { alert_nas: nas ? "yes" : "", webhooks: lines.join("\n") };
}
