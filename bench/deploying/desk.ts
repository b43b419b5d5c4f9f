import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import * as readline from "node:readline/promises";

import ipaddr from "ipaddr.js";

import type { Docker } from "../../lab/docker";
import { ensureDelayedLink } from "../../toolchain/goPrograms";
import { run } from "../../toolchain/process";

const namespace = "nas-registry-bench";
const interfaces = { lan: "nas-bench-lan", desk: "nas-bench-desk" } as const;

/** Bytes of Ethernet frames since the interface was made. */
export interface Traffic {
    sent: number;
    received: number;
}

/**
 * The machine at which somebody deploys: a network namespace, with one interface on the lab's network. What goes through it is delayed
 * by a program, since not every kernel has netem.
 */
export class Desk {
    private constructor(private readonly link: ChildProcess) {}

    /** @param network The lab's; its engine must run on this machine. */
    static async open(docker: Docker, network: string): Promise<Desk> {
        await Desk.remove();
        const format = "{{.Id}} {{(index .IPAM.Config 0).Subnet}}";
        const inspected = await docker.run(["network", "inspect", "--format", format, network]);
        const [id = "", subnet = ""] = inspected.split(" ");
        const link = spawn(await ensureDelayedLink(), Object.values(interfaces), {
            stdio: ["pipe", "pipe", "inherit"],
            // Ctrl-C ends the benchmark, which ends the link by closing its input.
            detached: true,
        });
        const desk = new Desk(link);
        await desk.delay(0);
        await ip("netns", "add", namespace);
        await ip("link", "set", interfaces.lan, "master", `br-${id.slice(0, 12)}`, "up");
        await ip("link", "set", interfaces.desk, "netns", namespace);
        const inside = ["-n", namespace];
        await ip(...inside, "address", "add", lastAddress(subnet), "dev", interfaces.desk);
        for (const each of ["lo", interfaces.desk]) await ip(...inside, "link", "set", each, "up");
        return desk;
    }

    /** Sets what is added to the time of a round trip, in milliseconds. */
    async delay(roundTrip: number): Promise<void> {
        const { stdin, stdout } = this.link;
        if (!stdin || !stdout) throw new Error("the delayed link has no input or output");
        const answers = readline.createInterface({ input: stdout });
        const failure = once(this.link, "exit").then(() => {
            throw new Error("the delayed link ended");
        });
        stdin.write(`${Math.round((roundTrip * 1000) / 2)}\n`);
        await Promise.race([once(answers, "line"), failure]);
        answers.close();
    }

    /** A command line that runs another one at the desk. */
    at(command: readonly string[]): string[] {
        return ["nsenter", `--net=/run/netns/${namespace}`, ...command];
    }

    async traffic(): Promise<Traffic> {
        const [command = "", ...args] = this.at(["cat", "/proc/net/dev"]);
        return trafficIn(await run(command, args), interfaces.desk);
    }

    async close(): Promise<void> {
        if (this.link.exitCode === null) {
            this.link.stdin?.end();
            await once(this.link, "exit");
        }
        await Desk.remove();
    }

    static async remove(): Promise<void> {
        await run("ip", ["netns", "delete", namespace]).catch(() => undefined);
    }
}

function ip(...args: string[]): Promise<string> {
    return run("ip", args);
}

/** Counters of one interface in the text of /proc/net/dev. */
export function trafficIn(text: string, name: string): Traffic {
    const numbers = new RegExp(`^ *${name}: *(.*)$`, "m").exec(text)?.[1]?.split(/ +/).map(Number);
    const [received, sent] = [numbers?.[0], numbers?.[8]];
    if (received === undefined || sent === undefined) throw new Error(`no interface ${name} in:\n${text}`);
    return { sent, received };
}

/** The last address of a subnet that a host can have, with its prefix; engines give the first ones to containers. */
export function lastAddress(subnet: string): string {
    const octets = ipaddr.IPv4.broadcastAddressFromCIDR(subnet).octets;
    return `${[...octets.slice(0, 3), (octets[3] ?? 0) - 1].join(".")}/${subnet.split("/")[1]}`;
}
