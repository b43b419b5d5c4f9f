import * as pulumi from "@pulumi/pulumi";

import { keyKindOf } from "../certificates/chain";
import { splitConnection, sshProblems, type SshConnectionArgs } from "../nas/connection";
import { sameNas } from "../nas/identity";
import { Nas, type NasScriptArgs } from "../nas/nas";
import { childOptions } from "../settings/component";
import { refuse } from "../settings/section";
import { registryContents } from "./contents";
import type { DeploymentArgs } from "./sections";
import { clientAuthority } from "./sections/address";
import { isOfDockerHub } from "./sections/upstream";
import { settingsOf } from "./settings";

/** What a registry, or a mirror, is declared from; the SSH key is in its connection. */
type RegistryArgs = Omit<DeploymentArgs, "connection"> & { connection: pulumi.Input<SshConnectionArgs> };

/** A registry, or a mirror, on a NAS: what all its children are made of. */
export type Deployment = ReturnType<typeof deploymentOf>;

type Others = (pulumi.Resource | undefined)[];

/**
 * Checks the arguments, asks the NAS, and draws the secrets. @throws ResourceError with one sentence for each argument that is
 * wrong, before anything is declared.
 */
export function deploymentOf(
    component: pulumi.ComponentResource,
    name: string,
    given: RegistryArgs,
    opts?: pulumi.ComponentResourceOptions,
) {
    // A program in JavaScript may give none at all.
    const args = { ...given };
    refuse(component, component.getProvider("docker:index/container:Container") ? [] : sshProblems());
    const { endpoint, privateKey } = splitConnection(component, args.connection);
    const all = settingsOf(component, name, { ...args, connection: endpoint });
    const { settings, structure, confidential } = all;
    /** Options of a child that is made after others. */
    const after = (...others: Others): pulumi.CustomResourceOptions =>
        pulumi.mergeOptions(childOptions(component, opts), { dependsOn: others.filter((each) => each !== undefined) });
    const access = { endpoint: settings.endpoint, privateKey, reapply: args.reapply };
    const hooks = { beforeUpdate: sameNas(`${name}-nas`, settings.endpoint) };
    const wanted = pulumi.all([settings, confidential]).apply(([open, { certificate }]) => ({
        ...open,
        importedKey: structure.tls === "reverse-proxy" ? keyKindOf(certificate?.privateKey ?? "") : undefined,
    }));
    const nas = new Nas(`${name}-probe`, access, pulumi.unsecret(wanted), { ...after(), hooks });
    const contents = registryContents(name, nas.facts, all, after());
    const insecure = structure.tls === "none";
    const ofDockerHub = pulumi.unsecret(confidential.apply(isOfDockerHub));
    const isElsewhere = pulumi.unsecret(confidential.apply(({ storage }) => storage !== undefined));
    /** `host:port`. */
    const authority = settings.apply(clientAuthority);
    return {
        ...all,
        args,
        component,
        name,
        nas,
        contents,
        /** Why a client may trust it. */
        trust: pulumi.output({ insecure, caCertificate: contents.certificates.caCertificate, ofDockerHub }),
        /** `project/stack`: with the component's name it tells what is this registry's from all else on the NAS. */
        ownerLabel: `${pulumi.getProject()}/${pulumi.getStack()}`,
        /** Undefined when images are kept elsewhere. */
        dataDirectory: pulumi
            .all([nas.facts, isElsewhere])
            .apply(([facts, elsewhere]) => (elsewhere ? undefined : facts.dataDirectory)),
        authority,
        url: pulumi.interpolate`${insecure ? "http" : "https"}://${authority}`,
        after,
        /** A script on the NAS, called after the component. */
        script: (suffix: string, script: NasScriptArgs, ...others: Others) =>
            nas.script(`${name}-${suffix}`, script, after(...others)),
    };
}
