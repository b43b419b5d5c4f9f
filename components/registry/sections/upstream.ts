import type * as pulumi from "@pulumi/pulumi";

import type { AuthArgs } from "./auth";
import { checkReaches, is, type Networked, section } from "./section";

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
    /**
     * Makes the NAS's own Docker daemon pull through the mirror: puts its authority's certificate into the daemon's certs.d, for
     * the mirror and for Docker Hub, and the mirror into `registry-mirrors`; `up` fails unless a pull on the NAS reaches it. **The
     * daemon restarts, and with it every container on the NAS**; let the mirror depend on what else the program has on that NAS
     * (`dependsOn`). For a mirror of Docker Hub without users: Docker asks mirrors for nothing else, and sends no password. It
     * must be known when the program runs. @default false
     */
    daemonMirror?: boolean;
}

const DOCKER_HUB = "https://registry-1.docker.io";
/** What people know it by, and most of which serves no images. */
const isDockerHub = (url: string) =>
    /^https:\/\/((www|hub|index|registry-1|registry\.hub)\.)?docker\.(io|com)(\/v[12])?\/?$/.test(url);

/** Whether this is a mirror of Docker Hub. */
export const isOfDockerHub = ({ upstream }: { upstream?: { url?: string } }): boolean =>
    upstream !== undefined && isDockerHub(upstream.url ?? DOCKER_HUB);

export const upstream = section<MirrorArgs & AuthArgs & Networked>()({
    confidential: ["upstream"],
    check: (problems, args) => {
        const { daemonMirror, auth, upstream = {} } = args;
        const { url } = upstream;
        checkReaches(problems, "upstream.url", url, args);
        if ("username" in upstream !== "password" in upstream) {
            problems.add("upstream: username and password go together; give both or neither.");
        }
        if (daemonMirror && url !== undefined && is.webUrl.isRight(url) && !isDockerHub(url)) {
            problems.add(
                `daemonMirror: true is not allowed with the upstream.url "${url}": Docker asks mirrors for images of Docker Hub alone; leave daemonMirror out, and pull by the mirror's own name.`,
            );
        }
        if ("upstream" in args && auth === "token") {
            problems.add(
                "auth: token is not allowed with upstream, since a mirror has no token server; it must be one of htpasswd, none.",
            );
        }
        if (daemonMirror && auth && auth !== "none") {
            problems.add(
                `daemonMirror: true is not allowed with auth ${auth}: Docker sends no password to a mirror; leave one of the two out.`,
            );
        }
    },
    keys: {
        // Set by extraConfig, it would let the images of the data directory expire, and its `exec` runs a command.
        proxy: [
            "upstream of a NasMirror",
            (_, { upstream }) => {
                const { url = DOCKER_HUB, username, password, ttl = "168h" } = upstream ?? {};
                const remoteurl = isDockerHub(url) ? DOCKER_HUB : url;
                return upstream && { remoteurl, username, password, ttl: ttl === "0" ? "0s" : ttl };
            },
        ],
    },
});
