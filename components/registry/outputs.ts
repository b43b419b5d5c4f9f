import * as pulumi from "@pulumi/pulumi";

import { renderClientSetup } from "../clients/clientSetup";
import type { Deployment } from "./deployment";

/** What a registry, or a mirror, tells of itself; {@link NasRegistry} documents each. */
export function registryOutputs({ url, authority, trust, contents }: Deployment) {
    const { certificates, user, users } = contents;
    const username = pulumi.unsecret(user.name);
    const clientSetups = pulumi.all([authority, trust]).apply((all) => renderClientSetup(...all));
    return {
        url,
        registry: authority,
        catalogUrl: pulumi.interpolate`${url}/v2/_catalog`,
        username,
        password: user.password,
        passwords: users.apply((all) => Object.fromEntries(all.map(({ name, password }) => [name, password]))),
        backupPassword: contents.backupPassword,
        caCertificate: certificates.caCertificate,
        certificate: certificates.certificate,
        dockerLogin: pulumi.interpolate`docker login ${authority} --username ${username}`,
        clientSetup: clientSetups.linux,
        clientSetups: clientSetups.apply((scripts): Record<string, string> => scripts),
    };
}
