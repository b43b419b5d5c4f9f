/** A registry with an upstream. */
import { describe, expect, test } from "vitest";

import { pushImage } from "./image";
import { serve } from "./rendered";
import { status } from "./requests";

describe("a mirror", () => {
    const mirrored = async () => {
        const users = [{ name: "mirror", password: "upstream-s3cret" }];
        const upstream = await serve({ args: { auth: "htpasswd" }, users });
        const image = await pushImage(upstream, "a", "1", { user: "mirror:upstream-s3cret" });
        const login = {
            url: upstream.url,
            username: "mirror",
            password: "upstream-s3cret",
        };
        return {
            upstream,
            image,
            mirror: await serve({ upstream: login, args: { deletes: true } }),
        };
    };

    test("serves what its upstream has, with the user's rights there", async () => {
        const { mirror, image } = await mirrored();
        expect(await status(mirror, "/v2/a/manifests/1")).toBe(200);
        expect(await (await mirror.fetch(image.layer)).text()).toBe(image.layerContent);
    });

    test("serves what it has fetched when its upstream is gone", async () => {
        const { mirror, upstream, image } = await mirrored();
        await mirror.fetch(image.manifest);
        await mirror.fetch(image.layer);
        await expect
            .poll(() => mirror.files().some((file) => image.layer.endsWith(file.split("/").at(-2) ?? "-")), {
                timeout: 20_000,
            })
            .toBe(true);
        await upstream.stop();
        expect(await (await mirror.fetch(image.layer)).text()).toBe(image.layerContent);
    });

    test("takes no push", async () => {
        const { mirror } = await mirrored();
        await expect(pushImage(mirror, "a", "2")).rejects.toThrow("405");
    });

    test("writes the password into no log", async () => {
        const { mirror } = await mirrored();
        await mirror.fetch("/v2/a/manifests/1");
        expect(mirror.log).not.toContain("upstream-s3cret");
    });
});
