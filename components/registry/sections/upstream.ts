import type * as pulumi from "@pulumi/pulumi";

import { section } from "./section";

/** The registry that a mirror keeps copies of. */
export interface UpstreamArgs {
    /** URL of the registry. @default "https://registry-1.docker.io", Docker Hub @is webUrl */
    url?: pulumi.Input<string>;
    /** User there; all who reach the mirror read as this user. @default none @is secret like /^[^:\s]+$/ a user name */
    username?: pulumi.Input<string>;
    /** Password or access token; always kept as a secret. @default none */
    password?: pulumi.Input<string>;
    /** Time that a copy is kept; `0` is for ever. @default "168h" @is duration 0..87600h */
    ttl?: pulumi.Input<string>;
}

/** What makes a registry a mirror. */
export interface MirrorArgs {
    /** The registry that it keeps copies of. @default Docker Hub, without a user @example { url: "https://quay.io" } */
    upstream?: pulumi.Input<UpstreamArgs>;
}

const DOCKER_HUB = "https://registry-1.docker.io";

export const upstream = section<MirrorArgs>()({
    confidential: ["upstream"],
    keys: {
        // Set by extraConfig, it would let the images of the data directory expire, and its `exec` runs a command.
        proxy: [
            "upstream of a NasMirror",
            (_, { upstream }) => {
                const { url = DOCKER_HUB, username, password, ttl = "168h" } = upstream ?? {};
                return upstream && { remoteurl: url, username, password, ttl: ttl === "0" ? "0s" : ttl };
            },
        ],
    },
});
