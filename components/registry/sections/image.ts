import { gtr, validRange } from "semver";

import { matches, type Problems } from "../../settings/checks";
import { CACHE_TAG, REGISTRY_TAG } from "./images";

/** The first release without known holes; the smoke test holds the running registry to it, too. */
export const OLDEST_VERSION = "3.1.2";

const HOLES =
    "CVE-2026-35172 and CVE-2026-33540 (before 3.1.0), CVE-2026-41888 (before 3.1.1) and CVE-2026-85747 (before 3.1.2)";

export function checkImages(problems: Problems, image: string | undefined, redisImage: string | undefined): void {
    const isReference = matches(/^[a-z0-9][A-Za-z0-9._:/@-]*$/);
    problems.check("image", image, isReference, `an image reference such as ${REGISTRY_TAG}`);
    problems.check("redisImage", redisImage, isReference, `an image reference such as ${CACHE_TAG}`);
    if (image !== undefined && isTooOld(image)) {
        problems.add(
            `image: "${image}" is older than ${OLDEST_VERSION} and open to ${HOLES}; use ${REGISTRY_TAG}, also with a digest.`,
        );
    }
}

/**
 * Whether the tag names a release before the oldest one; "3", "3.1" and other words can be any release, and so can a digest
 * alone: of those the smoke test asks the registry itself.
 */
function isTooOld(image: string): boolean {
    const [, tag = ""] = /:([^:/]+)$/.exec(image.replace(/@.*/, "")) ?? [];
    const release = validRange(tag.replace(/[-+].*/, ""));
    return release !== null && gtr(OLDEST_VERSION, release);
}
