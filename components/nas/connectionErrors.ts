import { authority, type Endpoint } from "./connection";
import { NO_PRIVATE_KEY, PASSPHRASE } from "./privateKey";
import type { Vendor } from "./vendor";

/** Where things of SSH are set on a machine, for messages. */
export type SshSettings = Pick<Vendor, "sshSetting" | "blockSetting">;

/** What a sentence may name. */
type Context = Endpoint & SshSettings & { where: string };

/** What the SSH of the command provider, or the command ssh, says; the first that fits counts. Undefined explains itself. */
const CAUSES: readonly [RegExp, ((context: Context) => string)?][] = [
    [
        /Process exited with status 1: running "[^"]*":\s*($|This account is|This service allows|Permission denied, please)|exec request failed|ssh: command .* failed/,
        ({ user, host, sshSetting }) =>
            `connection.user: ${user} has no shell on ${host}, so no script can run; give root or an administrator, who alone may use SSH on Synology and QNAP (${sshSetting}).`,
    ],
    // A script's own message may quote anything.
    [/Process exited with status/],
    [
        /host key mismatch|no common algorithm for host key|Host key verification failed/,
        ({ where, host, port, hostKey }) =>
            `connection.hostKey: ${where} showed another host key than '${hostKey}', so nothing was sent; compare it with what 'ssh-keyscan -t ed25519,ecdsa -p ${port} ${host}' prints and change connection.hostKey only if you know why it changed.`,
    ],
    [
        /dial unix .*: connect:/,
        () =>
            "connection.privateKey: the ssh-agent that SSH_AUTH_SOCK names does not answer; start ssh-agent and add your key with ssh-add, or unset SSH_AUTH_SOCK when connection.privateKey is set.",
    ],
    [
        /agent: failed|agent refused operation/,
        () =>
            "connection.privateKey: your ssh-agent did not sign with its key; unlock it, and confirm or touch the key when it asks, or set connection.privateKey.",
    ],
    [
        /Too many authentication failures/,
        ({ where }) =>
            `connection.privateKey: ${where} has refused so many keys of your ssh-agent that it hung up; set connection.privateKey, or leave only the right key in the agent ('ssh-add -D', then 'ssh-add FILE').`,
    ],
    [/passphrase protected/, () => `connection.privateKey: ${PASSPHRASE}`],
    [/ssh: no key found/, () => `connection.privateKey: ${NO_PRIVATE_KEY}`],
    [
        /attempted methods \[(?!.*publickey)/,
        ({ where }) =>
            `connection.privateKey: ${where} was offered no key, since your ssh-agent has none ('ssh-add -l'), or takes none (PubkeyAuthentication in its sshd_config); run 'ssh-add FILE', or set connection.privateKey.`,
    ],
    [
        /unable to authenticate/,
        ({ where, user }) =>
            `connection.user: ${where} accepts none of the keys offered; run 'ssh-add -l' to see what your ssh-agent holds (or set connection.privateKey), and append the public key to ~/.ssh/authorized_keys of ${user} on that machine, where nobody else may write in the home directory ('chmod 755 ~'). A login that also asks for a code or a password cannot be used.`,
    ],
    [
        /Permission denied \(/,
        ({ where }) =>
            `connection.user: ${where} does not let in the key of this stack; 'nas-registry check' says what is missing there, and what mends it.`,
    ],
    [
        /no common algorithm|Unable to negotiate/,
        ({ where }) =>
            `connection.host: the SSH server of ${where} has no algorithm in common with this machine's; let it offer today's in its settings, or update its software.`,
    ],
    [
        /administratively prohibited|open failed|session request failed|ssh: rejected/,
        ({ where }) =>
            `connection.host: the SSH server of ${where} takes no further session (MaxSessions); run the same command again with '--parallel 1'.`,
    ],
    [
        /overflow reading version|banner line contains invalid/,
        ({ where }) =>
            `connection.port: at ${where} no SSH server answers; give the port that the machine has for SSH.`,
    ],
    [
        /connection reset by peer|handshake failed: EOF|Connection closed by|kex_exchange_identification/i,
        ({ where, blockSetting }) =>
            `connection.host: ${where} hung up before the login; it may have blocked this machine after failed logins (${blockSetting}), or have too many logins at once (MaxStartups): unblock it, wait a minute, and run the same command again.`,
    ],
    [
        /no such host|Could not resolve hostname/,
        ({ host, where, sshSetting }) =>
            `connection.host: ${where} does not answer, since nothing here knows a '${host}'; give its name in DNS or its address, as an alias of ~/.ssh/config does not count, and see that SSH is enabled there (${sshSetting}).`,
    ],
    [
        /dial tcp|connection refused|i\/o timeout|no route to host|Connection timed out/i,
        ({ where, sshSetting, blockSetting }) =>
            `connection.host: ${where} does not answer; check connection.host and connection.port, that the machine is on, that SSH is enabled there (${sshSetting}), and that it has not blocked this machine (${blockSetting}).`,
    ],
    [/malformed HTTP/, () => chattyShell()],
    [
        /exited without exit status|EOF: running/,
        ({ where }) =>
            `connection.host: the SSH connection to ${where} broke while a script ran there; run the same command again: it waits for the script where that still runs, and puts right what it has not done.`,
    ],
];

/** What a shell prints when it starts is read by programs, too. */
export function chattyShell(said = ""): string {
    const shown = said && ` ('${said.trim().split("\n")[0]?.slice(0, 60)}')`;
    return `connection.user: the shell of this account prints text${shown} when it starts, which programs take for an answer; let its startup files, such as ~/.bashrc, print to a terminal only ('[ -t 1 ] || return').`;
}

/** What to do about a connection that failed, by the message of a provider; undefined when a script has said it itself. */
export function explainConnectionError(error: string, endpoint: Endpoint, settings: SshSettings): string | undefined {
    const { host, port, user } = endpoint;
    const context = { ...endpoint, ...settings, where: `${user}@${authority(host, port)}` };
    return CAUSES.find(([pattern]) => pattern.test(error))?.[1]?.(context);
}

/** The same of the docker provider, which also hands on what the engine at the other end says of connections of its own. */
export function explainDockerError(error: string, endpoint: Endpoint, settings: SshSettings): string | undefined {
    return /error during connect|dial-stdio/.test(error)
        ? explainConnectionError(error, endpoint, settings)
        : undefined;
}
