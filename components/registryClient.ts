import * as pulumi from "@pulumi/pulumi";

import { readableIn } from "./certificates/pem";
import { trustValues } from "./clients/clientSetup";
import { connection, endpointOf, splitConnection, type Keyless, type SshConnectionArgs } from "./nas/connection";
import { Machine } from "./nas/machine";
import { vendors } from "./nas/vendors";
import { childOptions, pick, setOutputs } from "./settings/component";
import { checked, filled, type Section } from "./settings/section";

/** Arguments of {@link RegistryClient}. */
export interface RegistryClientArgs {
    /** How the Docker host is reached over SSH: as root, or as a user whose sudo asks for no password. */
    connection: pulumi.Input<SshConnectionArgs>;
    /**
     * Any text; another one makes the next `up` look at the host again, and put back what is not as it was: an upgrade of Docker
     * may have rewritten a file. @default none @example "2026-12"
     */
    reapply?: pulumi.Input<string>;
    /** The registry in image names; `registry` of a `NasRegistry`. @example "diskstation.local:9160" @is registry */
    registry: pulumi.Input<string>;
    /**
     * Certificate of the registry's own authority, PEM; `caCertificate` of a `NasRegistry`. Of several, all are trusted.
     * @default none: the certificate is from a public authority, or `insecure` is set
     */
    caCertificate?: pulumi.Input<string>;
    /**
     * The registry has no TLS: it becomes one of `insecure-registries` in `/etc/docker/daemon.json`, which the engine reads
     * again without restarting a container. A daemon.json with other settings needs jq on the host. @default false
     */
    insecure?: pulumi.Input<boolean>;
    /** Also for containerd (nerdctl, Kubernetes): a hosts.toml below `/etc/containerd/certs.d`. @default false */
    containerd?: pulumi.Input<boolean>;
    /** User that the SSH user's `docker` logs in as; with `password`. @default no login @example "ci" @is userName */
    username?: pulumi.Input<string>;
    /**
     * Password of `username`; always kept as a secret. Docker keeps it in `~/.docker/config.json` or a credential helper.
     * @example "a password of 8 to 72 bytes"
     */
    password?: pulumi.Input<string>;
}

const registryClient = {
    spelling: connection.spelling,
    check: (problems, args) => {
        connection.check(problems, args);
        problems.check("caCertificate", args.caCertificate, {
            isRight: (text) => text === "" || readableIn(text).length > 0,
            allowed: "a certificate in PEM, or several, all of which can be read, or left out",
        });
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

/** Below `components/`. */
export const clientScripts = [
    ...["lib.sh", "daemon-json.sh", "linux.sh", "containerd.sh"].map((file) => `clients/kinds/${file}`),
    ...["pull.sh", "registry-client.sh"].map((file) => `clients/${file}`),
];

/**
 * A Linux host with Docker that trusts a registry: it gets the certificate of the registry's authority, is logged in if
 * asked, and `up` fails unless a pull from there reaches the registry. Destroying it takes back what it has added.
 *
 * Let it depend on the registry's resource, so that there is one to reach:
 * `new RegistryClient("build-server", { … }, { dependsOn: [registry] })`.
 */
export class RegistryClient extends pulumi.ComponentResource {
    /** `host:port` of the registry; known once a pull from this host has reached it. */
    public readonly registry!: pulumi.Output<string>;

    constructor(name: string, args: RegistryClientArgs, opts?: pulumi.ComponentResourceOptions) {
        super("nas-registry:index:RegistryClient", name, {}, opts);
        const { connection, password, reapply, ...open } = args;
        const { endpoint, privateKey } = splitConnection(this, connection);
        // That there is a password is all that a check needs of it.
        const known = { ...open, connection: endpoint, password: password === undefined ? undefined : "given" };
        const given = checked(this, "RegistryClientArgs", known as Keyless<RegistryClientArgs>, registryClient);
        const settings = given.apply(registryClient.settings);
        const access = { endpoint: settings.endpoint, privateKey, reapply };
        const setup = new Machine(access, pick(vendors.linux, "sshSetting", "blockSetting")).script(
            `${name}-trust`,
            {
                files: clientScripts,
                values: pulumi.all([settings, password]).apply(([{ containerd, username, ...trust }, secret = ""]) => ({
                    ...trustValues(trust.registry, trust),
                    ...{ containerd: containerd ? "yes" : "", username, password: secret },
                })),
                // Another registry, user or machine gets the setup, then the old one loses it.
                replaceOn: [settings.registry, settings.endpoint.user, settings.endpoint.hostKey],
            },
            childOptions(this, opts),
        );
        const registry = pulumi.all([settings.registry, pulumi.unsecret(setup.stdout)]).apply(([each]) => each);
        this.registerOutputs(setOutputs<RegistryClient>(this, { registry }));
    }
}
