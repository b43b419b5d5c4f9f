import * as pulumi from "@pulumi/pulumi";

import { refuse, type Section } from "../settings/section";
import { hostSpelling } from "../settings/spelling";
import { bareHostKey, hostKeyProblem } from "./hostKey";
import { privateKeyProblem, privateKeySpelling } from "./privateKey";

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
     * Private key in OpenSSH or PEM format, without passphrase; always kept as a secret. Without it the running ssh-agent is
     * asked, and no key is stored anywhere. @default the ssh-agent at `$SSH_AUTH_SOCK`
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
const SSH_ADDRESS = /^ *(?:ssh:\/\/)?(?:([^/:\s]+)@)?(\[[^\]]+\]|[^@:/[\]]+)(?::(\d{1,5}))?\/* *$/i;

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
export function splitConnection(component: pulumi.Resource, connection: pulumi.Input<SshConnectionArgs>) {
    if (!pulumi.Output.isInstance(connection) && !(connection instanceof Promise)) {
        const { endpoint, privateKey } = withoutKey(connection);
        return { endpoint, privateKey: usableKey(component, privateKey) };
    }
    const whole = pulumi.output(connection).apply(withoutKey);
    return { endpoint: pulumi.unsecret(whole.endpoint), privateKey: usableKey(component, whole.privateKey) };
}

/** A key as ssh-keygen writes one. @throws ResourceError when it cannot be used: at once, or when it is known. */
function usableKey(component: pulumi.Resource, key: pulumi.Input<string | undefined>): typeof key {
    const use = (text: string | undefined) => {
        // A variable of the environment that is not set reads empty.
        const problem = text && privateKeyProblem(text);
        refuse(component, problem ? [`connection.privateKey: ${problem}`] : []);
        return text ? privateKeySpelling(text) : undefined;
    };
    return pulumi.Output.isInstance(key) || key instanceof Promise ? pulumi.output(key).apply(use) : use(key);
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

/** What is wrong with the ssh of this machine; Windows' own knows neither a shared connection nor /dev/null. */
export function sshProblems(): string[] {
    return process.platform === "win32"
        ? [
              "this machine runs Windows, whose ssh cannot share one connection among commands (ControlMaster): run the same in WSL, the Windows Subsystem for Linux, or give the component a docker provider of your own.",
          ]
        : [];
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
