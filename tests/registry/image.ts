import { createHash } from "node:crypto";

import type { Registry, RequestOptions } from "./server";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

export interface Image {
    /** Path of the manifest by its digest. */
    manifest: string;
    /** Path of its layer. */
    layer: string;
    layerContent: string;
}

const digest = (content: string) => `sha256:${createHash("sha256").update(content).digest("hex")}`;

/** Puts the blob where the registry says, as clients do. */
async function pushBlob(
    registry: Registry,
    repository: string,
    content: string,
    options: RequestOptions,
): Promise<Response> {
    const started = await registry.fetch(`/v2/${repository}/blobs/uploads/`, { ...options, method: "POST" });
    const location = started.headers.get("location");
    if (started.status !== 202 || !location) {
        return started;
    }
    const url = new URL(location, registry.url);
    url.searchParams.set("digest", digest(content));
    return registry.fetch(url.href, { ...options, method: "PUT", body: content });
}

/**
 * Pushes an image of one layer.
 *
 * @param layerContent Any text; another text, another image.
 * @throws Error with the registry's answer when it takes a part of it not.
 */
export async function pushImage(
    registry: Registry,
    repository: string,
    tag: string,
    options: RequestOptions & { layerContent?: string } = {},
): Promise<Image> {
    const { layerContent = `layer of ${repository}:${tag}`, ...request } = options;
    const expect201 = async (response: Response) => {
        if (response.status !== 201) {
            throw new Error(`${response.status} ${await response.text()}`);
        }
    };
    const config = "{}";
    await expect201(await pushBlob(registry, repository, config, request));
    await expect201(await pushBlob(registry, repository, layerContent, request));
    const describe = (mediaType: string, content: string) => ({
        mediaType,
        digest: digest(content),
        size: Buffer.byteLength(content),
    });
    const manifest = {
        schemaVersion: 2,
        mediaType: MANIFEST,
        config: describe("application/vnd.oci.image.config.v1+json", config),
        layers: [describe("application/vnd.oci.image.layer.v1.tar", layerContent)],
    };
    await expect201(await pushManifest(registry, repository, tag, manifest, request));
    return {
        manifest: `/v2/${repository}/manifests/${digest(JSON.stringify(manifest))}`,
        layer: `/v2/${repository}/blobs/${digest(layerContent)}`,
        layerContent,
    };
}

/** Pushes any manifest, whether the registry takes it or not. */
export function pushManifest(
    registry: Registry,
    repository: string,
    tag: string,
    manifest: Record<string, unknown>,
    options: RequestOptions = {},
): Promise<Response> {
    return registry.fetch(`/v2/${repository}/manifests/${tag}`, {
        ...options,
        method: "PUT",
        headers: { ...options.headers, "content-type": String(manifest.mediaType) },
        body: JSON.stringify(manifest),
    });
}
