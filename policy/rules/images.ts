import { imageOf, isRegistryImage, parseImage } from "../container";
import { rule } from "../rule";

/**
 * The first release without CVE-2026-35172 and CVE-2026-33540 (both before 3.1.0), CVE-2026-41888 (before 3.1.1) and
 * CVE-2026-85747 (before 3.1.2).
 */
const FLOOR = [3, 1, 2] as const;

export const imagePinned = rule(
    "image-pinned",
    "Every image is given by digest, or by a tag other than latest.",
    (type, inputs) => {
        const image = imageOf(type, inputs);
        if (image === undefined || image.startsWith("sha256:")) {
            return [];
        }
        const { tag, digest } = parseImage(image);
        return digest === undefined && (tag === undefined || tag === "latest")
            ? [`Image ${image} means another one tomorrow; give a version or a digest.`]
            : [];
    },
);

export const versionFloor = rule(
    "registry-version-floor",
    `A registry is ${FLOOR.join(".")} or newer.`,
    (type, inputs) => {
        const image = imageOf(type, inputs);
        if (image === undefined || !isRegistryImage(image)) {
            return [];
        }
        const { tag, digest } = parseImage(image);
        // A digest does not tell its version; whoever pins one has chosen it.
        if (tag === undefined) {
            return digest ? [] : [`Image ${image} does not say its version; give ${FLOOR.join(".")} or newer.`];
        }
        return isAtLeastFloor(tag)
            ? []
            : [
                  `Image ${image} is not certain to be ${FLOOR.join(".")} or newer, the first without CVE-2026-35172, CVE-2026-33540, CVE-2026-41888 and CVE-2026-85747; give a whole version.`,
              ];
    },
);

/** Whether all versions that a tag can mean are new enough: "3.1" could be 3.1.0, "4" is 4.0.0 at least. */
function isAtLeastFloor(tag: string): boolean {
    const version = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(-.+)?$/.exec(tag);
    if (!version) {
        return false;
    }
    const numbers = [version[1], version[2], version[3]].map((part) => Number(part ?? 0));
    const different = FLOOR.findIndex((floor, index) => numbers[index] !== floor);
    // 3.1.2-rc.1 comes before 3.1.2; 3.1.2-alpine, the same with a base, has no name of a pre-release.
    const isBefore = /^-(alpha|beta|rc)/.test(version[4] ?? "");
    return different < 0 ? !isBefore : (numbers[different] ?? 0) > (FLOOR[different] ?? 0);
}
