import { CACHE_TAG, REGCTL_TAG, REGISTRY_TAG, REGSYNC_TAG, RESTIC_TAG } from "../components/registry/sections/images";
import type { Images, ProgramImage } from "./images";

/** The lab's images as the world knows them: name on Docker Hub -> which of ours stands for it. */
export const content = {
    [REGISTRY_TAG]: "registry",
    // The same image under the tag of its series, as on Docker Hub.
    "registry:3": "registry",
    [CACHE_TAG]: "redis",
    "busybox:lab": "busybox",
} as const satisfies Record<string, keyof Images>;

/** As {@link content}, for labs that serve the images that operations run. */
export const operationsContent = {
    [RESTIC_TAG]: "restic",
    [REGCTL_TAG]: "regctl",
    [REGSYNC_TAG]: "regsync",
} as const satisfies Record<string, ProgramImage>;

/**
 * The arguments with which a registry runs on the lab's NASes: the product's own tags, without its digests, since the images
 * behind them are the lab's.
 */
export const labImages = { image: REGISTRY_TAG, redisImage: CACHE_TAG };
