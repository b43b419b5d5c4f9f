import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

import { authority, knownHostsLine, sshOptions, type Endpoint } from "./connection";
import type { NasFacts } from "./facts";
import type { Nas } from "./nas";
import type { TransportKeySettings } from "./transportKey";

/**
 * A Docker provider for the NAS.
 *
 * The provider runs the bare words `docker system dial-stdio` over SSH, and neither vendor has docker on the PATH of such a
 * command. So a key pair is made whose public half is authorized on the NAS for that one command, by its absolute path.
 */
export function dockerTransport(
    name: string,
    nas: Nas,
    settings: pulumi.Output<TransportKeySettings>,
    opts: pulumi.CustomResourceOptions,
): docker.Provider {
    const { endpoint } = nas.access;
    const key = new tls.PrivateKey(
        `${name}-transport`,
        { algorithm: "ED25519" },
        { ...opts, replacementTrigger: settings.transportKeyRotation },
    );
    const publicKey = key.publicKeyOpenssh.apply((line) => line.trim());
    const id = publicKey.apply(transportId);
    const authorized = nas.script(
        `${name}-transport`,
        {
            files: ["nas/transport.sh"],
            values: {
                public_key: publicKey,
                from: settings.transportKeyFrom.apply((addresses) => addresses.join(",")),
                marker: pulumi.interpolate`nas-registry:${id}`,
                forced_command: nas.facts.apply(dialStdio),
            },
            root: false,
            // Another key gets its line, then the old one loses its; and another user has another authorized_keys.
            replaceOn: [endpoint.user, publicKey],
        },
        opts,
    );
    // Written before the provider starts, and again by every program run, so that a machine without the files gets them.
    const directory = pulumi
        .all([id, key.privateKeyOpenssh, endpoint, authorized.id])
        .apply(([transport, privateKey, known]) => writeTransportFiles(transport, privateKey, known));
    return new docker.Provider(
        `${name}-docker`,
        {
            host: endpoint.apply(({ user, host, port }) => `ssh://${user}@${authority(host, port)}`),
            sshOpts: pulumi.unsecret(directory).apply(transportOptions),
        },
        opts,
    );
}

/** Names a transport key, here and in authorized_keys. */
export function transportId(publicKey: string): string {
    return createHash("sha256").update(publicKey).digest("hex").slice(0, 12);
}

/** The one command that the transport key may run. */
export function dialStdio(facts: Pick<NasFacts, "docker" | "dockerEnv" | "privilege">): string {
    const environment = facts.dockerEnv && `env ${facts.dockerEnv} `;
    return `${facts.privilege === "sudo" ? "sudo -n " : environment}${facts.docker} system dial-stdio`;
}

/**
 * Writes the private key and known_hosts where ssh finds them, and returns their directory with a leading `~`.
 *
 * ssh expands `~` from the password database and not from $HOME, and os.userInfo() does the same; so the provider's inputs
 * are the same on every machine.
 *
 * A job of a continuous integration (ci/job.sh) names a file in NAS_REGISTRY_TRANSPORTS, which gets every directory that is
 * made here: at its end the job removes those. Its previews, which ask no NAS, write nothing.
 */
export function writeTransportFiles(id: string, privateKey: string, endpoint: Endpoint): string {
    const record = process.env.NAS_REGISTRY_TRANSPORTS;
    const inProvider = `~/.nas-registry/${id}`;
    if (record && pulumi.runtime.isDryRun()) {
        return inProvider;
    }
    const parent = path.join(os.userInfo().homedir, ".nas-registry");
    const directory = path.join(parent, id);
    const made = [parent, directory].filter(makeDirectory);
    if (record) {
        // Before there is a key in it, and what is inside before what is around it.
        const lines = made.map((each) => `${each}\n`).reverse();
        fs.appendFileSync(record, lines.join(""), { mode: 0o600 });
    }
    writePrivately(path.join(directory, "key"), privateKey);
    writePrivately(path.join(directory, "known_hosts"), knownHostsLine(endpoint));
    return inProvider;
}

/** Whether it was not there before. */
function makeDirectory(directory: string): boolean {
    return fs.mkdirSync(directory, { recursive: true, mode: 0o700 }) !== undefined;
}

function writePrivately(file: string, content: string): void {
    const temporary = `${file}.${process.pid}`;
    fs.writeFileSync(temporary, content, { mode: 0o600 });
    fs.renameSync(temporary, file);
}

/** Arguments for ssh: this key, and one connection for all requests, which stays open for a minute. */
function transportOptions(directory: string): string[] {
    return sshOptions(directory, {
        IdentityFile: `${directory}/key`,
        IdentitiesOnly: "yes",
        ControlMaster: "auto",
        ControlPersist: "60",
    });
}
