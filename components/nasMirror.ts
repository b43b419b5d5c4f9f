import * as pulumi from "@pulumi/pulumi";

import type { NasMirrorArgs } from "./registry/args";
import { configureDaemon } from "./nas/daemon/daemonConfig";
import { vendors, type NasVendor } from "./nas/vendors";
import { deployRegistry } from "./registry/deployment";

/**
 * A pull-through cache of one upstream registry on a NAS: what is pulled through it is kept, and pulled from the NAS's disks
 * the next time. Nothing can be pushed to it.
 *
 * It has no descriptor cache, since distribution's mirrors answer with empty blobs when a copy expires that one still
 * names, and no users unless asked for, since Docker sends no password to a mirror.
 */
export class NasMirror extends pulumi.ComponentResource {
    /** `https://host:port` of the mirror, for `registry-mirrors` of a Docker daemon; `http://` without TLS. */
    public readonly url: pulumi.Output<string>;
    /** `host:port`, as in the names of images. */
    public readonly registry: pulumi.Output<string>;
    /** The passwords of the users by their names; a secret, empty when there are none. */
    public readonly passwords: pulumi.Output<Record<string, string>>;
    /** Certificate of the authority, PEM: what clients must trust. Empty when that is a public one, or without TLS. */
    public readonly caCertificate: pulumi.Output<string>;
    /** Server certificate that clients are shown, with its intermediates, PEM. Empty without TLS. */
    public readonly certificate: pulumi.Output<string>;
    /** The mirror's `config.yml`, as it is on the NAS; a secret. */
    public readonly configuration: pulumi.Output<string>;
    /** Shell script, to be run as root, that makes the Docker Engine of a Linux machine trust the mirror. */
    public readonly clientSetup: pulumi.Output<string>;

    constructor(name: string, args: NasMirrorArgs, opts?: pulumi.ComponentResourceOptions) {
        // No inputs are recorded for the component itself: an SSH key could be among them.
        super("nas-registry:index:NasMirror", name, {}, opts);
        const { daemonMirror, ...given } = { ...args };
        const deployment = deployRegistry(
            this,
            name,
            {
                ...given,
                auth: given.auth ?? "none",
                port: given.port ?? pulumi.output(given.vendor).apply(mirrorPort),
                upstream: given.upstream ?? {},
                cache: "none",
                // What lets an expired copy go; nobody can delete through a mirror.
                deletes: true,
            },
            opts,
        );

        if (daemonMirror) {
            configureDaemon(
                name,
                deployment.nas,
                deployment.facts,
                { registryMirrors: [deployment.url], insecureRegistries: [deployment.authority] },
                { parent: this, dependsOn: [deployment.serving], retainOnDelete: opts?.retainOnDelete },
            );
        }

        this.url = deployment.url;
        this.registry = deployment.authority;
        this.passwords = deployment.users.apply((all) =>
            Object.fromEntries(all.map((user) => [user.name, user.password])),
        );
        this.caCertificate = deployment.caCertificate;
        this.certificate = deployment.certificate;
        this.configuration = deployment.configuration;
        this.clientSetup = deployment.clientSetups.apply(({ linux }) => linux);
        this.registerOutputs({
            url: this.url,
            registry: this.registry,
            passwords: this.passwords,
            caCertificate: this.caCertificate,
            certificate: this.certificate,
            configuration: this.configuration,
            clientSetup: this.clientSetup,
        });
    }
}

/** A make that is not known is refused by the checks that follow. */
function mirrorPort(vendor: NasVendor): number {
    return (vendors as Partial<typeof vendors>)[vendor]?.defaultMirrorPort ?? 0;
}
