import * as pulumi from "@pulumi/pulumi";

import type { Section } from "../settings/section";
import { hostSpelling } from "../settings/spelling";
import { bareHostKey, hostKeyProblem } from "./hostKey";
import type { Vendor } from "./vendor";

/** How a NAS, or another host, is reached over SSH. */
export interface SshConnectionArgs {
    /**
     * Name or address of the NAS or host, for instance `diskstation.local` or `192.168.1.20`. `user@host:port`, as programs of
     * SSH take it, gives `user` and `port` where those are left out. @is host
     */
    host: pulumi.Input<string>;
    /** TCP port of its SSH server. @default 22 @is port */
    port?: pulumi.Input<number>;
    /**
     * Number 0, which QNAP calls `admin`, or somebody whose sudo asks for no password.
     * A directory service's users have their domain in the name, as in `DOMAIN\\anna` or `anna@example.com`.
     * @default "root" @is loginName
     */
    user?: pulumi.Input<string>;
    /**
     * Its host key, ed25519 or ECDSA, as `ssh-keyscan HOST` prints it: `ssh-ed25519 AAAA…`; of several keys ed25519's counts.
     * Required, since without it anybody on the way could pose as it.
     */
    hostKey: pulumi.Input<string>;
    /**
     * Private key in OpenSSH format; always kept as a secret. Without it the running ssh-agent is asked, and no key is
     * stored anywhere. @default the ssh-agent at `$SSH_AUTH_SOCK`
     */
    privateKey?: pulumi.Input<string>;
}

type KeylessConnection = Omit<SshConnectionArgs, "privateKey">;

/** Arguments whose connection has no key. */
export type Keyless<Args> = Omit<Args, "connection"> & { connection: pulumi.Input<KeylessConnection> };

/** Of an SSH server, unless another one is given. */
const SSH_PORT = 22;

export const connection = {
    spelling: (args) => (args.connection ? { ...args, connection: inPlaces(args.connection) } : args),
    check: (problems, { connection: { host = "HOST", port = SSH_PORT, hostKey } = {} }) => {
        const problem = hostKey === undefined ? undefined : hostKeyProblem(hostKey);
        if (problem) {
            problems.add(
                `connection.hostKey: the host key ${problem}; give what 'ssh-keyscan -t ed25519 -p ${port} ${host}' prints: 'ssh-ed25519 AAAA…'.`,
            );
        }
    },
} satisfies Section<Keyless<object>>;

/** `[ssh://][user@]host[:port]` */
const SSH_ADDRESS = /^ *(?:ssh:\/\/)?(?:([^@/:\s]+)@)?(\[[^\]]+\]|[^@:/[\]]+)(?::(\d{1,5}))?\/* *$/i;

/** User and port from a host where they have no argument of their own; where they have, the host is for a check to refuse. */
function inPlaces<Given extends { host?: string; port?: number; user?: string }>(given: Given): Given {
    const [, user, host = "", port] = SSH_ADDRESS.exec(String(given.host)) ?? [];
    const isOnlyHere = (part?: string, argument?: unknown) => part === undefined || argument === undefined;
    return (user ?? port) && isOnlyHere(user, given.user) && isOnlyHere(port, given.port)
        ? { ...given, host: hostSpelling(host), ...(user && { user }), ...(port && { port: Number(port) }) }
        : given;
}

/** An SSH connection without its key: nothing of it is a secret. */
export type Endpoint = ReturnType<typeof endpointOf>;

/** The one place where a connection's defaults are. */
export function endpointOf({ host, port = SSH_PORT, user = "root", hostKey }: pulumi.Unwrap<KeylessConnection>) {
    return { host, port, user, hostKey: bareHostKey(hostKey) };
}

/** A connection as it was given, its key apart from the rest, which is an Output only when the whole connection was one. */
export type GivenConnection = ReturnType<typeof splitConnection>;

/**
 * Takes the key out of a connection, or everything that is derived from the host's name would be a secret, too. Of a program
 * in another language, an object with a secret in it arrives as one secret; only the key has made it one.
 */
export function splitConnection(connection: pulumi.Input<SshConnectionArgs>) {
    if (!pulumi.Output.isInstance(connection) && !(connection instanceof Promise)) {
        return withoutKey(connection);
    }
    const whole = pulumi.output(connection).apply(withoutKey);
    return { endpoint: pulumi.unsecret(whole.endpoint), privateKey: whole.privateKey };
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

/** The host key as ssh's known_hosts has it: one line, whatever a state or a caller holds, since a second could be of any host. */
export function knownHostsLine({ host, port, hostKey }: Endpoint): string {
    return `${port === SSH_PORT ? host : `[${host}]:${port}`} ${bareHostKey(hostKey)}\n`;
}

/** Arguments for ssh: the host key in the directory, no questions, and one connection to share; and what else is given. */
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
    // The command provider does not read the user's configuration either: a command, a terminal or another name in it would count
    // for one half of an update only.
    return ["-F", "/dev/null", ...Object.entries(options).flatMap(([option, value]) => ["-o", `${option}=${value}`])];
}

/** Where things of SSH are set on a machine, for messages. */
export type SshSettings = Pick<Vendor, "sshSetting" | "blockSetting">;

/** What to do about a connection that failed, by the command provider's message; undefined when a script has said it itself. */
export function explainConnectionError(
    error: string,
    endpoint: Endpoint,
    { sshSetting, blockSetting }: SshSettings,
): string | undefined {
    const { host, port, user, hostKey } = endpoint;
    const where = `${user}@${authority(host, port)}`;
    const causes: [RegExp, string?][] = [
        // A script's own message may quote anything.
        [/Process exited with status/],
        [
            /host key mismatch|no common algorithm for host key/,
            `connection.hostKey: ${where} showed another host key than '${hostKey}', so nothing was sent; compare it with what 'ssh-keyscan -t ed25519,ecdsa -p ${port} ${host}' prints and change connection.hostKey only if you know why it changed.`,
        ],
        [
            /dial unix .*: connect:/,
            "connection.privateKey: the ssh-agent that SSH_AUTH_SOCK names does not answer; start ssh-agent and add your key with ssh-add, or unset SSH_AUTH_SOCK when connection.privateKey is set.",
        ],
        [
            /Too many authentication failures/,
            `connection.privateKey: ${where} has refused so many keys of your ssh-agent that it hung up; set connection.privateKey, or leave only the right key in the agent ('ssh-add -D', then 'ssh-add FILE').`,
        ],
        [
            /passphrase protected/,
            "connection.privateKey: the key has a passphrase; add it to your ssh-agent with ssh-add and leave connection.privateKey out, or give a key without one.",
        ],
        [
            /ssh: no key found/,
            "connection.privateKey: it is not a private key in OpenSSH or PEM format; give the text of the file without .pub, its line breaks kept.",
        ],
        [
            /unable to authenticate/,
            `connection.user: ${where} accepts none of the keys offered; run 'ssh-add -l' to see what your ssh-agent holds (or set connection.privateKey), and append the public key to ~/.ssh/authorized_keys of ${user} on that machine.`,
        ],
        [
            /no common algorithm/,
            `connection.host: the SSH server of ${where} has no algorithm in common with this machine's; let it offer today's in its settings, or update its software.`,
        ],
        [
            /administratively prohibited|open failed/,
            `connection.host: the SSH server of ${where} takes no further session (MaxSessions); run the same command again with '--parallel 1'.`,
        ],
        [
            /connection reset by peer|handshake failed: EOF|Connection closed by/,
            `connection.host: ${where} hung up before the login; it may have blocked this machine after failed logins (${blockSetting}), or have too many logins at once (MaxStartups): unblock it, wait a minute, and run the same command again.`,
        ],
        [
            /dial tcp|connection refused|i\/o timeout|no route to host|no such host/,
            `connection.host: ${where} does not answer; check connection.host and connection.port, that the machine is on, and that SSH is enabled there (${sshSetting}).`,
        ],
        [
            /exited without exit status|EOF: running/,
            `connection.host: the SSH connection to ${where} broke while a script ran there; run the same command again: it waits for the script where that still runs, and puts right what it has not done.`,
        ],
    ];
    return causes.find(([pattern]) => pattern.test(error))?.[1];
}
