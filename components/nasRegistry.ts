import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import type { NasRegistryArgs } from "./args";
import { authority, splitConnection } from "./nas/connection";
import { missingAbilities, probeNas, runsRedis } from "./nas/probe";
import { remoteScript, type Target } from "./nas/remoteScript";
import { renderScript } from "./nas/script";
import { dockerTransport } from "./nas/transport";
import { vendors } from "./nas/vendors";
import { renderConfig, renderRedisConfig } from "./registry/config";
import { registryContainers } from "./registry/containers";
import { smokeTest } from "./registry/smoke";
import { htpasswdLine } from "./registry/users";
import { settingsOf } from "./settings";
import { ownCertificates } from "./trust/certificates";

/**
 * A private OCI registry (CNCF distribution 3, with Redis as its descriptor cache) on a Synology or QNAP NAS, with a user
 * and TLS.
 *
 * Destroying it takes away everything it put on the NAS except the data directory. A docker provider handed over in
 * `opts.providers` is used in place of the SSH transport that is made otherwise.
 */
export class NasRegistry extends pulumi.ComponentResource {
    /** `https://host:port` of the registry. */
    public readonly url: pulumi.Output<string>;
    /** Address that lists the repositories; it asks for the user's name and password. */
    public readonly catalogUrl: pulumi.Output<string>;
    /** Name of the generated user. */
    public readonly username: pulumi.Output<string>;
    /** Password of the generated user; a secret. */
    public readonly password: pulumi.Output<string>;
    /** Certificate of the registry's own authority, PEM: what clients must trust. */
    public readonly caCertificate: pulumi.Output<string>;
    /** Command that logs a Docker client in. */
    public readonly dockerLogin: pulumi.Output<string>;
    /** Shell script, to be run as root, that makes the Docker Engine of a Linux machine trust the registry. */
    public readonly clientSetup: pulumi.Output<string>;

    constructor(name: string, args: NasRegistryArgs, opts?: pulumi.ComponentResourceOptions) {
        // No inputs are recorded for the component itself: an SSH key could be among them.
        super("nas-registry:index:NasRegistry", name, {}, opts);
        const child = { parent: this };
        const { endpoint, privateKey } = splitConnection(args.connection);
        const settings = settingsOf(this, name, { ...args, connection: endpoint });
        const registry = settings.apply(({ hostName, port }) => authority(hostName, port));
        const ownerLabel = `${pulumi.getProject()}/${pulumi.getStack()}/${name}`;
        const target: Target = {
            endpoint: settings.endpoint,
            privateKey,
            sshSetting: settings.apply(({ vendor }) => vendors[vendor].sshSetting),
        };

        const facts = probeNas(`${name}-probe`, target, settings, ownerLabel, child);
        facts.apply((found) => missingAbilities(found).forEach((missing) => void pulumi.log.warn(missing, this)));
        const given = this.getProvider("docker:index/container:Container");
        const provider = given ?? dockerTransport(name, target, facts, child);

        const httpSecret = new random.RandomBytes(`${name}-http-secret`, { length: 32 }, child);
        const redisPassword = new random.RandomPassword(`${name}-redis`, { length: 32, special: false }, child);
        const password = new random.RandomPassword(`${name}-user`, { length: 32, special: false }, child);
        const salt = new random.RandomBytes(`${name}-user-salt`, { length: 16 }, child);
        const certificates = ownCertificates(name, settings.certificateNames, child);

        const configYml = pulumi.all([httpSecret.hex, redisPassword.result, facts]).apply(([secret, redis, found]) =>
            renderConfig({
                httpSecret: secret,
                cache: runsRedis(found) ? { kind: "redis", password: redis } : { kind: "inmemory" },
            }),
        );
        const redisConf = pulumi
            .all([settings.redisMemory, redisPassword.result])
            .apply(([memory, secret]) => renderRedisConfig({ memory, password: secret }));
        const configDirectory = pulumi.interpolate`${facts.sharedFolder}/${settings.containerName}-config`;
        const files = remoteScript(
            `${name}-files`,
            {
                target,
                shell: facts.apply(({ privilege }) => (privilege === "sudo" ? "sudo -n /bin/sh" : "/bin/sh")),
                files: ["nas/lib.sh", "nas/files.sh"],
                values: {
                    data_directory: facts.dataDirectory,
                    config_directory: configDirectory,
                    owner: facts.owner,
                    config_yml: configYml,
                    htpasswd: pulumi
                        .all([settings.username, password.result, salt.base64])
                        .apply((user) => htpasswdLine(...user)),
                    certificate: certificates.certificate,
                    private_key: certificates.privateKey,
                    redis_conf: redisConf,
                },
                reverts: true,
                replaceOn: [configDirectory],
            },
            child,
        );
        const containers = registryContainers(
            name,
            {
                settings,
                facts,
                configDirectory,
                registryConfig: pulumi.interpolate`${configYml}${certificates.certificate}`,
                redisConfig: redisConf,
                ownerLabel,
            },
            { ...child, provider, dependsOn: [files] },
        );
        smokeTest(
            `${name}-smoke-test`,
            {
                target,
                settings,
                facts,
                password: password.result,
                redisPassword: redisPassword.result,
                caCertificate: certificates.caCertificate,
                containers,
                files,
            },
            child,
        );

        this.url = pulumi.interpolate`https://${registry}`;
        this.catalogUrl = pulumi.interpolate`${this.url}/v2/_catalog`;
        this.username = settings.username;
        this.password = pulumi.secret(password.result);
        this.caCertificate = certificates.caCertificate;
        this.dockerLogin = pulumi.interpolate`docker login ${registry} --username ${settings.username}`;
        this.clientSetup = pulumi
            .all([registry, certificates.caCertificate])
            .apply(([address, ca_certificate]) =>
                renderScript({ registry: address, ca_certificate }, "trust/client-setup.sh"),
            );
        this.registerOutputs({
            url: this.url,
            catalogUrl: this.catalogUrl,
            username: this.username,
            password: this.password,
            caCertificate: this.caCertificate,
            dockerLogin: this.dockerLogin,
            clientSetup: this.clientSetup,
        });
    }
}
