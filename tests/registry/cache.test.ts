/** Where descriptors are cached. */
import { describe, expect, test } from "vitest";

import type { Cache } from "../../components/registry/sections/cache";
import { renderReadOnlyConfig } from "../../components/registry/sections/rendered";
import { pushImage } from "./image";
import { serve, settingsAndSecrets } from "./rendered";
import { status } from "./requests";
import { startRegistry } from "./server";

describe("cache", () => {
    const gone: Cache = { kind: "external", redis: { addresses: ["127.0.0.1:1"] } };
    test.each<[Cache, string]>([
        [{ kind: "inmemory" }, "using inmemory blob descriptor cache"],
        [{ kind: "redis", password: "s3cret" }, "using redis blob descriptor cache"],
        [gone, "using redis blob descriptor cache"],
    ])("$kind is used", async (cache, line) => {
        expect((await serve({ cache })).log).toContain(line);
    });

    test("none is none", async () => {
        expect((await serve({ cache: { kind: "none" } })).log).not.toContain("blob descriptor cache");
    });

    test.each<Cache>([{ kind: "inmemory" }, { kind: "redis", password: "s3cret" }, gone])(
        "while pushes are refused $kind is not used, and so vouches for nothing that is collected",
        async (cache) => {
            const config = renderReadOnlyConfig(...settingsAndSecrets({ cache }));
            expect(config).not.toContain("s3cret");
            expect((await startRegistry({ config })).log).not.toMatch(/blob descriptor cache/);
        },
    );

    test("a Redis that is gone stops neither pushes nor pulls", async () => {
        const registry = await serve({ cache: gone });
        const { layer } = await pushImage(registry, "a", "1");
        expect(await status(registry, layer)).toBe(200);
    });
});
