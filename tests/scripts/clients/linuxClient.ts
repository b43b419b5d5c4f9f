import { expect } from "vitest";

import { renderClientSetup, type ClientKind, type ClientTrust } from "../../../components/clients/clientSetup";
import { caCertificate, otherCaCertificate } from "../../publicAuthorities";
import { ClientMachine } from "../clientMachine";

export const authority: ClientTrust = { caCertificate };
/** Two certificates, and text that is none. */
export const bundle: ClientTrust = {
    caCertificate: `root\n${caCertificate}intermediate\n${otherCaCertificate}`,
};
export const insecure: ClientTrust = { insecure: true };
export const trusts: [string, ClientTrust][] = [
    ["with a CA", authority],
    ["with two CAs", bundle],
    ["without TLS", insecure],
];
export const registry = "nas:9160";
export const other = "[fd00::1]:5000";

/** The kinds whose scripts run on Linux, and the command by which they know that they are at home. */
const commands: Record<Exclude<ClientKind, "macos" | "windows">, string> = {
    linux: "docker",
    podman: "podman",
    containerd: "nerdctl",
    k3s: "k3s",
    buildkit: "buildkitd",
};
export const linuxKinds = Object.entries(commands) as [ClientKind, string][];

export const script = (kind: ClientKind, trust: ClientTrust, name = registry) => renderClientSetup(name, trust)[kind];

/** A Linux machine that is a client of every kind. */
export class LinuxClient extends ClientMachine {
    constructor(shell: string[]) {
        super(shell);
        linuxKinds.forEach(([, command]) => this.fake(command));
    }

    /** Runs a script that must succeed; what it says. */
    async must(text: string, args: string[] = [], user: "root" | "anybody" = "root"): Promise<string> {
        const result = await this.run(text, args, user);
        expect(result).toMatchObject({ code: 0, stderr: "" });
        return result.stdout;
    }

    /** Runs a script that must fail and change nothing; its error. */
    async refused(text: string, args: string[] = [], user: "root" | "anybody" = "root"): Promise<string> {
        const before = this.snapshot();
        const { code, stderr } = await this.run(text, args, user);
        expect(code).toBe(1);
        expect(this.snapshot()).toEqual(before);
        return stderr;
    }
}
