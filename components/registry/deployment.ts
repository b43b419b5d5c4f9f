import type * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { splitConnection, type SshConnectionArgs } from "../nas/connection";
import { sameNas } from "../nas/identity";
import type { Nas, NasScriptArgs } from "../nas/nas";
import { probeNas } from "../nas/probe";
import type { DeploymentArgs } from "./sections";
import { clientAuthority } from "./sections/address";
import { settingsOf, type AllSettings, type Confidential, type Settings, type Structure } from "./settings";

/** What a registry, or a mirror, is declared from; the SSH key is in its connection. */
export type RegistryArgs = Omit<DeploymentArgs, "connection"> & { connection: pulumi.Input<SshConnectionArgs> };

/** A registry, or a mirror, on a NAS: what all its children are made of. */
export class Deployment implements AllSettings {
    readonly settings: pulumi.Output<Settings>;
    readonly structure: Structure;
    readonly confidential: pulumi.Output<Confidential>;
    readonly nas: Nas;
    /** `project/stack`: with the component's name it tells what is this registry's from all else on the NAS. */
    readonly ownerLabel = `${pulumi.getProject()}/${pulumi.getStack()}`;
    /** Undefined when images are kept elsewhere. */
    readonly dataDirectory: pulumi.Output<string | undefined>;
    /** `host:port`. */
    readonly authority: pulumi.Output<string>;
    readonly url: pulumi.Output<string>;

    /**
     * Checks the arguments and asks the NAS.
     *
     * @throws ResourceError with one sentence for each argument that is wrong, before anything is declared.
     */
    constructor(
        readonly component: pulumi.ComponentResource,
        readonly name: string,
        given: RegistryArgs,
        private readonly opts: pulumi.ComponentResourceOptions = {},
    ) {
        // A program in JavaScript may give none at all.
        const args = { ...given };
        const { endpoint, privateKey } = splitConnection(args.connection);
        const { settings, structure, confidential } = settingsOf(component, name, { ...args, connection: endpoint });
        this.settings = settings;
        this.structure = structure;
        this.confidential = confidential;
        const access = { endpoint: settings.endpoint, privateKey, reapply: args.reapply };
        const hooks = { beforeUpdate: sameNas(`${name}-nas`, settings.endpoint) };
        this.nas = probeNas(`${name}-probe`, access, settings, { ...this.after(), hooks });
        const isElsewhere = pulumi.unsecret(confidential.apply(({ storage }) => storage !== undefined));
        this.dataDirectory = pulumi
            .all([this.nas.facts, isElsewhere])
            .apply(([facts, elsewhere]) => (elsewhere ? undefined : facts.dataDirectory));
        this.authority = settings.apply(clientAuthority);
        this.url = pulumi.interpolate`${structure.tls === "none" ? "http" : "https"}://${this.authority}`;
    }

    /** Options of a child that is made after others. */
    after(...resources: (pulumi.Resource | undefined)[]): pulumi.CustomResourceOptions {
        // The engine hands neither of the two on from a component to its children.
        const { dependsOn, retainOnDelete } = this.opts;
        const child: pulumi.CustomResourceOptions = { parent: this.component, dependsOn, retainOnDelete };
        return pulumi.mergeOptions(child, { dependsOn: resources.filter((each) => each !== undefined) });
    }

    /** A script on the NAS, called after the component. */
    script(suffix: string, args: NasScriptArgs, ...after: (pulumi.Resource | undefined)[]): command.remote.Command {
        return this.nas.script(`${this.name}-${suffix}`, args, this.after(...after));
    }
}
