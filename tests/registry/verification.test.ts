/** Verification of what the real registry has written, and what it makes of a blob that was put aside. */
import * as fs from "node:fs";
import * as path from "node:path";

import { expect, test } from "vitest";

import { ImagesOnNas } from "../scripts/operations/imagesOnNas";
import { pushImage, pushManifest } from "./image";
import { serve } from "./rendered";

test("images that it took are whole; a damaged layer that was put aside is healed by a push, and not before", async () => {
    const registry = await serve({ cache: { kind: "none" }, args: { cache: "none" } });
    const nas = new ImagesOnNas(undefined, registry.data);
    try {
        const image = await pushImage(registry, "team/app", "1");
        await pushImage(registry, "other", "1", { layerContent: image.layerContent });
        const manifest = image.manifest.split("/").at(-1);
        const index = {
            schemaVersion: 2,
            mediaType: "application/vnd.oci.image.index.v1+json",
            manifests: [{ mediaType: "application/vnd.oci.image.manifest.v1+json", digest: manifest, size: 2 }],
        };
        expect((await pushManifest(registry, "team/app", "all", index)).status).toBe(201);
        expect((await nas.verify()).result).toMatchObject({ result: "ok", blobs_checked: "4" });

        const digest = image.layer.split(":").at(-1) ?? "";
        fs.appendFileSync(nas.blob(digest), "x");
        const pull = async () => (await registry.fetch(image.layer)).text();
        // It takes a new copy, and keeps what it has.
        await pushImage(registry, "team/app", "1");
        expect(await pull()).not.toBe(image.layerContent);

        const { broken } = await nas.verify();
        expect(broken).toEqual(
            ["other:1", "team/app:1", "team/app:all"].map((name) => `${name} sha256:${digest} damaged`),
        );
        expect((await registry.fetch(image.layer, { method: "HEAD" })).status).toBe(404);
        expect(fs.existsSync(path.join(nas.data, "docker/registry", `damaged-${digest}`))).toBe(true);
        await pushImage(registry, "team/app", "1");
        expect(await pull()).toBe(image.layerContent);
        expect((await nas.verify("all=yes")).result.result).toBe("ok");
    } finally {
        nas.remove();
    }
});
