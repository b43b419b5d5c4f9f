import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { waitForSsh } from "./addresses";
import type { CommandResult } from "../toolchain/process";
import type { Docker } from "./docker";
import { givenFiles, givenFolder } from "./given";
import { engines, type Suite } from "./engines";
import type { Host } from "./images";
import { forgetKeys, keyPair } from "./keys";
import { withLock } from "./lock";
import { label, objectName, optionsLabel } from "./names";
import { mallory, type Nature } from "./nasOptions";
import { vendors, type Vendor } from "./vendors";
import { execIn, nestedEngineOptions, waitUntilReady, type ExecOptions } from "./nested";

/** Port of the host on which each NAS's sshd answers, at the NAS's own address. */
export const sshPort = 2222;

/** Ports of a NAS that answer under the same number at its loopback address: those of registries, and spare ones. */
export const publishedPorts = [443, 5000, 5001, 5050, 5100, 5101, 9160, 9161] as const;

/** What a simulated NAS needs from the lab around it. */
export interface Surroundings {
    readonly docker: Docker;
    readonly namespace: string;
    readonly network: string;
    /** Builds what is missing. */
    readonly hostImage: (host: Host, suite: Suite) => Promise<string>;
    /** File of the private key that may log in. */
    readonly privateKeyFile: string;
}

/** What came of a command in a NAS's scheduler; on DSM the command names a task. */
export interface ScheduledResult extends CommandResult {
    readonly command: string;
}

/** One simulated NAS: a container with its own sshd and Docker Engine. */
export class Nas {
    readonly vendor: Vendor;
    readonly name: string;
    /** Loopback address, on which sshd has sshPort and registries have the ports they publish. */
    readonly address: string;
    readonly sshPort = sshPort;
    readonly user: string;
    readonly privateKeyFile: string;
    /** Names under which other containers of the lab find this NAS, at an address that is not loopback. */
    readonly hostNames: readonly string[];
    /** The lab's name for the container. */
    readonly container: string;

    private constructor(
        private readonly lab: Surroundings,
        private readonly nature: Nature,
        /** One line, "ssh-ed25519 AAAA…". */
        readonly hostKey: string,
        private readonly hostKeyFile: string,
    ) {
        this.vendor = nature.vendor;
        this.name = nature.name;
        this.address = nature.address;
        this.user = nature.login.user;
        this.privateKeyFile = lab.privateKeyFile;
        this.hostNames = nature.hostNames;
        this.container = objectName(lab.namespace, nature.name);
    }

    /** The object for a NAS that has a container or is about to get one; its host key stays the same until remove(). */
    static async of(lab: Surroundings, nature: Nature): Promise<Nas> {
        const { publicKey, privateKeyFile } = await keyPair(lab.namespace, `${nature.name}.host`);
        return new Nas(lab, nature, publicKey, privateKeyFile);
    }

    /** Makes the container and turns it on, without waiting; the volumes are used again when they exist. */
    async create(): Promise<void> {
        const { docker, namespace, network } = this.lab;
        const image = await this.lab.hostImage(this.vendor, engines[this.nature.engine].suite);
        const volumes = this.volumes();
        for (const [name] of volumes) await docker.run(["volume", "create", "--label", `${label}=${namespace}`, name]);
        await docker.run(
            [
                ["create", "--name", this.container, "--hostname", this.hostNames[0] ?? this.name],
                nestedEngineOptions(namespace),
                ["--label", `${optionsLabel}=${JSON.stringify(this.nature)}`],
                ["--network", network, ...this.hostNames.flatMap((name) => ["--network-alias", name])],
                ["--publish", `${this.address}:${sshPort}:22`],
                publishedPorts.flatMap((port) => ["--publish", `${this.address}:${port}:${port}`]),
                volumes.flatMap(([name, folder]) => ["--volume", `${name}:${folder}`]),
                image,
            ].flat(),
        );
        await this.give();
        await docker.run(["start", this.container]);
    }

    /** Waits until sshd and, when its package is on, the engine answer. */
    async ready(): Promise<void> {
        await waitUntilReady(this.lab.docker, this.container);
        await waitForSsh(this.address, sshPort);
    }

    /**
     * Runs a POSIX shell script inside, as number 0 unless asked otherwise; through Docker, not through SSH. The user "mallory" is
     * a person of the NAS who is no administrator and may do in the shared folder what everybody may.
     */
    exec(script: string, { user, ...options }: ExecOptions = {}): Promise<CommandResult> {
        // Docker looks for names in the image, where QNAP's users are not.
        const as = user === "mallory" ? mallory(this.vendor) : user;
        return execIn(this.lab.docker, this.container, script, { ...options, user: as });
    }

    /** The Docker CLI against the NAS's own engine. @throws with what docker said, when it fails */
    docker(...args: string[]): Promise<string> {
        return this.lab.docker.run(["exec", this.container, "/usr/lib/nas-registry-lab/engine/docker", ...args]);
    }

    /**
     * Runs what root has in the NAS's scheduler, one after another and now, with the environment and the PATH that it has there.
     * The scheduler itself runs all the same, and in time.
     */
    async runScheduled(): Promise<ScheduledResult[]> {
        const script = "/usr/lib/nas-registry-lab/scheduled.sh";
        const commands = (await this.mustExec(`${script} entries`)).split("\n").filter(Boolean);
        const results: ScheduledResult[] = [];
        for (const [index, command] of commands.entries()) {
            results.push({ command, ...(await this.exec(`${script} run ${index + 1}`)) });
        }
        return results;
    }

    /** The shared folder for data, where it really is. */
    get sharedFolder(): string {
        return this.placed(vendors[this.vendor].sharedFolder);
    }

    /** Takes the shared folder from its place, as one that is locked or whose disk does not come up; or leaves an empty one. */
    async unmountShare({ leavesDirectory } = { leavesDirectory: false }): Promise<void> {
        const { sharedFolder: folder, elsewhere } = this;
        await this.mustExec(`mv ${folder} ${elsewhere}${leavesDirectory ? ` && mkdir -m 777 ${folder}` : ""}`);
    }

    /** Puts the shared folder back; what was made in its place meanwhile is lost. */
    async mountShare(): Promise<void> {
        await this.mustExec(`rm -rf ${this.sharedFolder} && mv ${this.elsewhere} ${this.sharedFolder}`);
    }

    /** Logins that sshd accepted since the NAS was last turned on. */
    async sshLogins(): Promise<number> {
        const { stdout } = await this.exec("grep -c '^Accepted ' /var/log/sshd.log");
        return Number(stdout.trim() || 0);
    }

    /** Shuts down, as the power button does. */
    async stop(): Promise<void> {
        await this.lab.docker.run(["stop", "--time", "20", this.container]);
    }

    /** Turns on after stop(), and waits until sshd and the engine answer. */
    async start(): Promise<void> {
        if (vendors[this.vendor].startsAnew) await this.reset();
        else await this.lab.docker.run(["start", this.container]);
        await this.ready();
    }

    /** Restarts. On QNAP only the volume and /etc/config survive: everything else comes from the firmware again. */
    async reboot(): Promise<void> {
        await this.stop();
        await this.start();
    }

    /** Loses its power at once, whatever it is at, and comes back. */
    async powerCut(): Promise<void> {
        await this.lab.docker.run(["kill", this.container]);
        await this.start();
    }

    /** Takes the NAS away with all its data. */
    async remove(): Promise<void> {
        await this.lab.docker.try(["rm", "--force", "--volumes", this.container]);
        for (const [name] of this.volumes()) await this.lab.docker.try(["volume", "rm", "--force", name]);
        forgetKeys(this.lab.namespace, `${this.name}.host`);
    }

    /** Beside the shared folder, out of everybody's reach: where DSM keeps the locked form of one. */
    private get elsewhere(): string {
        return this.sharedFolder.replace(/[^/]+$/, "@$&@");
    }

    private async mustExec(script: string): Promise<string> {
        const { code, stdout, stderr } = await this.exec(script);
        if (code !== 0) throw new Error(`${this.container}: ${stderr}`);
        return stdout;
    }

    private async reset(): Promise<void> {
        // The address must not be given away between the two.
        await withLock("addresses", async () => {
            await this.lab.docker.run(["rm", "--force", this.container]);
            await this.create();
        });
    }

    private volumes(): [name: string, folder: string][] {
        const { volumes } = vendors[this.vendor];
        return Object.entries(volumes).map(([name, folder]) => [`${this.container}-${name}`, this.placed(folder)]);
    }

    private placed(folder: string): string {
        return folder.replace("VOLUME", this.nature.volume);
    }

    private async give(): Promise<void> {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "nas-registry-lab-"));
        try {
            for (const [name, content] of Object.entries(givenFiles(this.nature, this.hostKeyFile))) {
                fs.writeFileSync(path.join(folder, name), content, { mode: 0o600 });
            }
            fs.chmodSync(folder, 0o755);
            fs.chmodSync(path.join(folder, "nas.env"), 0o644); // the vendors' tools read it, whoever runs them
            await this.lab.docker.run(["cp", `${folder}/.`, `${this.container}:${givenFolder}`]);
        } finally {
            fs.rmSync(folder, { recursive: true, force: true });
        }
    }
}
