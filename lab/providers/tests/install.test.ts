import { ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attachSubstitutes, installSubstitutes, SUBSTITUTES } from "../install";
import { connectPlugin } from "./support/plugin";

let home: string;
beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "pulumi-home-"));
    await installSubstitutes(home);
});
afterAll(() => rmSync(home, { recursive: true }));

function version(name: string): string {
    const manifest = readFileSync(require.resolve(`@pulumi/${name}/package.json`), "utf8");
    return (JSON.parse(manifest) as { version: string }).version;
}

function plugin(name: string): string {
    return join(home, "plugins", `resource-${name}-v${version(name)}`, `pulumi-resource-${name}`);
}

describe.each([...SUBSTITUTES])("the %s plugin", (name) => {
    test("is an executable where the engine looks for the SDK's version, and starts as one", async () => {
        expect(statSync(plugin(name)).mode & 0o111).toBe(0o111);
        const child = spawn(plugin(name), ["127.0.0.1:1"], { stdio: ["ignore", "pipe", "inherit"] });
        const client = connectPlugin(await firstPort(child));
        const news = { version: version(name) };
        expect(
            (await client.call("CheckConfig", { urn: `urn:pulumi:dev::p::pulumi:providers:${name}::x`, news })).inputs,
        ).toMatchObject(news);
        expect((await client.call("GetPluginInfo", {})).version).toBe(version(name));
        client.stop();
        child.kill("SIGTERM");
        expect(await ended(child)).toBe(true);
    });
});

test("a plugin whose engine is gone ends by itself", async () => {
    // The engine: a shell that starts the plugin and says its process id; it goes once the plugin has said its port.
    const engine = spawn("/bin/sh", ["-c", `"${plugin("random")}" 127.0.0.1:1 & echo pid $!; wait`], {
        stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    await new Promise<void>((resolve) => {
        engine.stdout.on("data", (chunk: Buffer) => {
            said += chunk.toString();
            if (/^\d+$/m.test(said)) {
                resolve();
            }
        });
    });
    const pid = Number(/pid (\d+)/.exec(said)?.[1]);
    engine.kill("SIGKILL");
    await expect.poll(() => isRunning(pid), { timeout: 10_000, interval: 200 }).toBe(false);
});

test("substitutes that engines attach to are named, and end with what has started them", async () => {
    const { variables, pid } = await attachSubstitutes(["tls", "docker", "random"], process.env);
    const served = (variables.PULUMI_DEBUG_PROVIDERS ?? "").split(",").map((each) => each.split(":"));
    expect(served.map(([name]) => name)).toEqual(["random", "tls"]);
    for (const [name = "", port] of served) {
        const client = connectPlugin(Number(port));
        expect((await client.call("GetPluginInfo", {})).version).toBe(version(name));
        client.stop();
    }
    process.kill(pid);
    await expect.poll(() => isRunning(pid), { timeout: 10_000, interval: 200 }).toBe(false);
});

function firstPort(child: ChildProcess): Promise<number> {
    return new Promise((resolve) =>
        child.stdout?.once("data", (chunk: Buffer) => resolve(Number(chunk.toString().trim()))),
    );
}

function ended(child: ChildProcess): Promise<boolean> {
    return new Promise((resolve) => {
        child.once("exit", () => resolve(true));
        setTimeout(() => resolve(false), 3000).unref();
    });
}

function isRunning(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch {
        return false;
    }
}
