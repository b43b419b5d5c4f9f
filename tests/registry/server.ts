/** The real `registry` program on this machine's loopback address, as the registry's container would run it. */
import { spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { parse } from "yaml";

import { CONFIG_MOUNT, DATA_MOUNT } from "../../components/registry/sections/container";
import { renderYaml, type ConfigTree, type ConfigValue } from "../../components/registry/sections/yaml";
import { ensureRegistry } from "../../toolchain/goPrograms";
import { capture, type CommandResult } from "../../toolchain/process";
import { request, type RequestOptions } from "../request";

export type { RequestOptions };

export interface RegistryOptions {
    /**
     * config.yml, as text or as a tree. Paths in the container's mounts mean directories made for this registry, the
     * registry's address is a free port of 127.0.0.1, and so is the debug server's when there is one.
     */
    config: ConfigTree | string;
    /** Files beside config.yml: name and content. */
    files?: Record<string, string>;
    /** What signed the registry's certificate, PEM; nothing else is trusted. */
    ca?: string;
    /** A directory with images, to start on what another registry left. */
    data?: string;
}

/** Seconds that a registry has to start; it takes a tenth of one. */
const PATIENCE = 20;

const running = new Set<Registry>();

/** Stops what a test left, also one that failed. */
export async function stopRegistries(): Promise<void> {
    await Promise.all([...running].map((registry) => registry.stop()));
}

/** Starts a registry and waits until it answers; it is stopped at the end of the test file at the latest. */
export async function startRegistry(options: RegistryOptions): Promise<Registry> {
    const place = makePlace(options);
    const [port, debugPort] = [await freePort(), await freePort()];
    const config = place.config;
    const given = isTree(config.http) ? config.http : {};
    config.http = {
        ...given,
        addr: `127.0.0.1:${port}`,
        ...(isTree(given.debug) && { debug: { ...given.debug, addr: `127.0.0.1:${debugPort}` } }),
    };
    fs.writeFileSync(place.configFile, renderYaml(config));
    const child = spawn(await ensureRegistry(), ["serve", place.configFile], { env: environment() });
    const scheme = isTree(given.tls) ? "https" : "http";
    const registry = new Registry(child, place, scheme, port, debugPort, options.ca);
    running.add(registry);
    // The registry starts its two servers at once, and either may be the first to listen.
    await registry.answersAt(port);
    if (isTree(given.debug)) {
        await registry.answersAt(debugPort);
    }
    return registry;
}

/** What the registry prints when it does not start; rejects when it does. */
export async function startFailure(options: Pick<RegistryOptions, "config" | "files">): Promise<string> {
    const result = await runRegistry(["serve"], options);
    if (result.code === 137) {
        throw new Error(`The registry started:\n${result.stdout}${result.stderr}`);
    }
    return result.stdout + result.stderr;
}

/** Reads the configuration, opens the storage and collects nothing: ends at once, with all faults that it finds. */
export async function readConfig(options: Pick<RegistryOptions, "config" | "files">): Promise<string> {
    const { stdout, stderr } = await runRegistry(["garbage-collect", "--dry-run"], options);
    return stdout + stderr;
}

async function runRegistry(command: string[], options: RegistryOptions): Promise<CommandResult> {
    const place = makePlace(options);
    try {
        // A text stays as it is, with what it may have wrong.
        fs.writeFileSync(
            place.configFile,
            typeof options.config === "string" ? options.config : renderYaml(place.config),
        );
        return await capture(await ensureRegistry(), [...command, place.configFile], {
            env: environment(),
            timeout: PATIENCE * 1000,
        });
    } finally {
        place.remove();
    }
}

export class Registry {
    private output = "";
    private readonly ended: Promise<number | null>;
    private isRunning = true;

    constructor(
        private readonly child: ChildProcess,
        private readonly place: Place,
        private readonly scheme: "http" | "https",
        readonly port: number,
        private readonly debugPort: number,
        private readonly ca: string | undefined,
    ) {
        const collect = (data: Buffer) => (this.output += data.toString());
        child.stdout?.on("data", collect);
        child.stderr?.on("data", collect);
        this.ended = new Promise((resolve) => {
            child.on("error", () => resolve(null));
            child.on("close", (code) => {
                this.isRunning = false;
                resolve(code);
            });
        });
    }

    /** `127.0.0.1:40123`, as in an image's name. */
    get authority(): string {
        return `127.0.0.1:${this.port}`;
    }

    get url(): string {
        return `${this.scheme}://${this.authority}`;
    }

    /** The directory with the images. */
    get data(): string {
        return this.place.data;
    }

    /** Paths of all that is in it. */
    files(): string[] {
        return fs.readdirSync(this.data, { recursive: true, encoding: "utf8" });
    }

    /** All that the registry has printed so far. */
    get log(): string {
        return this.output;
    }

    /** A request to the registry, or to any URL that it answered with. */
    fetch(pathOrUrl: string, options: RequestOptions = {}): Promise<Response> {
        return request(new URL(pathOrUrl, this.url), { ca: this.ca, ...options });
    }

    /** A request to the debug server. */
    fetchDebug(pathname: string, options: RequestOptions = {}): Promise<Response> {
        return request(new URL(pathname, `http://127.0.0.1:${this.debugPort}`), options);
    }

    async answersAt(port: number): Promise<void> {
        const deadline = Date.now() + PATIENCE * 1000;
        while (!(await isListening(port))) {
            if (!this.isRunning || Date.now() > deadline) {
                await this.stop();
                throw new Error(`The registry does not answer:\n${this.log}`);
            }
            await sleep(20);
        }
    }

    /** Ends the registry as the NAS would, without its time to drain, and takes its directories away. */
    async stop(): Promise<void> {
        this.kill();
        await this.ended;
        running.delete(this);
        this.place.remove();
    }

    kill(): void {
        if (this.isRunning) {
            this.child.kill("SIGKILL");
        }
    }
}

interface Place {
    configFile: string;
    config: ConfigTree;
    data: string;
    remove(): void;
}

function makePlace(options: RegistryOptions): Place {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "registry-test-"));
    const data = options.data ?? path.join(directory, "data");
    const beside = path.join(directory, "config");
    fs.mkdirSync(beside);
    fs.mkdirSync(data, { recursive: true });
    for (const [name, content] of Object.entries(options.files ?? {})) {
        fs.writeFileSync(path.join(beside, name), content, { mode: 0o600 });
    }
    const inPlace = (value: ConfigValue): ConfigValue => {
        if (typeof value === "string") {
            return value.replace(CONFIG_MOUNT, beside).replace(DATA_MOUNT, data);
        }
        if (Array.isArray(value)) {
            return value.map(inPlace);
        }
        return isTree(value)
            ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inPlace(inner)]))
            : value;
    };
    const config = typeof options.config === "string" ? (parse(options.config) as ConfigTree) : options.config;
    return {
        configFile: path.join(beside, "config.yml"),
        config: inPlace(config) as ConfigTree,
        data,
        remove: () => fs.rmSync(directory, { recursive: true, force: true }),
    };
}

function isTree(value: ConfigValue | undefined): value is ConfigTree {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What the image sets, and nothing that would be taken for configuration. */
function environment(): NodeJS.ProcessEnv {
    const rest = Object.entries(process.env).filter(([name]) => !/^(REGISTRY|OTEL|AWS|AZURE|GOOGLE)_/.test(name));
    return { ...Object.fromEntries(rest), OTEL_TRACES_EXPORTER: "none" };
}

function freePort(): Promise<number> {
    return new Promise((resolve, reject) => {
        const server = net.createServer();
        server.on("error", reject);
        server.listen(0, "127.0.0.1", () => {
            const { port } = server.address() as net.AddressInfo;
            server.close(() => resolve(port));
        });
    });
}

function isListening(port: number): Promise<boolean> {
    return new Promise((resolve) => {
        const socket = net.connect(port, "127.0.0.1");
        const answer = (open: boolean) => {
            socket.destroy();
            resolve(open);
        };
        socket.on("connect", () => answer(true));
        socket.on("error", () => answer(false));
    });
}
