import * as pulumi from "@pulumi/pulumi";

import { authority } from "../nas/connection";
import { runsRedis, type NasFacts } from "../nas/probe";
import { remoteScript, type Target } from "../nas/remoteScript";
import type { Settings } from "../settings";
import type { RegistryContainers } from "./containers";

export interface SmokeTestArgs {
    target: Target;
    settings: pulumi.Output<Settings>;
    facts: pulumi.Output<NasFacts>;
    password: pulumi.Output<string>;
    redisPassword: pulumi.Output<string>;
    caCertificate: pulumi.Output<string>;
    containers: RegistryContainers;
    /** What put the users in place. */
    files: pulumi.Resource;
}

/** Seconds that the registry has for its first answer; a NAS with sleeping disks takes its time. */
const ATTEMPTS = 60;

/** Makes `up` fail when the registry does not really serve; runs again when a container or a user has changed. */
export function smokeTest(name: string, args: SmokeTestArgs, opts: pulumi.CustomResourceOptions): void {
    const { settings, facts, containers } = args;
    remoteScript(
        name,
        {
            target: args.target,
            files: ["nas/lib.sh", "registry/smoke.sh"],
            values: {
                docker: facts.docker,
                docker_env: facts.dockerEnv,
                sudo: facts.apply(({ privilege }) => (privilege === "sudo" ? "sudo -n" : "")),
                authority: settings.apply(({ hostName, port }) => authority(hostName, port)),
                port: settings.port,
                username: settings.username,
                password: args.password,
                ca_certificate: args.caCertificate,
                owner: facts.owner,
                data_directory: facts.dataDirectory,
                registry_container: containers.registry.name,
                // Not read by the script: another container is another reason to look.
                registry_container_id: containers.registry.id,
                redis_container: pulumi
                    .all([facts, containers.redis.name])
                    .apply(([found, container]) => (runsRedis(found) ? container : "")),
                redis_password: args.redisPassword,
                attempts: ATTEMPTS,
            },
        },
        { ...opts, dependsOn: [args.files, containers.registry] },
    );
}
