import * as pulumi from "@pulumi/pulumi";

import { AUTHORITY_RULE, isAuthority, matches, Problems } from "../settings/checks";
import { knownOf, type Known } from "../settings/known";
import { checkConnection } from "../nas/checkConnection";
import type { Endpoint, GivenConnection, KeylessConnection } from "../nas/connection";
import { bareHostKey } from "../nas/hostKey";
import { authoritiesIn } from "../certificates/authorities";
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
 * The settings of a client. What is wrong in arguments that are known now is thrown now, before any resource is made; an
 * Output is checked when it resolves.
 *
 * @throws ResourceError with one sentence for each argument that is wrong, all of them together.
 */
export function clientSettingsOf(
    component: pulumi.Resource,
    args: Omit<OpenArgs, "connection"> & { connection: GivenConnection["endpoint"] },
    hasPassword: boolean,
): pulumi.Output<ClientSettings> {
    const refuse = (known: Known<OpenArgs>) => {
        const problems = findClientProblems(known, hasPassword, args.username !== undefined);
        if (problems.length > 0) {
            throw new pulumi.ResourceError(problems.join("\n"), component, true);
        }
    };
    refuse(knownOf(args) as Known<OpenArgs>);
    return pulumi.output(args).apply((plain) => {
        refuse(plain);
        const { host, hostKey, port = 22, user = "root" } = plain.connection;
        return {
            endpoint: { host, port, user, hostKey: bareHostKey(hostKey) },
            registry: plain.registry,
            caCertificate: plain.caCertificate ?? "",
            insecure: plain.insecure ?? false,
            containerd: plain.containerd ?? false,
            username: plain.username ?? "",
        };
    });
}

/** Says what is wrong: one sentence for each argument. What is not known yet is not checked. */
function findClientProblems(args: Known<OpenArgs>, hasPassword: boolean, hasUsername: boolean): string[] {
    const problems = new Problems();
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
    return problems.sentences;
}

function isCertificates(text: string): boolean {
    try {
        return text === "" || authoritiesIn(text).length > 0;
    } catch {
        return false;
    }
}
