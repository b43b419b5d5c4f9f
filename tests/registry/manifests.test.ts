/** What is demanded of manifests: `validation`. */
import { describe, expect, test } from "vitest";

import { pushImage, pushManifest } from "./image";
import { serve } from "./rendered";
import type { Registry } from "./server";

describe("validation", () => {
    const pushIndex = (registry: Registry, architectures: string[]) =>
        pushManifest(registry, "a", "index", {
            schemaVersion: 2,
            mediaType: "application/vnd.oci.image.index.v1+json",
            manifests: architectures.map((architecture, index) => ({
                mediaType: "application/vnd.oci.image.manifest.v1+json",
                digest: `sha256:${String(index).repeat(64)}`,
                size: 2,
                platform: { os: "linux", architecture },
            })),
        });
    const missing = 400;

    test.each([
        ["an index whose images are not there is refused", {}, ["amd64"], missing],
        ["indexPlatforms none: it is taken", { indexPlatforms: "none" } as const, ["amd64"], 201],
        [
            "indexPlatforms list: it is refused when one of the list is not there",
            {
                indexPlatforms: "list" as const,
                platformList: [{ os: "linux", architecture: "amd64" }],
            },
            ["amd64", "arm64"],
            missing,
        ],
        [
            "indexPlatforms list: the others need not be there",
            {
                indexPlatforms: "list" as const,
                platformList: [{ os: "linux", architecture: "amd64" }],
            },
            ["arm64"],
            201,
        ],
        ["disabled: everything is taken", { disabled: true }, ["amd64"], 201],
    ])("%s", async (_, validation, architectures, expected) => {
        const registry = await serve({ args: { validation } });
        expect((await pushIndex(registry, architectures)).status).toBe(expected);
    });

    const pushForeign = async (registry: Registry) => {
        const image = await pushImage(registry, "a", "1");
        const manifest = (await (await registry.fetch(image.manifest)).json()) as {
            layers: object[];
        };
        const layers = manifest.layers.map((layer) => ({
            ...layer,
            mediaType: "application/vnd.oci.image.layer.nondistributable.v1.tar",
            urls: ["https://files.example.com/layer"],
        }));
        return pushManifest(registry, "a", "2", { ...manifest, layers });
    };
    test.each([
        ["a layer that is elsewhere is refused", {}, false],
        ["allowUrls: it is taken", { allowUrls: ["^https://files\\.example\\.com/"] }, true],
        ["denyUrls win", { allowUrls: ["^https://"], denyUrls: ["example"] }, false],
    ])("%s", async (_, validation, taken) => {
        const registry = await serve({ args: { validation } });
        const response = await pushForeign(registry);
        // Refused with 500, where every other fault of a manifest is a 400.
        expect([response.status, await response.text()]).toEqual(
            taken ? [201, ""] : [500, expect.stringContaining("invalid URL on layer")],
        );
    });
});
