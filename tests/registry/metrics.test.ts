/** The debug server. */
import { describe, expect, test } from "vitest";

import type { Cache } from "../../components/registry/sections/cache";
import { HTTP_SECRET, serve } from "./rendered";
import { status } from "./requests";

describe("metrics", () => {
    test("are on the debug server, at their path", async () => {
        const registry = await serve({
            args: { metrics: { address: "192.168.1.20", path: "/numbers" } },
        });
        await registry.fetch("/v2/");
        const response = await registry.fetchDebug("/numbers");
        expect([response.status, await response.text()]).toEqual([
            200,
            expect.stringContaining("registry_http_requests_total") as string,
        ]);
    });

    test("are not among the API's answers", async () => {
        const registry = await serve({
            args: { metrics: { address: "192.168.1.20" } },
        });
        expect(await status(registry, "/metrics")).toBe(404);
    });

    // The page would show the whole configuration, were there not storage.maintenance, whose nested mapping the registry
    // fails to write as JSON: without it, every secret is on it.
    test.each<[string, Cache]>([
        ["the descriptors are in memory", { kind: "inmemory" }],
        ["Redis has them", { kind: "external", redis: { addresses: ["127.0.0.1:1"], password: "redis-s3cret" } }],
    ])("tell no secret when %s", async (_, cache) => {
        const registry = await serve({ args: { metrics: { address: "192.168.1.20" } }, cache });
        const variables = await (await registry.fetchDebug("/debug/vars")).text();
        expect(variables).toContain("memstats");
        expect(variables).not.toContain(HTTP_SECRET);
        expect(variables).not.toContain("redis-s3cret");
    });
});
