import type { Nas } from "../../lab";
import type { Workspace } from "../../lab/workspace";

/** Makes a stack of the program in tests/daemon. */
export async function addDaemonStack(workspace: Workspace, stack: string, nas: Nas, settings: object): Promise<void> {
    const connection = { host: nas.address, port: nas.sshPort, user: nas.user, hostKey: nas.hostKey };
    const config = { vendor: nas.vendor, connection, settings: JSON.stringify(settings) };
    const named = Object.fromEntries(Object.entries(config).map(([name, value]) => [`daemon:${name}`, value]));
    await workspace.initStack(stack, named, [nas]);
}

/** What the running daemon says it has. */
export async function running(nas: Nas): Promise<{ insecure: string[]; mirrors: string[] }> {
    const info = JSON.parse(await nas.docker("info", "--format", "{{json .RegistryConfig}}")) as {
        InsecureRegistryCIDRs: string[];
        IndexConfigs: Record<string, { Secure: boolean }>;
        Mirrors: string[];
    };
    const hosts = Object.entries(info.IndexConfigs).filter(([, { Secure }]) => !Secure);
    return { insecure: [...hosts.map(([host]) => host), ...info.InsecureRegistryCIDRs], mirrors: info.Mirrors };
}
