import { describe, expect, test } from "vitest";

import { configOf, problemsOf } from "../arguments";

const endpoint = { name: "ci", url: "https://ci.lan/events" };
const telling = (more: object, logLevel = "warn") => ({
    logLevel: logLevel as "warn",
    notifications: { endpoints: [{ ...endpoint, ...more }] },
});

describe("config.yml", () => {
    test("tells nobody", () => expect(configOf({})).not.toHaveProperty("notifications"));

    test.each<[object, object]>([
        [{}, {}],
        [{ headers: { Authorization: ["Bearer s3cret"] } }, { headers: { Authorization: ["Bearer s3cret"] } }],
        [
            { timeout: "5s", threshold: 3, backoff: "1m" },
            { timeout: "5s", threshold: 3, backoff: "1m" },
        ],
        [{ disabled: true }, { disabled: true }],
        [{ disabled: false }, {}],
        [{ ignoredActions: ["pull"] }, { ignore: { mediatypes: [], actions: ["pull"] } }],
        [{ ignoredMediaTypes: ["a/b"] }, { ignore: { mediatypes: ["a/b"], actions: [] } }],
    ])("an endpoint with %j", (more, rendered) =>
        expect(configOf(telling(more))).toHaveProperty("notifications", {
            endpoints: [
                {
                    ...endpoint,
                    timeout: "1s",
                    threshold: 10,
                    backoff: "1s",
                    ignore: { mediatypes: [], actions: [] },
                    ...rendered,
                },
            ],
        }),
    );

    test("with what a manifest refers to", () =>
        expect(configOf({ notifications: { endpoints: [], includeReferences: true } })).toHaveProperty(
            "notifications.events",
            { includereferences: true },
        ));
});

describe("what is refused", () => {
    const at = "notifications.endpoints[0]";
    const whole = "is not allowed; it must be a whole number";
    const duration = "is not allowed; it must be a duration such as 90s or 24h";
    const url = "an http or https URL without user name and password";
    const logged = `${at}.headers: the registry would write them to its log at the level info; set logLevel to warn or error.`;
    const headers = { Authorization: ["s3cret"] };
    test.each<[object, string]>([
        [telling({ name: "" }), `${at}.name: "" is not allowed; it must be a name.`],
        [telling({ url: "ci.lan" }), `${at}.url: "ci.lan" is not allowed; it must be ${url}.`],
        [
            telling({ url: "https://nas:s3cret@ci.lan" }),
            `${at}.url: the value given is not allowed; it must be ${url}.`,
        ],
        [telling({ timeout: "0" }), `${at}.timeout: "0" ${duration}, from 1ms to 1h.`],
        [telling({ threshold: 0 }), `${at}.threshold: 0 ${whole} from 1 to 1000000.`],
        [telling({ backoff: "0" }), `${at}.backoff: "0" ${duration}, from 1ms to 24h.`],
        [
            telling({ ignoredActions: ["read"] }),
            `${at}.ignoredActions[0]: "read" is not allowed; it must be one of push, pull, mount, delete.`,
        ],
        [
            telling({ headers: { Authorization: "s3cret" } }),
            `${at}.headers.Authorization: the value given is not allowed; it must be a list.`,
        ],
        [
            telling({ headers: { "X A": ["b"] } }),
            `${at}.headers: "X A" is not allowed; it must be the name of a header.`,
        ],
        [telling({ headers }, "info"), logged],
        [telling({ headers }, "debug"), logged],
        [{ notifications: telling({ headers }).notifications }, logged],
        [
            { notifications: { endpoints: endpoint } },
            "notifications.endpoints: the value given is not allowed; it must be a list.",
        ],
    ])("%j", (args, sentence) => expect(problemsOf(args)).toBe(sentence));
});
