import * as pulumi from "@pulumi/pulumi";

import { splitConnection, type SshConnectionArgs } from "../nas/connection";
import { registryFiles, takeOverData } from "../nas/files";
import { sameNas } from "../nas/identity";
import { missingAbilities, probeNas, type NasFacts } from "../nas/probe";
import type { Target } from "../nas/remoteScript";
import type { ChosenNas } from "../nas/target";
import { dockerTransport } from "../nas/transport";
import { vendors } from "../nas/vendors";
import { settingsOf, type AllSettings } from "./settings";
import {
    givenCertificates,
    noCertificates,
    ownCertificates,
    type RegistryCertificates,
} from "../certificates/certificates";
import { renderClientSetup, trustOf, type ClientKind } from "../clients/clientSetup";
import type { DeploymentArgs } from "./validation";
import { registryContainers } from "./containers/containers";
import { registryContents } from "./contents";
import { registryFront, registryOnScreens } from "./front";
import { clientAuthority } from "./sections/http";
import { registryDaemonConfig, registryDaemonTrust } from "./nasDaemon";
import { smokeTest } from "./smoke";
import type { User } from "./users";
import { giveWarnings, shareProblem } from "./warnings";

/** A registry on a NAS, as its component tells of it. */
export interface Deployment {
    /** `host:port`. */
    authority: pulumi.Output<string>;
    url: pulumi.Output<string>;
    /** A secret; empty without `auth: htpasswd`. */
    users: pulumi.Output<User[]>;
    /** What clients must trust, PEM; empty when that is the public authorities, or without TLS. */
    caCertificate: pulumi.Output<string>;
    /** What clients are shown, PEM; empty without TLS. */
    certificate: pulumi.Output<string>;
    /** The registry's config.yml; a secret. */
    configuration: pulumi.Output<string>;
    /** The NAS that it is on. */
    nas: ChosenNas;
    facts: pulumi.Output<NasFacts>;
    /** Done when the registry really serves. */
    serving: pulumi.Resource;
    /** Scripts that make clients trust it, by kind of client. */
    clientSetups: pulumi.Output<Record<ClientKind, string>>;
}

/**
 * Declares everything that a registry, or a mirror, consists of.
 *
 * @throws ResourceError with one sentence for each argument that is wrong, before anything is declared.
 */
export function deployRegistry(
    component: pulumi.ComponentResource,
    name: string,
    args: Omit<DeploymentArgs, "connection"> & { connection: pulumi.Input<SshConnectionArgs> },
    opts: pulumi.ComponentResourceOptions = {},
): Deployment {
    const { connection, ...others } = { ...args };
    const { endpoint, privateKey } = splitConnection(connection);
    const all = settingsOf(component, name, { ...others, connection: endpoint });
    const { settings, structure, confidential } = all;
    giveWarnings(component, args, all);
    // The engine hands neither of the two on from a component to its children.
    const child = { parent: component, dependsOn: opts.dependsOn, retainOnDelete: opts.retainOnDelete };
    const after = (...resources: pulumi.Resource[]) => pulumi.mergeOptions(child, { dependsOn: resources });
    const ownership = { ownerLabel: `${pulumi.getProject()}/${pulumi.getStack()}`, component: name };
    const target: Target = {
        endpoint: settings.endpoint,
        privateKey,
        sshSetting: settings.apply(({ vendor }) => vendors[vendor].sshSetting),
    };

    const hooks = sameNas(`${name}-nas`, settings.endpoint);
    const facts = probeNas(`${name}-probe`, target, settings, { ...child, hooks });
    facts.apply((found) =>
        missingAbilities(found, structure.cache === "redis").forEach(
            (missing) => void pulumi.log.warn(missing, component),
        ),
    );
    const dataDirectory = pulumi
        .all([facts, pulumi.unsecret(confidential.apply(({ storage }) => storage !== undefined))])
        .apply(([found, isElsewhere]) => (isElsewhere ? undefined : found.dataDirectory));
    pulumi.all([facts, dataDirectory]).apply(([found, directory]) => {
        const problem = directory === undefined ? undefined : shareProblem(found);
        return problem && void pulumi.log.warn(problem, component);
    });

    const nas: ChosenNas = { vendor: settings.vendor, target };
    const certificates = registryCertificates(name, all, child);
    const contents = registryContents(name, all, facts, certificates, child);
    const data = {
        target,
        facts,
        ownership,
        containerName: settings.containerName,
        dataDirectory,
        lostDataDirectory: settings.lostDataDirectory,
    };
    const { takeOverDataFrom } = structure;
    const owned =
        takeOverDataFrom === undefined
            ? []
            : [takeOverData(`${name}-data-owner`, { ...data, from: takeOverDataFrom }, child)];
    // Before all else that is changed: it refuses a data directory that is not the registry's.
    const files = registryFiles(
        `${name}-files`,
        {
            ...data,
            ports: settings.apply(({ bindAddress, port, metrics }) => [
                `${bindAddress}:${port}`,
                ...(metrics ? [`${metrics.address}:${metrics.port}`] : []),
            ]),
            dataDirectoryChange: settings.dataDirectoryChange,
            files: contents.files,
            containers: pulumi.all([settings, facts]),
        },
        after(...owned),
    );
    // While the daemon restarts there is nothing to talk to.
    const daemon = registryDaemonConfig(name, structure, { nas, facts, settings, confidential }, after(files));
    const given = component.getProvider("docker:index/container:Container");
    const provider = given ?? dockerTransport(name, target, facts, settings, after(files, ...daemon.resources));
    const containers = registryContainers(
        name,
        { settings, structure, facts, ownership, dataDirectory, contents },
        { ...after(files, ...daemon.resources), provider },
    );
    const front = registryFront(name, structure, { target, facts, ownership, settings, certificates }, child);
    const before = [files, ...front];
    const { restartedAt } = daemon;
    const serving = smokeTest(
        `${name}-smoke-test`,
        { target, settings, structure, facts, dataDirectory, contents, certificates, containers, before, restartedAt },
        child,
    );

    const address = settings.apply(clientAuthority);
    const url = pulumi.interpolate`${structure.tls === "none" ? "http" : "https"}://${address}`;
    registryDaemonTrust(
        name,
        structure,
        { nas, facts, authority: address, certificates, users: contents.users },
        after(serving),
    );
    registryOnScreens(name, structure, { target, facts, certificates, url, users: contents.users }, child);
    const caCertificate = certificates.caCertificate.apply((certificate) => certificate ?? "");
    return {
        nas,
        facts,
        serving,
        authority: address,
        url,
        users: contents.users,
        caCertificate,
        certificate: certificates.certificate.apply((pem) => pem ?? ""),
        configuration: contents.configYml,
        clientSetups: pulumi
            .all([address, caCertificate])
            .apply(([registry, ca]) =>
                renderClientSetup(registry, trustOf({ insecure: structure.tls === "none", caCertificate: ca })),
            ),
    };
}

/** The certificate of a registry in each of its ways. */
function registryCertificates(
    name: string,
    { structure, settings, confidential }: AllSettings,
    opts: pulumi.CustomResourceOptions,
): RegistryCertificates {
    if (structure.tls === "none") {
        return noCertificates();
    }
    return structure.hasCertificate
        ? givenCertificates(confidential.apply(({ certificate }) => certificate))
        : ownCertificates(name, settings.certificateNames, opts);
}
