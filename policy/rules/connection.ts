import { type Check, type Inputs, listOf, rule } from "../rule";

/** Types of the command provider that log in over SSH. */
const REMOTE = "command:remote:";
const DOCKER_PROVIDER = "pulumi:providers:docker";

interface Connection {
    host?: string;
    hostKey?: string;
    proxy?: Connection;
}

const commandsPinned: Check = (type, inputs) => {
    if (!type.startsWith(REMOTE)) {
        return [];
    }
    const connection = inputs.connection as Connection | undefined;
    return [connection, connection?.proxy].flatMap((each) =>
        each && !each.hostKey
            ? [`The connection to ${each.host} has no hostKey; anybody on the way could pose as the NAS.`]
            : [],
    );
};

/** Over ssh:// the docker provider leaves the host key to ssh, whose last word is the first `-o` of a name. */
const dockerPinned: Check = (type, inputs) => {
    const host = typeof inputs.host === "string" ? inputs.host : "";
    if (type !== DOCKER_PROVIDER || !host.startsWith("ssh://")) {
        return [];
    }
    const checking = sshOption(sshOptions(inputs), "StrictHostKeyChecking");
    return checking === "yes"
        ? []
        : [`The docker provider for ${host} has StrictHostKeyChecking=${checking ?? "ask"} in sshOpts; set it to yes.`];
};

/** Provider inputs that are no text arrive as JSON. */
function sshOptions({ sshOpts }: Inputs): string[] {
    return listOf<string>(typeof sshOpts === "string" ? (JSON.parse(sshOpts) as unknown) : sshOpts);
}

function sshOption(argv: string[], name: string): string | undefined {
    const prefix = `${name}=`.toLowerCase();
    return argv
        .map((argument) => argument.replace(/^-o\s*/, ""))
        .find((argument) => argument.toLowerCase().startsWith(prefix))
        ?.slice(prefix.length)
        .toLowerCase();
}

export const hostKeyPinned = rule(
    "host-key-pinned",
    "Every connection to a NAS checks the host key that the stack names.",
    (type, inputs) => [...commandsPinned(type, inputs), ...dockerPinned(type, inputs)],
);
