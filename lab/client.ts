import { content } from "./content";
import type { CommandResult } from "../toolchain/process";
import type { Images } from "./images";
import { engines, type EngineGeneration } from "./engines";
import { label, objectName } from "./names";
import { sshPort, type Surroundings } from "./nas";
import { execIn, nestedEngineOptions, waitUntilReady, type ExecOptions } from "./nested";
import { pipe } from "./pipe";

/** What a client needs from the lab around it. */
export interface ClientSurroundings extends Surroundings {
    readonly images: Images;
}

/** How a client is reached over SSH, as root or as anna, who has sudo. */
export interface ClientSsh {
    /** Loopback address; the port is that of the NASes. */
    readonly address: string;
    /** Public key that may log in. */
    readonly authorizedKey: string;
}

/** A plain Docker host on the lab's network: an engine with an empty image store that trusts nobody. */
export class Client {
    /** The lab's name for the container. */
    readonly container: string;

    constructor(
        private readonly lab: ClientSurroundings,
        readonly name: string,
        private readonly ssh?: ClientSsh,
    ) {
        this.container = objectName(lab.namespace, "client", name);
    }

    /** Starts the client and waits for its engine. */
    async start(engine: EngineGeneration = "28.5"): Promise<void> {
        const { docker, namespace, network } = this.lab;
        const { suite, containerdStore } = engines[engine];
        const image = await this.lab.hostImage("client", suite);
        const volume = `${this.container}-docker`;
        await docker.run(["volume", "create", "--label", `${label}=${namespace}`, volume]);
        await docker.run(
            [
                ["run", "--detach", "--name", this.container, "--hostname", this.name],
                nestedEngineOptions(namespace),
                ["--network", network, "--network-alias", this.name],
                ["--volume", `${volume}:/var/lib/docker`],
                this.sshOptions(),
                containerdStore ? ["--env", "CONTAINERD_STORE=1"] : [],
                image,
            ].flat(),
        );
        await waitUntilReady(docker, this.container);
    }

    /** For a program that logs in, as root unless told otherwise. @throws for a client without SSH */
    async connection(user = "root"): Promise<{ host: string; port: number; user: string; hostKey: string }> {
        if (!this.ssh) throw new Error(`${this.name} has no SSH: start it with ssh: true`);
        const { stdout } = await this.exec("cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub");
        return { host: this.ssh.address, port: sshPort, user, hostKey: stdout.trim() };
    }

    private sshOptions(): string[] {
        if (!this.ssh) return [];
        const { address, authorizedKey } = this.ssh;
        return ["--publish", `${address}:${sshPort}:22`, "--env", `AUTHORIZED_KEY=${authorizedKey}`];
    }

    /** Runs a POSIX shell script on the client, as root. */
    exec(script: string, options: ExecOptions = {}): Promise<CommandResult> {
        return execIn(this.lab.docker, this.container, script, options);
    }

    /** The Docker CLI of the client. @throws with what docker said, when it fails */
    docker(...args: string[]): Promise<string> {
        return this.lab.docker.run(["exec", this.container, "docker", ...args]);
    }

    /** Puts one of the lab's images into the client's store, as if it had been built there. */
    async loadImage(reference: keyof typeof content): Promise<void> {
        const image = this.lab.images[content[reference]];
        const { docker } = this.lab;
        await pipe(
            docker.program(["save", image]),
            docker.program(["exec", "--interactive", this.container, "docker", "load"]),
        );
        await this.docker("tag", image, reference);
        await this.docker("rmi", image);
    }

    async remove(): Promise<void> {
        await this.lab.docker.try(["rm", "--force", "--volumes", this.container]);
        await this.lab.docker.try(["volume", "rm", "--force", `${this.container}-docker`]);
    }
}
