/** What clients meet: headers, TLS, and the place that an upload is sent to. */
import * as tls from "node:tls";

import { beforeAll, describe, expect, test } from "vitest";

import { selfSigned } from "./certificate";
import { serve } from "./rendered";
import { status } from "./requests";
import type { Registry } from "./server";

let certificate: Awaited<ReturnType<typeof selfSigned>>;
beforeAll(async () => {
    certificate = await selfSigned();
});

test("headers are in every answer of the API", async () => {
    const registry = await serve({
        args: { headers: { "Access-Control-Allow-Origin": ["https://ui.example.com"] } },
    });
    const { headers } = await registry.fetch("/v2/");
    expect(headers.get("access-control-allow-origin")).toBe("https://ui.example.com");
});

describe("tls", () => {
    const given = (minimumTls: "tls1.2" | "tls1.3") => serve({ args: { tls: "given", minimumTls }, certificate });
    const connects = (registry: Registry, maxVersion: "TLSv1.2" | "TLSv1.3") =>
        new Promise<boolean>((resolve) => {
            const socket = tls.connect({
                port: registry.port,
                host: "127.0.0.1",
                ca: certificate.certificate,
                maxVersion,
            });
            const answer = (done: boolean) => {
                socket.destroy();
                resolve(done);
            };
            socket.on("secureConnect", () => answer(true));
            socket.on("error", () => answer(false));
        });

    test("given: the certificate is served", async () => {
        expect(await status(await given("tls1.2"), "/v2/")).toBe(200);
    });

    test.each([
        ["tls1.2", true],
        ["tls1.3", false],
    ] as const)("minimumTls %s: a client of TLS 1.2 is let in: %s", async (minimumTls, letIn) => {
        const registry = await given(minimumTls);
        expect(await connects(registry, "TLSv1.3")).toBe(true);
        expect(await connects(registry, "TLSv1.2")).toBe(letIn);
    });

    test("none: there is none", async () => {
        const registry = await serve({ args: { tls: "none" } });
        expect(await connects(registry, "TLSv1.3")).toBe(false);
        expect(await status(registry, "/v2/")).toBe(200);
    });
});

describe("the place of an upload", () => {
    const location = async (args: Parameters<typeof serve>[0]) => {
        const registry = await serve(args);
        const response = await registry.fetch("/v2/a/blobs/uploads/", { method: "POST" });
        return { registry, location: response.headers.get("location") ?? "" };
    };

    test("names no host with relativeUrls", async () => {
        const { location: place } = await location({ args: { relativeUrls: true } });
        expect(place).toMatch(/^\/v2\/a\/blobs\/uploads\//);
    });

    test("names the host that was asked without", async () => {
        const { registry, location: place } = await location({ args: { relativeUrls: false } });
        expect(place).toMatch(`http://${registry.authority}/v2/a/blobs/uploads/`);
    });

    test("names externalUrl, whatever else", async () => {
        const { location: place } = await location({ args: { externalUrl: "https://registry.example.com" } });
        expect(place).toMatch(/^https:\/\/registry\.example\.com\/v2\/a\/blobs\/uploads\//);
    });
});
