import type * as pulumi from "@pulumi/pulumi";

import { section } from "./section";

/** Which images an index must not name without holding them. */
export const IndexPlatforms = {
    /** Every image that an index names must be there. */
    All: "all",
    /**
     * None need be there. BuildKit's registry cache in index mode (`image-manifest=false`) needs this: its indexes name
     * layers, which the registry does not find among the manifests.
     */
    None: "none",
    /** Those of the platforms in `platformList`. */
    List: "list",
} as const;
export type IndexPlatforms = (typeof IndexPlatforms)[keyof typeof IndexPlatforms];

/** A platform of an image. */
export interface PlatformArgs {
    /** Operating system, for instance `linux`. */
    os: pulumi.Input<string>;
    /** Architecture in Go's spelling, for instance `amd64`. */
    architecture: pulumi.Input<string>;
}

/** What the registry demands of a manifest before it takes it. */
export interface ManifestValidationArgs {
    /** Takes every manifest. @default false */
    disabled?: pulumi.Input<boolean>;
    /** Regular expressions (Go) of URLs that manifests may name in place of layers. @default none */
    allowUrls?: pulumi.Input<pulumi.Input<string>[]>;
    /** Regular expressions of URLs that manifests may not name; they win over `allowUrls`. @default none */
    denyUrls?: pulumi.Input<pulumi.Input<string>[]>;
    /** Which images of an index must be there. @default "all" */
    indexPlatforms?: pulumi.Input<IndexPlatforms>;
    /** Platforms for `list`. @default none */
    platformList?: pulumi.Input<pulumi.Input<PlatformArgs>[]>;
}

/** What the registry takes. */
export interface ValidationArgs {
    /** Demands on manifests. @default that all images of an index are there @example { indexPlatforms: "none" } */
    validation?: pulumi.Input<ManifestValidationArgs>;
}

export const validation = section<ValidationArgs>()({
    check: (problems, { validation = {} }) => {
        // What an Output chooses is not known yet.
        const isKnown = !("indexPlatforms" in validation) || validation.indexPlatforms !== undefined;
        if (isKnown && (validation.indexPlatforms === "list") !== "platformList" in validation) {
            problems.add("validation.platformList: it goes with indexPlatforms list; give both or neither.");
        }
    },
    idle: ({ validation: { disabled, ...others } = {} }) =>
        Object.fromEntries(Object.keys(others).map((name) => [`validation.${name}`, disabled && "disabled true"])),
    settings: ({ validation = {} }) => ({ validation }),
    keys: {
        validation: [
            "validation",
            ({ validation: { disabled, allowUrls, denyUrls, indexPlatforms = "all", platformList } }) => ({
                ...(disabled && { disabled: true }),
                manifests: {
                    ...((allowUrls ?? denyUrls) && { urls: { allow: allowUrls, deny: denyUrls } }),
                    indexes: { platforms: indexPlatforms, platformlist: platformList },
                },
            }),
        ],
    },
});
