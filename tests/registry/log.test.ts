/** The log. */
import { describe, expect, test } from "vitest";

import { LogFormat } from "../../components/registry/logging";
import { serve } from "./rendered";

describe("the log", () => {
    const lines = async (args: NonNullable<Parameters<typeof serve>[0]>["args"]) => {
        const registry = await serve({ args });
        await registry.fetch("/v2/");
        return registry.log.split("\n").filter((line) => line !== "");
    };
    const isAccess = (line: string) => line.includes('"GET /v2/ HTTP/1.1" 200');

    test.each([LogFormat.Json, LogFormat.Logstash])("%s: a line is an object with the fields", async (logFormat) => {
        const all = await lines({
            logFormat,
            accessLog: false,
            logFields: { rack: "attic" },
        });
        const started = all.find((line) => line.includes("listening on"));
        expect(JSON.parse(started ?? "")).toMatchObject({
            level: "info",
            rack: "attic",
        });
    });

    test("text: a line is words", async () => {
        const all = await lines({
            logFormat: "text",
            logFields: { rack: "attic" },
        });
        expect(all.find((line) => line.includes("listening on"))).toMatch(/level=info .*rack=attic/);
    });

    test.each([true, false])("accessLog %s: requests are in it accordingly", async (accessLog) => {
        expect((await lines({ accessLog })).some(isAccess)).toBe(accessLog);
    });

    test("level error: nothing of a start without faults", async () => {
        expect(await lines({ logLevel: "error", accessLog: false })).toEqual([]);
    });
});
