import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { downLab, ensureLab, type Lab, type Nas } from "../../lab";
import { objectName } from "../../lab/names";
import { serveImages } from "../../lab/mirror";
import type { Toolchain } from "../../toolchain";
import { stopIdleEngine } from "../../lab/lab";
import { ControlGroup } from "./controlGroup";
import { Desk } from "./desk";
import { found, prepareNas, resetNas } from "./nas";
import type { Command, Wanted } from "./tool";
import { Watch } from "./watch";

const namespace = "bench";
const groupName = "nas-registry-bench";

/** What one command took. */
export interface Measured {
    /** Until it has ended, and the registry answers where it is watched. */
    seconds: number;
    processorHere: number;
    processorNas: number;
    logins: number;
    sent: number;
    received: number;
    /** Seconds for which a registry that is watched did not answer. */
    silent?: number;
}

/** A desk and a NAS, and what was measured between them. */
export class Site {
    private constructor(
        readonly toolchain: Toolchain,
        readonly lab: Lab,
        readonly nas: Nas,
        readonly desk: Desk,
        /** The NAS's address on the network of the desk. */
        readonly host: string,
        /** Short, since sockets are in it; goes with the site. */
        readonly directory: string,
        private readonly hereGroup: ControlGroup,
        private readonly nasGroup: ControlGroup,
    ) {}

    static async open(toolchain: Toolchain, opened: (close: () => Promise<void> | void) => void): Promise<Site> {
        const directory = fs.mkdtempSync(path.join(os.tmpdir(), "nas-bench-"));
        opened(() => fs.rmSync(directory, { recursive: true, force: true }));
        const hereGroup = await ControlGroup.make(groupName);
        opened(() => hereGroup.remove());
        opened(async () => {
            await downLab(namespace);
            await stopIdleEngine();
        });
        const lab = await ensureLab({ namespace, registryBinary: toolchain.registry });
        const { docker } = lab.engine;
        await serveNextImage(lab);
        // Debian 12: its Ansible manages what has Python up to 3.11.
        const nas = await lab.startNas({ vendor: "linux", engine: "20.10" });
        await prepareNas(nas);
        opened(() => Desk.remove());
        const desk = await Desk.open(docker, objectName(namespace));
        opened(() => desk.close());
        const format = `{{.State.Pid}} {{(index .NetworkSettings.Networks "${objectName(namespace)}").IPAddress}}`;
        const inspected = await docker.run(["inspect", "--format", format, nas.container]);
        const [pid, host = ""] = inspected.split(" ");
        return new Site(toolchain, lab, nas, desk, host, directory, hereGroup, ControlGroup.of(Number(pid)));
    }

    /** Makes the NAS what it was before anybody came. */
    reset(): Promise<void> {
        return resetNas(this.nas);
    }

    /** @throws unless the NAS has what was wanted, or nothing. */
    async verify(wanted: Wanted | undefined): Promise<void> {
        const is = await found(this.nas);
        const should = wanted ? `${wanted.image} ${wanted.memory} ${wanted.logSize}` : "";
        if (is !== should) throw new Error(`the NAS has '${is}' and not '${should}'`);
    }

    /** Runs a command at the desk. @throws with its output, when it fails */
    async measure({ line, directory, env }: Command, isWatched: boolean): Promise<Measured> {
        const log = path.join(this.directory, "output");
        const output = fs.openSync(log, "w");
        const before = await this.counters();
        const watch = isWatched ? new Watch(this.host) : undefined;
        const began = performance.now();
        const [command = "", ...args] = this.hereGroup.within(this.desk.at(line));
        // No pipes: a connection that ssh keeps open would hold them open, too.
        const child = spawn(command, args, { cwd: directory, env, stdio: ["ignore", output, output] });
        fs.closeSync(output);
        const [code] = (await once(child, "exit")) as [number | null];
        const ended = performance.now();
        try {
            if (code !== 0) throw new Error(`${line.join(" ")} ended with ${code}:\n${fs.readFileSync(log, "utf8")}`);
            const served = (await watch?.served()) ?? ended;
            const after = await this.counters();
            const silent = await watch?.stop();
            return {
                seconds: (Math.max(ended, served) - began) / 1000,
                ...difference(after, before),
                ...(silent !== undefined && { silent }),
            };
        } finally {
            await watch?.stop();
            await this.hereGroup.end();
        }
    }

    private async counters(): Promise<Omit<Measured, "seconds" | "silent">> {
        const [logins, traffic] = await Promise.all([this.nas.sshLogins(), this.desk.traffic()]);
        return { logins, ...traffic, processorHere: this.hereGroup.seconds, processorNas: this.nasGroup.seconds };
    }
}

function difference<T extends Record<string, number>>(after: T, before: T): T {
    return Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)])) as T;
}

/** A release more for an upgrade: the same program, under another digest. */
async function serveNextImage({ engine: { docker }, images, namespace: name }: Lab): Promise<void> {
    const next = "nas-registry-lab/registry-next";
    const build = ["build", "--quiet", "--tag", next, "-"];
    await docker.run(build, { input: `FROM ${images.registry}\nLABEL release=3.1.3\n`, env: { DOCKER_BUILDKIT: "0" } });
    await serveImages(docker, name, new Map([["registry:3.1.3", next]]));
}

/** A certificate for a name, by an authority of its own, for those that make none: files `certificate.pem` and `private-key.pem`. */
export function makeCertificate(directory: string, host: string): void {
    execFileSync(
        "openssl",
        [
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "365"],
            ["-subj", "/CN=registry", "-addext", `subjectAltName=IP:${host}`],
            ["-keyout", path.join(directory, "private-key.pem"), "-out", path.join(directory, "certificate.pem")],
        ].flat(),
        { stdio: "ignore" },
    );
}
