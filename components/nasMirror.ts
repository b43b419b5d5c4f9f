import * as pulumi from "@pulumi/pulumi";

import { configureDaemon } from "./nas/daemon/daemonConfig";
import { vendors, type NasVendor } from "./nas/vendors";
import { deployRegistry } from "./nasRegistry";
import type { NasMirrorArgs } from "./registry/sections";
import { refuseOthers } from "./registry/settings";
import { pick, setOutputs } from "./settings/component";
import { spelled } from "./settings/shape";

/**
 * A pull-through cache of one upstream registry on a NAS: what is pulled through it is kept, and pulled from the NAS's disks
 * the next time. Nothing can be pushed to it.
 *
 * It has no descriptor cache, since distribution's mirrors answer with empty blobs when a copy expires that one still
 * names, and no users unless asked for, since Docker sends no password to a mirror.
 */
export class NasMirror extends pulumi.ComponentResource {
    /** `https://host:port` of the mirror, for `registry-mirrors` of a Docker daemon; `http://` without TLS. */
    public readonly url!: pulumi.Output<string>;
    /** `host:port`, as in the names of images. */
    public readonly registry!: pulumi.Output<string>;
    /** The passwords of the users by their names; a secret, empty when there are none. */
    public readonly passwords!: pulumi.Output<Record<string, string>>;
    /** Certificate of the authority, PEM: what clients must trust. Empty when that is a public one, or without TLS. */
    public readonly caCertificate!: pulumi.Output<string>;
    /** Server certificate that clients are shown, with its intermediates, PEM. Empty without TLS. */
    public readonly certificate!: pulumi.Output<string>;
    /** Shell script, to be run as root, that makes the Docker Engine of a Linux machine trust the mirror. */
    public readonly clientSetup!: pulumi.Output<string>;

    constructor(name: string, args: NasMirrorArgs, opts?: pulumi.ComponentResourceOptions) {
        super("nas-registry:index:NasMirror", name, {}, opts);
        const given = spelled("DeploymentArgs", { ...args });
        refuseOthers(this, "NasMirror", given);
        const mirror = {
            ...given,
            auth: given.auth ?? "none",
            port: given.port ?? pulumi.output(given.vendor).apply(mirrorPort),
            upstream: given.upstream ?? {},
            cache: "none",
            // What lets an expired copy go; nobody can delete through a mirror.
            deletes: true,
        } as const;
        const { deployment, serving, trusted, outputs } = deployRegistry(this, name, mirror, opts);
        if (given.daemonMirror) {
            // Never among the insecure ones: an engine from 28 on would take any certificate for Docker Hub's, too, since it has
            // one client for both (moby's daemon/hosts.go). http:// needs no entry there.
            const settings = { registryMirrors: [deployment.url] };
            configureDaemon(name, deployment.nas, settings, deployment.after(serving, trusted));
        }
        const own = pick(outputs, "url", "registry", "passwords", "caCertificate", "certificate", "clientSetup");
        this.registerOutputs(setOutputs<NasMirror>(this, own));
    }
}

/** A make that is not known is refused by the checks that follow. */
function mirrorPort(vendor: NasVendor): number {
    return (vendors as Partial<typeof vendors>)[vendor]?.defaultMirrorPort ?? 0;
}
