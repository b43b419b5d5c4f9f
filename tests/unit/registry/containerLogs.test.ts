import { expect, test } from "vitest";

import { withDefaults } from "../../../components/registry/settings";
import { problemsOf, required } from "../arguments";

const logsOf = (args: object) => withDefaults("registry", { ...required, ...args }).logs;
const rotation = { "max-size": "10m", "max-file": "3" };

test.each<[object | undefined, object | undefined]>([
    [undefined, { driver: "json-file", options: rotation }],
    [{}, { driver: "json-file", options: rotation }],
    [
        { maxSize: "50m", maxFiles: 5 },
        { driver: "json-file", options: { "max-size": "50m", "max-file": "5" } },
    ],
    [{ driver: "local" }, { driver: "local", options: rotation }],
    [{ driver: "default" }, undefined],
    [
        { driver: "syslog", options: { tag: "nas" } },
        { driver: "syslog", options: { tag: "nas" } },
    ],
    [{ options: { compress: "true" } }, { driver: "json-file", options: { ...rotation, compress: "true" } }],
])("logs %j", (logs, expected) => expect(logsOf({ logs })).toEqual(expected));

test("the tier basic leaves logs to the engine, unless they are given", () => {
    expect(logsOf({ tier: "basic" })).toBeUndefined();
    expect(logsOf({ tier: "basic", logs: { maxFiles: 2 } })).toMatchObject({ options: { "max-file": "2" } });
});

test.each<[object, string]>([
    [{ driver: "JSON" }, `logs.driver: "JSON" is not allowed; it must be the name of a log driver.`],
    [{ maxSize: "10 MB" }, `logs.maxSize: "10 MB" is not allowed; it must be a size such as 10m (k, m or g).`],
    [{ maxFiles: 0 }, "logs.maxFiles: 0 is not allowed; it must be a whole number from 1 to 1000."],
    [
        { driver: "syslog", maxFiles: 3 },
        `logs.maxSize, logs.maxFiles: the driver "syslog" has no rotation; leave them out, or set logs.driver to one of json-file, local.`,
    ],
    [{ options: { compress: true } }, "logs.options.compress: true is not allowed; it must be text."],
])("logs %j are refused", (logs, sentence) => expect(problemsOf({ logs })).toBe(sentence));
