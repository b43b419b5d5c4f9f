import type * as pulumi from "@pulumi/pulumi";

import * as is from "../../settings/is";
import { filled } from "../../settings/section";
import { DEFAULT_IMAGE, HOLES, isReference, isTooOld, OLDEST_VERSION, REGISTRY_TAG } from "./images";
import { section } from "./section";

/** When the engine starts a container again. */
export const RestartPolicy = {
    /** Whenever it ends, and with the NAS. */
    Always: "always",
    /** The same unless somebody stopped it. */
    UnlessStopped: "unless-stopped",
    /** When it failed. */
    OnFailure: "on-failure",
    /** Never. */
    No: "no",
} as const;
export type RestartPolicy = (typeof RestartPolicy)[keyof typeof RestartPolicy];

/** The registry's container. */
export interface RegistryContainerArgs {
    /**
     * Name of the registry's container; networks, directories and the Redis container derive their names from it.
     * @default the resource's name
     * @example "images"
     */
    containerName?: pulumi.Input<string>;
    /**
     * Labels of the containers, besides those that this package needs.
     * @default none
     * @example { "com.example.team": "platform" }
     */
    labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
    /**
     * Image of the registry, with tag, digest or both, of which the digest decides; releases before 3.1.2 are refused.
     * @default `registry:3.1.2` by its digest
     * @example "registry:3"
     */
    image?: pulumi.Input<string>;
    /** When the engine starts the containers again. @default "always" */
    restart?: pulumi.Input<RestartPolicy>;
}

export const container = section<RegistryContainerArgs>()({
    preset: (_, name) => ({ containerName: name }),
    checks: {
        // Docker's own rule for names.
        containerName: is.like(
            /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/,
            "two or more of a-z A-Z 0-9 _ . -, the first a letter or digit",
        ),
        image: isReference(REGISTRY_TAG),
        restart: is.oneOf(RestartPolicy),
    },
    check: (problems, { image, labels = {} }) => {
        const rule = "a name without spaces that does not begin with 'nas-registry.'";
        const isFree = is.like(/^(?!nas-registry\.)[^\s=]+$/, rule);
        Object.keys(labels).forEach((label) => problems.judge("labels", label, isFree));
        if (image !== undefined && isTooOld(image)) {
            problems.add(
                `image: "${image}" is older than ${OLDEST_VERSION} and open to ${HOLES}; use ${REGISTRY_TAG}, also with a digest.`,
            );
        }
    },
    settings: (args) => ({
        containerName: args.containerName,
        ...filled(args, { labels: {}, image: DEFAULT_IMAGE, restart: RestartPolicy.Always }),
    }),
});
