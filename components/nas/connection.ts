import * as pulumi from "@pulumi/pulumi";

import * as is from "../settings/is";
import type { Section } from "../settings/section";
import { bareHostKey, hostKeyProblem } from "./hostKey";

/** How a NAS, or another host, is reached over SSH. */
export interface SshConnectionArgs {
    /** Name or address of the NAS or host, for instance `diskstation.local` or `192.168.1.20`. */
    host: pulumi.Input<string>;
    /** TCP port of its SSH server. @default 22 */
    port?: pulumi.Input<number>;
    /** Number 0, which QNAP calls `admin`, or somebody whose sudo asks for no password. @default "root" */
    user?: pulumi.Input<string>;
    /**
     * Its host key, one ed25519 or ECDSA line as `ssh-keyscan -t ed25519 HOST` prints it, without the host's name:
     * `ssh-ed25519 AAAA…`. Required, since without it anybody on the way could pose as it.
     */
    hostKey: pulumi.Input<string>;
    /**
     * Private key in OpenSSH format; always kept as a secret. Without it the running ssh-agent is asked, and no key is
     * stored anywhere.
     * @default the ssh-agent at `$SSH_AUTH_SOCK`
     */
    privateKey?: pulumi.Input<string>;
}

/** An SSH connection with its defaults filled in and without its key: nothing of it is a secret. */
export interface Endpoint {
    host: string;
    port: number;
    user: string;
    hostKey: string;
}

/** Of an SSH server, unless another one is given. */
export const SSH_PORT = 22;

/** The one place where a connection's defaults are. */
export function endpointOf({ host, port, user, hostKey }: pulumi.Unwrap<KeylessConnection>): Endpoint {
    return { host, port: port ?? SSH_PORT, user: user ?? "root", hostKey: bareHostKey(hostKey) };
}

export type KeylessConnection = Omit<SshConnectionArgs, "privateKey">;

/** Arguments whose connection has no key. */
export type Keyless<Args> = Omit<Args, "connection"> & { connection: pulumi.Input<KeylessConnection> };

export const connection = {
    checks: {
        connection: {
            host: is.host,
            port: is.port,
            user: is.like(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/, "a login name"),
        },
    },
    check: (problems, { connection: { host = "HOST", port = SSH_PORT, hostKey } = {} }) => {
        const problem = hostKey === undefined ? undefined : hostKeyProblem(hostKey);
        if (problem) {
            problems.add(
                `connection.hostKey: the host key ${problem}; give the line that 'ssh-keyscan -t ed25519 -p ${port} ${host}' prints, without the host's name in front: 'ssh-ed25519 AAAA…'.`,
            );
        }
    },
} satisfies Section<Keyless<object>>;

/** A connection as it was given, its key apart from the rest. */
export interface GivenConnection {
    /** An Output only when the whole connection was one. */
    endpoint: KeylessConnection | pulumi.Output<pulumi.Unwrap<KeylessConnection>>;
    privateKey: pulumi.Input<string | undefined>;
}

/**
 * Takes the key out of a connection, or everything that is derived from the host's name would be a secret, too.
 *
 * Of a program in another language, an object with a secret in it arrives as one secret; only the key has made it one.
 */
export function splitConnection(connection: pulumi.Input<SshConnectionArgs>): GivenConnection {
    if (!pulumi.Output.isInstance(connection) && !(connection instanceof Promise)) {
        return withoutKey(connection);
    }
    const whole = pulumi.output(connection).apply(withoutKey);
    return {
        endpoint: pulumi.unsecret(whole.apply(({ endpoint }) => endpoint)),
        privateKey: whole.apply(({ privateKey }) => privateKey),
    };
}

function withoutKey<T extends { privateKey?: unknown }>(connection: T) {
    // What is no connection at all is refused later, together with all else that is wrong.
    if (!((connection as unknown) instanceof Object)) {
        return { endpoint: connection, privateKey: undefined };
    }
    const { privateKey, ...endpoint } = connection;
    return { endpoint, privateKey: privateKey as T["privateKey"] };
}

/** `host:port` as in a URL; IPv6 addresses in brackets. */
export function authority(host: string, port: number): string {
    return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** The host key as ssh's known_hosts has it: one line, whatever the host key holds, since a second one could be of any host. */
export function knownHostsLine({ host, port, hostKey }: Endpoint): string {
    return `${port === SSH_PORT ? host : `[${host}]:${port}`} ${bareHostKey(hostKey)}\n`;
}

/** Arguments for ssh: this host key, no questions, and what else is given; known_hosts and the shared connection are in the directory. */
export function sshOptions(directory: string, others: Record<string, string>): string[] {
    const options = {
        BatchMode: "yes",
        UserKnownHostsFile: `${directory}/known_hosts`,
        GlobalKnownHostsFile: "/dev/null",
        StrictHostKeyChecking: "yes",
        // A NAS's sshd admits few logins at once.
        ControlPath: `${directory}/mux`,
        // QNAP drops connections that say nothing for a while.
        ServerAliveInterval: "15",
        ...others,
    };
    return Object.entries(options).flatMap(([option, value]) => ["-o", `${option}=${value}`]);
}

/**
 * What to do about a connection that failed, in one sentence; undefined for an error that came from a script, which says so
 * itself.
 *
 * @param error The command provider's message.
 */
export function explainConnectionError(error: string, endpoint: Endpoint, sshSetting: string): string | undefined {
    // What the script said may quote anything.
    if (error.includes("Process exited with status")) {
        return undefined;
    }
    const where = `${endpoint.user}@${authority(endpoint.host, endpoint.port)}`;
    if (/host key mismatch|no common algorithm for host key/.test(error)) {
        return `connection.hostKey: ${where} showed another host key than '${endpoint.hostKey}', so nothing was sent; compare it with what 'ssh-keyscan -t ed25519,ecdsa -p ${endpoint.port} ${endpoint.host}' prints and change connection.hostKey only if you know why it changed.`;
    }
    if (/dial unix .*: connect:/.test(error)) {
        return "connection.privateKey: the ssh-agent that SSH_AUTH_SOCK names does not answer; start ssh-agent and add your key with ssh-add, or unset SSH_AUTH_SOCK when connection.privateKey is set.";
    }
    if (error.includes("unable to authenticate")) {
        return `connection.user: ${where} accepts none of the keys offered; run 'ssh-add -l' to see what your ssh-agent holds (or set connection.privateKey), and append the public key to ~/.ssh/authorized_keys of ${endpoint.user} on that machine.`;
    }
    if (/dial tcp|connection refused|i\/o timeout|no route to host|no such host/.test(error)) {
        return `connection.host: ${where} does not answer; check connection.host and connection.port, that the machine is on, and that SSH is enabled there (${sshSetting}).`;
    }
    if (/exited without exit status|EOF: running/.test(error)) {
        return `connection.host: the SSH connection to ${where} broke while a script ran there; run the same command again: it waits for the script where that still runs, and puts right what it has not done.`;
    }
    return undefined;
}
