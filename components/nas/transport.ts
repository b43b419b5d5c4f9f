import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

import { filled, type Section } from "../settings/section";
import { authority, knownHostsLine, sshOptions, type Endpoint } from "./connection";
import type { NasFacts } from "./facts";
import type { Nas } from "./nas";
import { shortHash } from "./script";

/** Of the key by which Docker is reached. */
export interface TransportKeyArgs {
    /**
     * Addresses from which the NAS lets in the key that reaches its Docker Engine: IP addresses, networks, and host names, with
     * `*` and `?` as wildcards, as `from=` of its `authorized_keys` takes them. All that run `up` must be among them. Host
     * names count only where the NAS's SSH server looks them up (`UseDNS`). Of no use with a docker provider of your own.
     * @default any address @example ["192.168.1.0/24", "fd00::20"] @is sshOrigin
     */
    transportKeyFrom?: pulumi.Input<pulumi.Input<string>[]>;
    /**
     * Any text; another one makes another key for the Docker Engine: it is let in, then the old one no more.
     * @default "" @example "2026-12"
     */
    transportKeyRotation?: pulumi.Input<string>;
}

export const transportKey = {
    check: (problems, { transportKeyFrom }) => {
        if (transportKeyFrom?.length === 0) {
            problems.add(
                "transportKeyFrom: [] is not allowed; give the addresses that the key may come from, or leave it out.",
            );
        }
    },
    settings: (args) => filled(args, { transportKeyFrom: [], transportKeyRotation: "" }),
} satisfies Section<TransportKeyArgs>;

/**
 * A Docker provider for the NAS, and the arguments with which ssh reaches the same engine. The provider runs the bare words `docker system dial-stdio` over SSH, and neither vendor has docker on
 * the PATH of such a command; so a key pair is made whose public half is authorized for that one command, by its absolute path.
 */
export function dockerTransport(
    name: string,
    nas: Nas,
    settings: pulumi.Output<ReturnType<typeof transportKey.settings>>,
    opts: pulumi.CustomResourceOptions,
) {
    const { endpoint } = nas.access;
    const key = new tls.PrivateKey(
        `${name}-transport`,
        { algorithm: "ED25519" },
        { ...opts, replacementTrigger: settings.transportKeyRotation },
    );
    const publicKey = key.publicKeyOpenssh.apply((line) => line.trim());
    // Names the key, here and in authorized_keys.
    const id = publicKey.apply(shortHash);
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
    const sshOpts = pulumi.unsecret(directory).apply(transportOptions);
    // A directory service's user has a backslash or an at sign, and an address of one link its zone behind a per cent sign.
    const host = endpoint.apply(
        ({ user, host, port }) => `ssh://${encodeURIComponent(user)}@${authority(host, port).replace("%", "%25")}`,
    );
    const ssh = pulumi
        .all([sshOpts, endpoint])
        .apply(([options, { user, host, port }]) => [...options, "-l", user, "-p", String(port), "--", host]);
    return { provider: new docker.Provider(`${name}-docker`, { host, sshOpts }, opts), ssh };
}

/** The one command that the transport key may run. */
export function dialStdio(facts: Pick<NasFacts, "docker" | "dockerEnv" | "privilege">): string {
    // A home may have blanks in its name.
    const environment = facts.dockerEnv && `env ${facts.dockerEnv.replaceAll(" ", "\\ ")} `;
    return `${facts.privilege === "sudo" ? "sudo -n " : environment}${facts.docker} system dial-stdio`;
}

/**
 * Writes the private key and known_hosts where ssh finds them, and returns their directory with a leading `~`: ssh expands it
 * from the password database and not from $HOME, as os.userInfo() does, so the provider's inputs are the same on every machine.
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
    const made = [parent, directory].filter((each) => fs.mkdirSync(each, { recursive: true, mode: 0o700 }));
    if (record) {
        // Before there is a key in it, and what is inside before what is around it.
        const lines = made.map((each) => `${each}\n`).reverse();
        fs.appendFileSync(record, lines.join(""), { mode: 0o600 });
    }
    for (const [name, content] of Object.entries({ key: privateKey, known_hosts: knownHostsLine(endpoint) })) {
        const file = path.join(directory, name);
        fs.writeFileSync(`${file}.${process.pid}`, content, { mode: 0o600 });
        fs.renameSync(`${file}.${process.pid}`, file);
    }
    return inProvider;
}

/** Arguments for ssh: this key, and one connection for all requests, which stays open for a minute. */
function transportOptions(directory: string): string[] {
    const key = { IdentityFile: `${directory}/key`, IdentitiesOnly: "yes" };
    return sshOptions(directory, { ...key, ControlMaster: "auto", ControlPersist: "60" });
}
