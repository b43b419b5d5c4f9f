/** Who is told of pushes, pulls and deletes. */
import * as http from "node:http";
import type { AddressInfo } from "node:net";

import { describe, expect, onTestFinished, test } from "vitest";

import { pushImage } from "./image";
import { serve } from "./rendered";

describe("notifications", () => {
    const listen = async () => {
        const events: string[] = [];
        const server = http.createServer((request, response) => {
            let body = "";
            request.on("data", (chunk: Buffer) => (body += chunk.toString()));
            request.on("end", () => {
                const { events: each } = JSON.parse(body) as {
                    events: { action: string }[];
                };
                events.push(...each.map(({ action }) => `${action} ${request.headers.authorization ?? ""}`));
                response.end();
            });
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        onTestFinished(() => void server.close());
        return {
            events,
            url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
        };
    };

    test("tell the endpoint of pushes, with its headers and without what it ignores", async () => {
        const { events, url } = await listen();
        const endpoint = {
            name: "hook",
            url,
            headers: { Authorization: ["Bearer t0ken"] },
            ignoredActions: ["pull"],
        };
        const registry = await serve({
            args: { logLevel: "error" },
            notifications: { endpoints: [endpoint] },
        });
        const { manifest } = await pushImage(registry, "a", "1");
        await registry.fetch(manifest);
        await pushImage(registry, "a", "2");
        // Config, layer and manifest, twice; the second config was there already.
        await expect.poll(() => events.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(5);
        expect(new Set(events)).toEqual(new Set(["push Bearer t0ken"]));
    });

    test("write no header to the log at the level that is demanded", async () => {
        const { url } = await listen();
        const endpoint = {
            name: "hook",
            url,
            headers: { Authorization: ["Bearer t0ken"] },
        };
        const registry = await serve({
            args: { logLevel: "warn" },
            notifications: { endpoints: [endpoint] },
        });
        await pushImage(registry, "a", "1");
        expect(registry.log).not.toContain("t0ken");
    });
});
