import * as pulumi from "@pulumi/pulumi";

import type { Section } from "../settings/section";

/** How a NAS, or another host, is reached over SSH. */
export interface SshConnectionArgs {
    /** Name or address of the NAS or host, for instance `diskstation.local` or `192.168.1.20`. @is host */
    host: pulumi.Input<string>;
    /** TCP port of its SSH server. @default 22 @is port */
    port?: pulumi.Input<number>;
    /**
     * Number 0, which QNAP calls `admin`, or somebody whose sudo asks for no password.
     * @default "root" @is like /^[A-Za-z0-9_][A-Za-z0-9._-]*$/ a login name
     */
    user?: pulumi.Input<string>;
    /**
     * Its host key, one ed25519 or ECDSA line as `ssh-keyscan -t ed25519 HOST` prints it, without the host's name:
     * `ssh-ed25519 AAAA…`. Required, since without it anybody on the way could pose as it.
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
    check: (problems, { connection: { host = "HOST", port = SSH_PORT, hostKey } = {} }) => {
        const problem = hostKey === undefined ? undefined : hostKeyProblem(hostKey);
        if (problem) {
            problems.add(
                `connection.hostKey: the host key ${problem}; give the line that 'ssh-keyscan -t ed25519 -p ${port} ${host}' prints, without the host's name in front: 'ssh-ed25519 AAAA…'.`,
            );
        }
    },
} satisfies Section<Keyless<object>>;

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

/** Types whose signatures today's sshd still makes: the command provider pins RSA as SHA-1, which OpenSSH refuses. */
const KEY_TYPES = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"];

/** Says what is wrong with an SSH host key line, or nothing. */
function hostKeyProblem(text: string): string | undefined {
    const line = text.trim();
    if (!line) {
        return "is missing";
    }
    if (/[\r\n\u0085\u2028\u2029]/.test(line)) {
        // The next line of known_hosts would be a key of any host.
        return "is more than one line";
    }
    if (/[\0-\x1f\x7f-\x9f]/.test(line)) {
        return "has control characters";
    }
    const [type = "", blob = ""] = line.split(/\s+/);
    if (!KEY_TYPES.includes(type)) {
        return `starts with '${type}', which is none of ${KEY_TYPES.join(", ")}`;
    }
    // RFC 4253 section 6.6: the blob starts with the length and the name of its type.
    const bytes = Buffer.from(blob, "base64");
    const name = Buffer.concat([Buffer.from([0, 0, 0, type.length]), Buffer.from(type)]);
    // Node passes over whatever is not base64.
    const isWhole = bytes.toString("base64") === blob && bytes.indexOf(name) === 0 && bytes.length > name.length;
    return isWhole ? undefined : `is not a whole ${type} key`;
}

/** Type and key of a host key line, without its comment and whatever else follows: all that known_hosts needs. */
function bareHostKey(line: string): string {
    return line.trim().split(/\s+/, 2).join(" ");
}

/** `host:port` as in a URL; IPv6 addresses in brackets. */
export function authority(host: string, port: number): string {
    return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** The host key as ssh's known_hosts has it: one line, whatever the host key holds, since a second one could be of any host. */
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
    return Object.entries(options).flatMap(([option, value]) => ["-o", `${option}=${value}`]);
}

/** What to do about a connection that failed, by the command provider's message; undefined when a script has said it itself. */
export function explainConnectionError(error: string, endpoint: Endpoint, sshSetting: string): string | undefined {
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
            /unable to authenticate/,
            `connection.user: ${where} accepts none of the keys offered; run 'ssh-add -l' to see what your ssh-agent holds (or set connection.privateKey), and append the public key to ~/.ssh/authorized_keys of ${user} on that machine.`,
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
