import * as pulumi from "@pulumi/pulumi";

import type { NasFacts, Ownership } from "../nas/probe";
import { registryListEntry } from "../nas/synology/registryList";
import type { Target } from "../nas/remoteScript";
import { reverseProxy } from "../nas/synology/reverseProxy";
import type { Settings, Structure } from "./settings";
import type { RegistryCertificates } from "../certificates/certificates";
import type { User } from "./users";

export interface FrontArgs {
    target: Target;
    facts: pulumi.Output<NasFacts>;
    ownership: Ownership;
    settings: pulumi.Output<Settings>;
    certificates: RegistryCertificates;
}

/** What clients reach the registry through: nothing, or the NAS's web server. */
export function registryFront(
    name: string,
    { tls }: Structure,
    { target, facts, ownership, settings, certificates }: FrontArgs,
    opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
    if (tls !== "reverse-proxy") {
        return [];
    }
    const proxy = {
        target,
        facts,
        label: `${ownership.ownerLabel}/${ownership.component}`,
        hostName: settings.hostName,
        port: settings.port,
        certificate: certificates.certificate.apply((pem) => pem ?? ""),
        privateKey: certificates.privateKey.apply((pem) => pem ?? ""),
        caCertificate: certificates.caCertificate,
    };
    return [reverseProxy(`${name}-reverse-proxy`, proxy, opts)];
}

/** The registry on the NAS's own screens, if asked for. */
export function registryOnScreens(
    name: string,
    { registryList }: Structure,
    args: Pick<FrontArgs, "target" | "facts" | "certificates"> & {
        url: pulumi.Output<string>;
        users: pulumi.Output<User[]>;
    },
    opts: pulumi.CustomResourceOptions,
): void {
    if (!registryList) {
        return;
    }
    const { target, facts, url, users, certificates } = args;
    const username = pulumi.unsecret(users.apply(([first]) => first?.name ?? ""));
    // Only an authority that is not public is told of.
    const trustSelfSigned = certificates.caCertificate.apply((certificate) => certificate !== undefined);
    registryListEntry(`${name}-list`, { target, facts, url, username, trustSelfSigned }, opts);
}
