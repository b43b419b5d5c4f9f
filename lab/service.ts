import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { CommandResult } from "../toolchain/process";
import type { Docker } from "./docker";
import { checkName, label, objectName } from "./names";
import { execIn, type ExecOptions } from "./nested";

/** What a service needs from the lab around it. */
export interface ServiceSurroundings {
    readonly docker: Docker;
    readonly namespace: string;
    readonly network: string;
}

/** A server's certificate and its private key, both PEM. */
export interface ServerCertificate {
    readonly certificate: string;
    readonly privateKey: string;
}

/** Makes the certificate of a service, whose address is known only once its container runs. */
export type Certify = (address: string) => Promise<ServerCertificate>;

interface ServiceOptions {
    /** Names the container within its lab, and the service on the lab's network. */
    readonly name: string;
    readonly image: string;
    /** Program and arguments, in place of the image's own. */
    readonly command: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    /** What the program finds in filesFolder: name -> content; everybody inside may read it. */
    readonly files?: (address: string) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
    /** Shell script that succeeds once the service answers. */
    readonly answers: string;
}

/** Where a service finds the files it was given. */
export const filesFolder = "/given";

/** Waits for the files, which can name the address that the container got, and turns into the program. */
const whenGiven = `until [ -e ${filesFolder}/complete ]; do sleep 0.1; done; exec "$0" "$@"`;

/** A container of the lab that serves NASes, clients, and what runs inside NASes. */
export class Service {
    private constructor(
        private readonly docker: Docker,
        /** The lab's name for the container. */
        readonly container: string,
        /**
         * Address on the lab's network. NASes and clients know the service by its name too; containers inside a NAS do
         * not, since a NAS's engine cannot ask the lab's name server.
         */
        readonly address: string,
    ) {}

    /** A new service, ready; one of the same name is removed first. */
    static async start({ docker, namespace, network }: ServiceSurroundings, options: ServiceOptions): Promise<Service> {
        checkName("name", options.name);
        const container = objectName(namespace, "service", options.name);
        await docker.try(["rm", "--force", "--volumes", container]);
        await docker.run(
            [
                ["run", "--detach", "--label", `${label}=${namespace}`],
                ["--name", container, "--hostname", options.name],
                ["--network", network, "--network-alias", options.name],
                // Names only: the values are in the environment of the command.
                Object.keys(options.env ?? {}).flatMap((name) => ["--env", name]),
                ["--entrypoint", "/bin/sh", options.image, "-c", whenGiven, ...options.command],
            ].flat(),
            { env: options.env },
        );
        const format = `{{(index .NetworkSettings.Networks "${network}").IPAddress}}`;
        const address = await docker.run(["inspect", "--format", format, container]);
        await give(docker, container, (await options.files?.(address)) ?? {});
        const service = new Service(docker, container, address);
        await service.ready(options.answers);
        return service;
    }

    /** Runs a POSIX shell script inside, as number 0. */
    exec(script: string, options: ExecOptions = {}): Promise<CommandResult> {
        return execIn(this.docker, this.container, script, options);
    }

    /** Freezes it: connections stay open, nothing is answered. */
    async pause(): Promise<void> {
        await this.docker.run(["pause", this.container]);
    }

    /** Goes on after pause(). */
    async unpause(): Promise<void> {
        await this.docker.run(["unpause", this.container]);
    }

    /** Takes it away with its data. */
    async remove(): Promise<void> {
        await this.docker.try(["rm", "--force", "--volumes", this.container]);
    }

    private async ready(answers: string, seconds = 30): Promise<void> {
        for (let tries = 0; tries < seconds * 5; tries++) {
            if ((await this.exec(answers)).code === 0) return;
            await sleep(200);
        }
        const { stdout, stderr } = await this.docker.try(["logs", "--tail", "20", this.container]);
        throw new Error(`${this.container} does not answer after ${seconds} s:\n${stdout}${stderr}`);
    }
}

/** The files of a service that speaks TLS. */
export async function serverFiles(tls: Certify | undefined, address: string): Promise<Record<string, string>> {
    if (!tls) return {};
    const { certificate, privateKey } = await tls(address);
    return { "server.crt": certificate, "server.key": privateKey };
}

async function give(docker: Docker, container: string, files: Readonly<Record<string, string>>): Promise<void> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "nas-registry-lab-"));
    try {
        for (const [name, content] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), content);
        fs.chmodSync(folder, 0o755);
        await docker.run(["cp", folder, `${container}:${filesFolder}`]);
        fs.writeFileSync(path.join(folder, "complete"), "");
        await docker.run(["cp", path.join(folder, "complete"), `${container}:${filesFolder}/complete`]);
    } finally {
        fs.rmSync(folder, { recursive: true, force: true });
    }
}
