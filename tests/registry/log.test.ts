/** The log. */
import { describe, expect, test, vi } from "vitest";

import { LogFormat } from "../../components/registry/sections/logging";
import { serve } from "./rendered";

describe("the log", () => {
    const lines = async (args: NonNullable<Parameters<typeof serve>[0]>["args"]) => {
        const registry = await serve({ args });
        await registry.fetch("/v2/");
        return registry.log.split("\n").filter((line) => line !== "");
    };

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
        const registry = await serve({ args: { accessLog } });
        await registry.fetch("/v2/");
        // Written after the answer.
        const isLogged = vi.waitUntil(() => registry.log.includes('"GET /v2/ HTTP/1.1" 200'), {
            timeout: accessLog ? 20_000 : 500,
        });
        expect(await isLogged.catch(() => false)).toBe(accessLog);
    });

    test("level error: nothing of a start without faults", async () => {
        expect(await lines({ logLevel: "error", accessLog: false })).toEqual([]);
    });
});
