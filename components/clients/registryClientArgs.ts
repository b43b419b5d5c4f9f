import type * as pulumi from "@pulumi/pulumi";

import { authoritiesIn } from "../certificates/pem";
import { connection, endpointOf, type Keyless, type SshConnectionArgs } from "../nas/connection";
import * as is from "../settings/is";
import { filled, type Section } from "../settings/section";

/** Arguments of {@link RegistryClient}. */
export interface RegistryClientArgs {
    /** How the Docker host is reached over SSH: as root, or as a user whose sudo asks for no password. */
    connection: pulumi.Input<SshConnectionArgs>;
    /**
     * Any text; another one makes the next `up` look at the host again, and put back what is not as it was: an upgrade of Docker
     * may have rewritten a file.
     * @default none
     * @example "2026-12"
     */
    reapply?: pulumi.Input<string>;
    /**
     * The registry as the names of images have it, `host:port`; `registry` of a `NasRegistry`.
     * @example "diskstation.local:9160"
     */
    registry: pulumi.Input<string>;
    /**
     * Certificate of the registry's own authority, PEM; `caCertificate` of a `NasRegistry`. Of several, all are trusted.
     * @default none: the certificate is from a public authority, or `insecure` is set
     */
    caCertificate?: pulumi.Input<string>;
    /**
     * The registry has no TLS: it becomes one of `insecure-registries` in `/etc/docker/daemon.json`, which the engine reads
     * again without restarting a container. A daemon.json with other settings needs jq on the host.
     * @default false
     */
    insecure?: pulumi.Input<boolean>;
    /**
     * Also for containerd (nerdctl, Kubernetes): a hosts.toml below `/etc/containerd/certs.d`.
     * @default false
     */
    containerd?: pulumi.Input<boolean>;
    /**
     * User of the registry as whom the SSH user's `docker` is logged in; with `password`.
     * @default no login
     * @example "ci"
     */
    username?: pulumi.Input<string>;
    /**
     * Password of `username`; always kept as a secret. Docker keeps it in `~/.docker/config.json` or a credential helper.
     * @example "a password of 8 to 72 bytes"
     */
    password?: pulumi.Input<string>;
}

export const registryClient = {
    checks: {
        ...connection.checks,
        registry: is.authority,
        caCertificate: {
            isRight: isCertificates,
            allowed: "a certificate in PEM, or several, all of which can be read, or left out",
        },
        username: is.like(/^[A-Za-z0-9][A-Za-z0-9._@-]*$/, "letters, digits and . _ @ -, the first a letter or digit"),
    },
    check: (problems, args) => {
        connection.check(problems, args);
        if (args.insecure && args.caCertificate) {
            problems.add(
                "insecure: true is not allowed together with caCertificate: without TLS there is no certificate.",
            );
        }
        const missing = ["username", "password"].filter((each) => !(each in args));
        if (missing.length === 1) {
            problems.add(`${missing[0]}: it is missing; a login needs both username and password.`);
        }
    },
    settings: (args) => ({
        endpoint: endpointOf(args.connection),
        registry: args.registry,
        ...filled(args, { caCertificate: "", insecure: false, containerd: false, username: "" }),
    }),
} satisfies Section<Keyless<RegistryClientArgs>>;

function isCertificates(text: string): boolean {
    try {
        return text === "" || authoritiesIn(text).length > 0;
    } catch {
        return false;
    }
}
