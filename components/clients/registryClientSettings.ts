import type * as pulumi from "@pulumi/pulumi";

import { checked } from "../settings/checked";
import { AUTHORITY_RULE, isAuthority, matches, type Problems } from "../settings/checks";
import type { Known } from "../settings/known";
import { checkConnection } from "../nas/checkConnection";
import { endpointOf, type Endpoint, type GivenConnection, type KeylessConnection } from "../nas/connection";
import { authoritiesIn } from "../certificates/pem";
import type { RegistryClientArgs } from "./registryClientArgs";

/** The arguments without what is a secret. */
interface OpenArgs extends Omit<RegistryClientArgs, "connection" | "password"> {
    connection: pulumi.Input<KeylessConnection>;
}

/** Every setting but the password, checked and with its default filled in. */
export interface ClientSettings {
    endpoint: Endpoint;
    registry: string;
    /** Empty without an authority of the registry's own. */
    caCertificate: string;
    insecure: boolean;
    containerd: boolean;
    /** Empty without a login. */
    username: string;
}

/**
 * The settings of a client.
 *
 * @throws ResourceError with one sentence for each argument that is wrong and known now; an Output is checked when it resolves.
 */
export function clientSettingsOf(
    component: pulumi.Resource,
    args: Omit<OpenArgs, "connection"> & { connection: GivenConnection["endpoint"] },
    hasPassword: boolean,
): pulumi.Output<ClientSettings> {
    const right = checked(component, args as OpenArgs, (problems, known) =>
        checkClient(problems, known, hasPassword, args.username !== undefined),
    );
    return right.apply((plain) => ({
        endpoint: endpointOf(plain.connection),
        registry: plain.registry,
        caCertificate: plain.caCertificate ?? "",
        insecure: plain.insecure ?? false,
        containerd: plain.containerd ?? false,
        username: plain.username ?? "",
    }));
}

/** What is not known yet is not checked. */
function checkClient(problems: Problems, args: Known<OpenArgs>, hasPassword: boolean, hasUsername: boolean): void {
    checkConnection(problems, args.connection);
    problems.check("registry", args.registry, isAuthority, AUTHORITY_RULE);
    const caRule = "a certificate in PEM, or several, all of which can be read, or left out";
    problems.check("caCertificate", args.caCertificate, isCertificates, caRule);
    if (args.insecure && args.caCertificate) {
        problems.add("insecure: true is not allowed together with caCertificate: without TLS there is no certificate.");
    }
    const userRule = "letters, digits and . _ @ -, the first a letter or digit";
    problems.check("username", args.username, matches(/^[A-Za-z0-9][A-Za-z0-9._@-]*$/), userRule);
    if (hasUsername !== hasPassword) {
        problems.add(
            `${hasUsername ? "password" : "username"}: it is missing; a login needs both username and password.`,
        );
    }
}

function isCertificates(text: string): boolean {
    try {
        return text === "" || authoritiesIn(text).length > 0;
    } catch {
        return false;
    }
}
