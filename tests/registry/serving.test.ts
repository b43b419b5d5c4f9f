/** What every registry does, and one with all that the tier production has. */
import { beforeAll, expect, test } from "vitest";

import type { Cache } from "../../components/registry/sections/cache";
import { selfSigned } from "./certificate";
import { pushImage } from "./image";
import { serve } from "./rendered";
import { status } from "./requests";

let certificate: Awaited<ReturnType<typeof selfSigned>>;
beforeAll(async () => {
    certificate = await selfSigned();
});

test("an image that is pushed can be pulled", async () => {
    const registry = await serve();
    const image = await pushImage(registry, "a/b", "1");
    const layer = await registry.fetch(image.layer);
    expect([layer.status, await layer.text()]).toEqual([200, image.layerContent]);
});

test("the tier production serves an image over TLS, to the user alone, also while Redis is away", async () => {
    const users = [{ name: "admin", password: "correct horse" }];
    const cache: Cache = { kind: "external", redis: { addresses: ["127.0.0.1:1"] } };
    const registry = await serve({ args: { tier: "production", tls: "given" }, users, certificate, cache });
    const { layer } = await pushImage(registry, "a", "1", { user: "admin:correct horse" });
    expect(registry.url).toMatch(/^https:/);
    expect(await status(registry, layer, "admin:correct horse")).toBe(200);
    expect(await status(registry, layer)).toBe(401);
});
