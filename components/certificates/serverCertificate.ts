import * as pulumi from "@pulumi/pulumi";

import { childOptions, setOutputs } from "../settings/component";
import * as is from "../settings/is";
import { checked, type Section } from "../settings/section";
import { ownCertificates } from "./certificates";

/** Arguments of {@link ServerCertificate}. */
export interface ServerCertificateArgs {
    /**
     * Names and addresses that the certificate is for, at least one. @example ["diskstation.local", "192.168.1.20"]
     * @is host
     */
    names: pulumi.Input<pulumi.Input<string>[]>;
}

const serverCertificate: Section<ServerCertificateArgs> = {
    check: (problems, { names }) => {
        if (names?.length === 0) {
            problems.add(`names: [] is not allowed; it must have at least one: ${is.host.allowed}.`);
        }
    },
};

/**
 * A server certificate of an authority of its own, as `NasRegistry` has one: for another service on the NAS, or for
 * several registries that clients reach by one name (`tls: given`). The authority is valid for ten years, the certificate
 * for 397 days, and an update within its last 30 days renews it.
 */
export class ServerCertificate extends pulumi.ComponentResource {
    /** Certificate of the authority, PEM: what clients must trust. */
    public readonly caCertificate!: pulumi.Output<string>;
    /** Certificate of the server, PEM. */
    public readonly certificate!: pulumi.Output<string>;
    /** Private key of the server, PEM; a secret. */
    public readonly privateKey!: pulumi.Output<string>;

    constructor(name: string, args: ServerCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
        super("nas-registry:index:ServerCertificate", name, {}, opts);
        const { names } = checked(this, "ServerCertificateArgs", args, serverCertificate);
        const outputs = ownCertificates(name, names, childOptions(this, opts));
        this.registerOutputs(setOutputs<ServerCertificate>(this, outputs));
    }
}
