import { HOST_RULE, isHost, matches, type Problems } from "../settings/checks";
import type { Known } from "../settings/known";
import { SSH_PORT, type KeylessConnection } from "./connection";
import { hostKeyProblem } from "./hostKey";

/** Adds what is wrong with a connection, as far as it is known. */
export function checkConnection(
    problems: Problems,
    { host, port, user, hostKey }: Known<KeylessConnection> = {},
): void {
    problems.address("connection.host", host, isHost, HOST_RULE);
    problems.whole("connection.port", port, 1, 65535);
    problems.check("connection.user", user, matches(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/), "a login name");
    const keyProblem = hostKey === undefined ? undefined : hostKeyProblem(hostKey);
    if (keyProblem) {
        problems.add(
            `connection.hostKey: the host key ${keyProblem}; give the line that 'ssh-keyscan -t ed25519 -p ${port ?? SSH_PORT} ${host ?? "HOST"}' prints, without the host's name in front: 'ssh-ed25519 AAAA…'.`,
        );
    }
}
