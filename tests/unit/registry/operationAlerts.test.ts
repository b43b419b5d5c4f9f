import { describe, expect, test } from "vitest";

import { alertValues } from "../../../components/operations/notifications/notifications";
import { problemsOf } from "../arguments";

const url = "https://hooks.lan/s3cret";
const problems = (webhook: object) =>
    problemsOf({ operations: { notifications: { webhooks: [webhook as { kind: "ntfy"; url: string }] } } });

describe("webhooks of operations", () => {
    test("are lines for the NAS; monitors are told of all", () => {
        expect(
            alertValues({
                webhooks: [
                    { kind: "healthchecks", url, operations: ["backup", "gc"] },
                    { kind: "ntfy", url, token: "t" },
                    { kind: "webhook", url, on: "all" },
                ],
            }),
        ).toEqual({
            alert_nas: "yes",
            webhooks: [
                `healthchecks all backup,gc ${url}`,
                `ntfy failures any ${url} t`,
                `webhook all any ${url}`,
            ].join("\n"),
        });
        expect(alertValues()).toEqual({ alert_nas: "yes", webhooks: "" });
        expect(alertValues({ nas: false }).alert_nas).toBe("");
    });

    const at = "operations.notifications.webhooks[0]";
    test.each<[object, string]>([
        [
            { kind: "ntfy", url: "ntfy.sh/s3cret" },
            `${at}.url: the value given is not allowed; it must be an http or https URL`,
        ],
        [{ kind: "ntfy", url: 'https://a/s3cret"' }, `${at}.url: the value given is not allowed`],
        [{ kind: "gotify", url }, `${at}.token: it is missing; Gotify shows it with the application.`],
        [
            { kind: "ntfy", url, token: "s3cret two" },
            `${at}.token: the value given is not allowed; it must be letters, digits`,
        ],
        [{ kind: "ntfy", url, token: "s3cret\ntwo" }, `${at}.token: the value given is not allowed`],
        [{ kind: "healthchecks", url, token: "s3cret" }, `${at}.token: it is not allowed with kind healthchecks`],
        [{ kind: "uptime-kuma", url, on: "failures" }, `${at}.on: failures is not allowed with kind uptime-kuma`],
        [
            { kind: "ntfy", url, operations: ["garbageCollection"] },
            `${at}.operations[0]: "garbageCollection" is not allowed; it must be one of gc,`,
        ],
        [{ kind: "slack", url }, `${at}.kind: "slack" is not allowed; it must be`],
    ])("%j is refused, and no secret shown", (webhook, sentence) => {
        const found = problems(webhook);
        expect(found.split("\n")).toEqual([expect.stringContaining(sentence)]);
        expect(found).not.toContain("s3cret");
    });

    test("those that are right are not", () => {
        expect(problems({ kind: "webhook", url: "http://localhost:8080/a?b=c", on: "all", operations: ["gc"] })).toBe(
            "",
        );
    });
});
