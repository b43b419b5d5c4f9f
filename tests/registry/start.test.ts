/** How the registry's container swaps the process that serves: start.sh, in the image's shell, with the real registry. */
import { spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterEach, describe, expect, test } from "vitest";
import { parse } from "yaml";

import { renderConfig, renderReadOnlyConfig } from "../../components/registry/sections/rendered";
import { renderYaml, type ConfigTree } from "../../components/registry/sections/yaml";
import { ensureRegistry } from "../../toolchain/goPrograms";
import { settingsAndSecrets } from "./rendered";

const BOOT = fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
const started: Container[] = [];
afterEach(async () => {
    for (const each of started.splice(0)) await each.end();
});

/** What start.sh finds in its container: its two mounts, here below a directory, and the registry on PATH. */
class Container {
    readonly directory = fs.mkdtempSync(path.join(os.tmpdir(), "registry-test-"));
    readonly url: string;
    private child?: ChildProcess;
    private ended?: Promise<number | null>;

    private constructor(
        private readonly registry: string,
        port: number,
        debugPort: number,
    ) {
        this.url = `http://127.0.0.1:${port}`;
        for (const name of ["config", "data"]) fs.mkdirSync(path.join(this.directory, name), { mode: 0o700 });
        const args = { metrics: { port: 5001, address: "0.0.0.0" }, drainTimeout: "5s" } as const;
        for (const [file, render] of [
            ["config.yml", renderConfig],
            ["read-only.yml", renderReadOnlyConfig],
        ] as const) {
            const config = parse(render(...settingsAndSecrets({ args }))) as ConfigTree & { http: ConfigTree };
            config.http.addr = `127.0.0.1:${port}`;
            if ("debug" in config.http) config.http.debug = { addr: `127.0.0.1:${debugPort}` };
            this.write(file, renderYaml(config).replaceAll("/var/lib/registry", this.path("data")));
        }
        const script = fs.readFileSync(path.join(__dirname, "../../components/registry/start.sh"), "utf8");
        this.write("start.sh", this.placed(script));
    }

    static async make(): Promise<Container> {
        const [port, debugPort] = [await freePort(), await freePort()];
        const container = new Container(await ensureRegistry(), port, debugPort);
        started.push(container);
        return container;
    }

    path(...names: string[]): string {
        return path.join(this.directory, ...names);
    }

    write(file: string, text: string): void {
        fs.writeFileSync(this.path("config", file), text);
    }

    start(...command: string[]): void {
        const env = { PATH: `${path.dirname(this.registry)}:${process.env.PATH}`, OTEL_TRACES_EXPORTER: "none" };
        const child = spawn("busybox", ["ash", this.path("config", "start.sh"), ...command], { env, detached: true });
        this.child = child;
        this.ended = new Promise((resolve) => child.on("close", resolve));
    }

    signal(name: NodeJS.Signals): void {
        this.child?.kill(name);
    }

    /** Its exit code. */
    code(): Promise<number | null> | undefined {
        return this.ended;
    }

    /** Ids and configurations of the processes that serve. */
    serving(): { pid: number; by: string }[] {
        const group = this.child?.pid;
        return fs
            .readdirSync("/proc")
            .filter((pid) => /^\d+$/.test(pid))
            .flatMap((pid) => {
                try {
                    const words = fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
                    const parent = /\) \S (\d+)/.exec(fs.readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1];
                    return words[1] === "serve" && parent === String(group)
                        ? [{ pid: Number(pid), by: path.basename(words[2] ?? "", ".yml") }]
                        : [];
                } catch {
                    return [];
                }
            });
    }

    async status(address = "/v2/", method = "GET"): Promise<number> {
        try {
            const response = await fetch(`${this.url}${address}`, { method, headers: { connection: "close" } });
            await response.arrayBuffer();
            return response.status;
        } catch {
            return 0;
        }
    }

    async until(what: () => boolean | Promise<boolean>): Promise<void> {
        const end = Date.now() + 20_000;
        while (!(await what())) {
            if (Date.now() > end) throw new Error("it did not come to that");
            await sleep(20);
        }
    }

    async end(): Promise<void> {
        if (this.child?.pid !== undefined && this.child.exitCode === null) process.kill(-this.child.pid, "SIGKILL");
        await this.ended;
        fs.rmSync(this.directory, { recursive: true, force: true });
    }

    private placed(script: string): string {
        return script
            .replaceAll("/etc/distribution", this.path("config"))
            .replaceAll("/var/lib/registry", this.path("data"));
    }
}

const isOnly = (container: Container, by: string) => () => {
    const serving = container.serving();
    return serving.length === 1 && serving[0]?.by === by;
};
const upload = (container: Container) => container.status("/v2/app/blobs/uploads/", "POST");

async function running(): Promise<Container> {
    const container = await Container.make();
    container.start();
    await container.until(async () => (await container.status()) === 200);
    return container;
}

function turn(container: Container, writes: string): void {
    container.write("writes", writes);
    container.signal("SIGHUP");
}

describe("while writes are blocked", () => {
    test("pulls are answered and pushes are refused, and afterwards both are answered", async () => {
        const container = await running();
        expect(await upload(container)).toBe(202);
        turn(container, `blocked ${BOOT}\n`);
        await container.until(isOnly(container, "read-only"));
        await container.until(async () => (await container.status()) === 200);
        expect(await upload(container)).toBe(405);
        turn(container, "open\n");
        await container.until(isOnly(container, "config"));
        await container.until(async () => (await container.status()) === 200);
        expect(await upload(container)).toBe(202);
    });

    test("a request that has begun ends by the process that began it, and others are answered meanwhile", async () => {
        const container = await running();
        const started = await fetch(`${container.url}/v2/app/blobs/uploads/`, { method: "POST" });
        let more: ReadableStreamDefaultController<Uint8Array> | undefined;
        const body = new ReadableStream<Uint8Array>({
            start: (controller) => {
                more = controller;
            },
        });
        const location = new URL(started.headers.get("location") ?? "", container.url);
        const patched = fetch(location, { method: "PATCH", body, duplex: "half" });
        more?.enqueue(new Uint8Array(1000));
        await sleep(200);
        turn(container, `blocked ${BOOT}\n`);
        await container.until(() => container.serving().length === 2);
        await container.until(async () => (await container.status()) === 200);
        expect(await upload(container)).toBe(405);
        more?.enqueue(new Uint8Array(1000));
        more?.close();
        const { status, headers } = await patched;
        expect([status, headers.get("range")]).toEqual([202, "0-1999"]);
        await container.until(isOnly(container, "read-only"));
    });

    test("a container that starts again refuses them, and after a restart of the NAS it takes them", async () => {
        const container = await Container.make();
        container.write("writes", `blocked ${BOOT}\n`);
        container.start();
        await container.until(async () => (await container.status()) === 200);
        expect(await upload(container)).toBe(405);
        await container.end();
        const rebooted = await Container.make();
        rebooted.write("writes", "blocked 00000000-0000-0000-0000-000000000000\n");
        rebooted.start();
        await rebooted.until(async () => (await rebooted.status()) === 200);
        expect(await upload(rebooted)).toBe(202);
    });
});

describe("a container", () => {
    test("that is stopped ends as the registry does, and at once with nothing under way", async () => {
        const container = await running();
        container.signal("SIGTERM");
        expect(await container.code()).toBe(0);
        expect(container.serving()).toEqual([]);
    });

    test("that is stopped ends as the registry does, too, where that has ended before the shell looks again", async () => {
        const container = await Container.make();
        const script = fs.readFileSync(container.path("config", "start.sh"), "utf8");
        container.write("start.sh", `kill() { command kill "$@" && sleep 0.5; }\n${script}`);
        container.start();
        await container.until(async () => (await container.status()) === 200);
        container.signal("SIGTERM");
        expect(await container.code()).toBe(0);
    });

    test("whose registry was killed ends, so that the engine starts it again", async () => {
        const container = await running();
        process.kill(container.serving()[0]?.pid ?? 0, "SIGKILL");
        expect(await container.code()).toBe(137);
    });

    test("takes any number of signals, one after the other", async () => {
        const container = await running();
        for (let turns = 0; turns < 6; turns++) {
            turn(container, turns % 2 === 0 ? `blocked ${BOOT}\n` : "open\n");
            await sleep(turns * 30);
        }
        await container.until(async () => {
            container.signal("SIGHUP");
            await sleep(300);
            return isOnly(container, "config")();
        });
        await container.until(async () => (await upload(container)) === 202);
    });

    test("with a command runs that, on data that are the registry's alone", async () => {
        const container = await Container.make();
        container.start("true");
        expect(await container.code()).toBe(0);
        const other = await Container.make();
        other.write("data-mark", "1234");
        other.start("true");
        expect(await other.code()).toBe(1);
    });
});

function freePort(): Promise<number> {
    return new Promise((resolve, reject) => {
        const server = net.createServer().on("error", reject);
        server.listen(0, "127.0.0.1", () => {
            const { port } = server.address() as net.AddressInfo;
            server.close(() => resolve(port));
        });
    });
}
