import { gtr, validRange } from "semver";

/** The registry: the official image of CNCF distribution. */
export const REGISTRY_TAG = "registry:3.1.2";

/**
 * The cache: Valkey, since Redis 7.2 gets no more fixes, and Valkey has Redis' old licence (BSD), its protocol, and its
 * programs under both names. docs/why/images.md has the comparison with Redis 8.
 */
export const CACHE_TAG = "valkey/valkey:9.1.2-alpine";

/** Makes, checks and restores backups: restic (BSD 2-Clause), whose backups are encrypted and hold nothing twice. */
export const RESTIC_TAG = "restic/restic:0.19.1";

/** Deletes tags and copies images: regctl of regclient (Apache 2.0), which has no shell and writes no file. */
export const REGCTL_TAG = "regclient/regctl:v0.11.7";

/** Copies a registry to another one: regsync of regclient (Apache 2.0), which asks for what is missing only. */
export const REGSYNC_TAG = "regclient/regsync:v0.11.7";

/**
 * What runs unless the user names another image: the tag, for people, and the digest, which decides. A tag is given to
 * another image at every rebuild; a digest is one image for ever.
 *
 * The digests are those of the image indexes, which have an image for each kind of processor, in October 2026. The line
 * "Digest" of `docker buildx imagetools inspect NAME:TAG` is that of today. With each new tag, and with a rebuild that mends
 * something in the image's Alpine, the digest here changes, too.
 *
 * `name:tag@digest` is what works everywhere: Docker's provider hands it to the engine as it is, and engines from 18.09 on,
 * with either store of images, find and pull by the digest and ignore the tag.
 */
export const DEFAULT_IMAGE = `${REGISTRY_TAG}@sha256:ddf754342cfc8acc51a56d5d0ab6af06826461864460636d8bd5c546dab2a7b8`;

/** As {@link DEFAULT_IMAGE}, of the cache. */
export const DEFAULT_REDIS_IMAGE = `${CACHE_TAG}@sha256:48332870af354a799964c0012ae1194a0bf2bf894eb508f945810596dc2d8d11`;

/** As {@link DEFAULT_IMAGE}, of restic. Those of regclient go by their tags: no public source has their digests. */
export const DEFAULT_RESTIC_IMAGE = `${RESTIC_TAG}@sha256:136600b6ff6843d61d355f7f71f460a166429f35de6fd11b568fece3c9a4d510`;

/** The first release without known holes; the smoke test holds the running registry to it, too. */
export const OLDEST_VERSION = "3.1.2";

export const HOLES =
    "CVE-2026-35172 and CVE-2026-33540 (before 3.1.0), CVE-2026-41888 (before 3.1.1) and CVE-2026-85747 (before 3.1.2)";

/**
 * Whether the tag names a release before the oldest one; "3", "3.1" and other words can be any release, and so can a digest
 * alone: of those the smoke test asks the registry itself.
 */
export function isTooOld(image: string): boolean {
    const [, tag = ""] = /:([^:/]+)$/.exec(image.replace(/@.*/, "")) ?? [];
    const release = validRange(tag.replace(/[-+].*/, ""));
    return release !== null && gtr(OLDEST_VERSION, release);
}
