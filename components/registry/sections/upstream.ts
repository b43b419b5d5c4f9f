import type * as pulumi from "@pulumi/pulumi";

import { isWebUrl, matches, URL_RULE, type Problems } from "../../settings/checks";
import type { Known } from "../../settings/known";
import { duration } from "../../settings/units";

/** The registry that a mirror keeps copies of. */
export interface UpstreamArgs {
    /**
     * URL of the registry.
     * @default "https://registry-1.docker.io", Docker Hub
     */
    url?: pulumi.Input<string>;
    /**
     * User name there. Whoever reaches the mirror reads what this user may read.
     * @default none
     */
    username?: pulumi.Input<string>;
    /** Password or access token; always kept as a secret. @default none */
    password?: pulumi.Input<string>;
    /** Time that a copy is kept; `0` is for ever. @default "168h" */
    ttl?: pulumi.Input<string>;
}

const DOCKER_HUB = "https://registry-1.docker.io";

export function checkUpstream(problems: Problems, upstream: Known<UpstreamArgs> = {}): void {
    problems.address("upstream.url", upstream.url, isWebUrl, URL_RULE);
    problems.checkSecret("upstream.username", upstream.username, matches(/^[^:\s]+$/), "a user name");
    problems.rule("upstream.ttl", upstream.ttl, duration("0", "87600h"));
}

/** The section `proxy` of config.yml. */
export function renderUpstream({ url = DOCKER_HUB, username, password, ttl = "168h" }: pulumi.Unwrap<UpstreamArgs>) {
    return {
        remoteurl: url,
        ...(username && { username }),
        ...(password && { password }),
        ttl: ttl === "0" ? "0s" : ttl,
    };
}
