import type { Images } from "./images";

/** The lab's images as the world knows them: name on Docker Hub -> which of ours stands for it. */
export const content = {
    "registry:3.1.2": "registry",
    // The same image under the tag of its series, as on Docker Hub.
    "registry:3": "registry",
    "redis:7.2-alpine": "redis",
    "busybox:lab": "busybox",
} as const satisfies Record<string, keyof Images>;
