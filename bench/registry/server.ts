import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as net from "node:net";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { parse } from "yaml";

import { SOCKET_MOUNT } from "../../components/registry/sections/cache";
import { CONFIG_MOUNT, DATA_MOUNT } from "../../components/registry/sections/container";
import { renderYaml, type ConfigTree } from "../../components/registry/sections/yaml";
import type { Bench } from "../part";
import type { Variant } from "./variants";

export interface Place {
    /** The `registry` program. */
    registry: string;
    /** What is in the image of Redis. */
    redisRoot: string;
    /** A new directory: configuration and logs. */
    directory: string;
    /** A new directory: the images. */
    data: string;
    /** Directory of a control group for its processes, if any. */
    group?: string;
}

/** Milliseconds that each of the two programs has to start. */
const PATIENCE = 20_000;
const TICKS_PER_SECOND = 100;

/** A registry, and its Redis, as processes of this machine that end with this one at the latest. */
export class Server {
    private readonly children: ChildProcess[] = [];

    private constructor(
        readonly variant: Variant,
        private readonly place: Place,
        private readonly port: number,
    ) {}

    static async start(variant: Variant, place: Place, opened: Bench["opened"]): Promise<Server> {
        const [port, redisPort, debugPort] = [await freePort(), await freePort(), await freePort()];
        const server = new Server(variant, place, port);
        opened(() => server.stop());
        const beside = path.join(place.directory, "config");
        const inRoot = place.directory.replace(path.dirname(path.dirname(place.directory)), "");
        const redisDirectory = path.join(place.redisRoot, inRoot);
        for (const directory of [beside, place.data, redisDirectory]) fs.mkdirSync(directory, { recursive: true });
        for (const [name, content] of Object.entries(variant.files)) fs.writeFileSync(path.join(beside, name), content);
        if (variant.redis !== undefined) {
            const here = `dir ${inRoot}\n${variant.redis
                .replace(/^bind .*$/m, "bind 127.0.0.1")
                .replace(/^port 6379$/m, `port ${redisPort}`)
                .replaceAll(SOCKET_MOUNT, inRoot)}`;
            fs.writeFileSync(path.join(redisDirectory, "redis.conf"), here);
            server.run("redis", "chroot", place.redisRoot, "valkey-server", `${inRoot}/redis.conf`);
            if (!here.includes("port 0")) await server.answersAt(redisPort);
        }
        const config = parse(
            variant.config
                .replaceAll("redis:6379", `127.0.0.1:${redisPort}`)
                .replaceAll(SOCKET_MOUNT, redisDirectory)
                .replaceAll(CONFIG_MOUNT, beside)
                .replaceAll(DATA_MOUNT, place.data),
        ) as ConfigTree & { http: ConfigTree };
        config.http.addr = `127.0.0.1:${port}`;
        if (config.http.debug) (config.http.debug as ConfigTree).addr = `127.0.0.1:${debugPort}`;
        fs.writeFileSync(path.join(beside, "config.yml"), renderYaml(config));
        server.run("registry", place.registry, "serve", path.join(beside, "config.yml"));
        await server.answersAt(port);
        return server;
    }

    get url(): string {
        return `${this.variant.ca ? "https" : "http"}://127.0.0.1:${this.port}`;
    }

    /** Seconds of the processor that its processes have had. */
    get processorTime(): number {
        const times = this.children.map(({ pid }) => {
            const [, rest = ""] = fs.readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
            const [user = NaN, system = NaN] = rest.split(" ").slice(11, 13).map(Number);
            return (user + system) / TICKS_PER_SECOND;
        });
        return times.reduce((sum, each) => sum + each, 0);
    }

    /** The most memory that its processes have had, MiB. */
    get memory(): number {
        const sizes = this.children.map(({ pid }) =>
            Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]),
        );
        return sizes.reduce((sum, each) => sum + each, 0) / 1024;
    }

    /** Where the images are. */
    get data(): string {
        return this.place.data;
    }

    /** Takes all images away. */
    clear(): void {
        fs.rmSync(path.join(this.place.data, "docker"), { recursive: true, force: true });
    }

    async stop(): Promise<void> {
        await Promise.all(
            this.children.map(async (child) => {
                if (child.exitCode !== null || child.signalCode !== null) return;
                const ended = once(child, "exit");
                child.kill("SIGKILL");
                await ended;
            }),
        );
        fs.rmSync(this.place.data, { recursive: true, force: true });
    }

    /** What it prints goes into a file, as with an engine. */
    private run(name: string, ...command: string[]): void {
        const log = fs.openSync(path.join(this.place.directory, `${name}.log`), "w");
        const rest = Object.entries(process.env).filter(([variable]) => !/^(REGISTRY|OTEL)_/.test(variable));
        const env = {
            ...Object.fromEntries(rest),
            OTEL_TRACES_EXPORTER: "none",
            PATH: `${process.env.PATH}:/usr/local/bin`,
        };
        const child = spawn("setpriv", ["--pdeathsig", "KILL", ...command], { env, stdio: ["ignore", log, log] });
        fs.closeSync(log);
        this.children.push(child);
        if (this.place.group) fs.writeFileSync(path.join(this.place.group, "cgroup.procs"), String(child.pid));
    }

    private async answersAt(port: number): Promise<void> {
        const deadline = Date.now() + PATIENCE;
        while (!(await isListening(port))) {
            await sleep(20);
            if (Date.now() < deadline && this.children.every(({ exitCode }) => exitCode === null)) continue;
            await this.stop();
            const logs = ["registry", "redis"].map((name) => path.join(this.place.directory, `${name}.log`));
            const printed = logs.filter((log) => fs.existsSync(log)).map((log) => fs.readFileSync(log, "utf8"));
            throw new Error(`${this.variant.name} does not answer:\n${printed.join("")}`);
        }
    }
}

async function freePort(): Promise<number> {
    const server = net.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as net.AddressInfo;
    await once(server.close(), "close");
    return port;
}

async function isListening(port: number): Promise<boolean> {
    const socket = net.connect(port, "127.0.0.1");
    return new Promise((resolve) => {
        const answer = (open: boolean) => {
            socket.destroy();
            resolve(open);
        };
        socket.on("connect", () => answer(true)).on("error", () => answer(false));
    });
}
