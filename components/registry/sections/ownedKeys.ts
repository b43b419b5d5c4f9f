import { sections } from ".";

/**
 * Keys of config.yml that arguments set, with the arguments. `extraConfig` may not set them as well: it could switch off TLS or
 * users, listen elsewhere, show secrets or keep the images in another place, and whatever is decided by the arguments
 * (validation, warnings, published ports, outputs) would not know.
 */
export const ownedKeys: ReadonlyMap<string, string> = new Map(
    sections.flatMap(({ keys = {} }) => Object.entries(keys).map(([key, [owner]]) => [key, owner])),
);
