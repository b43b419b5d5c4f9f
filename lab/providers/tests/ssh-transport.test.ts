import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createDockerProvider } from "../docker/provider";
import { DockerApi, startDockerApi } from "./support/docker-api";
import { CallError, Plugin, startPlugin } from "./support/plugin";

const URN = "urn:pulumi:dev::p::docker:index/remoteImage:RemoteImage::image";
const IMAGE = { urn: URN, properties: { name: "app:1" } };

let folder: string;
let api: DockerApi;
let plugin: Plugin;
const path = process.env.PATH;

beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "ssh-"));
    process.env.PATH = `${folder}:${path ?? ""}`;
    api = await startDockerApi(["app:1"]);
    plugin = await startPlugin(createDockerProvider());
});
afterEach(async () => {
    plugin.stop();
    await api.stop();
    process.env.PATH = path;
    rmSync(folder, { recursive: true });
});

/** A program named ssh, first on PATH. */
function fakeSsh(script: string): void {
    const dialStdio = `${process.execPath} -e 'const s = require("net").connect(process.argv[1]); process.stdin.pipe(s).pipe(process.stdout)' "${api.host.slice(7)}"`;
    const file = join(folder, "ssh");
    writeFileSync(
        file,
        `#!/bin/sh\nprintf '%s\\n' "$@" >> ${folder}/arguments\n${script.replace("DIAL", dialStdio)}\n`,
    );
    chmodSync(file, 0o755);
}

async function configure(sshOpts: string[] = [], host = "ssh://admin@nas.local:2222"): Promise<void> {
    await plugin.call("Configure", { args: { host, sshOpts: JSON.stringify(sshOpts) } });
}

test("Docker is reached through the local ssh, with the arguments of docker's own helper", async () => {
    fakeSsh("exec DIAL");
    await configure(["-o", "BatchMode=yes"]);
    expect((await plugin.call("Create", IMAGE)).id).toMatch(/^sha256:.*app:1$/);
    expect(readFileSync(join(folder, "arguments"), "utf8").trim().split("\n")).toEqual([
        ...["-l", "admin", "-p", "2222", "-o", "BatchMode=yes", "-o ConnectTimeout=30", "-T", "--", "nas.local"],
        ...["docker", "system", "dial-stdio"],
    ]);
});

test("calls one after another share one ssh", async () => {
    fakeSsh("exec DIAL");
    await configure();
    await plugin.call("Create", IMAGE);
    await plugin.call("Read", { urn: URN, id: "x", properties: { name: "app:1" }, inputs: {} });
    expect(readFileSync(join(folder, "arguments"), "utf8").match(/dial-stdio/g)).toHaveLength(1);
});

test("nothing is started for Configure, a Diff or a preview", async () => {
    fakeSsh("exec DIAL");
    await configure();
    await plugin.call("Create", { ...IMAGE, preview: true });
    await plugin.call("Diff", { urn: URN, id: "x", olds: { name: "app:1" }, news: { name: "app:1" } });
    expect(existsSync(join(folder, "arguments"))).toBe(false);
});

test("a failing ssh is reported with its command, exit status and words, also when a master keeps stderr open", async () => {
    fakeSsh('echo "root@nas: Permission denied (publickey)." >&2; sleep 20 >&2 & exit 255');
    await configure([], "ssh://nas.local");
    const start = Date.now();
    const error = await plugin.call("Create", IMAGE).catch((caught: unknown) => caught);
    expect((error as CallError).details).toBe(
        "1 error occurred:\n\t* failed to create Docker client: Error pinging Docker server, please make sure that ssh://nas.local " +
            "is reachable and has a  '_ping' endpoint. Error: error during connect: Head \"http://docker.example.com/_ping\": " +
            "command [ssh -o ConnectTimeout=30 -T -- nas.local docker system dial-stdio] has exited with exit status 255, " +
            "make sure the URL is valid, and Docker 18.09 or later is installed on the remote host: " +
            "stderr=root@nas: Permission denied (publickey).\n\n\n",
    );
    expect(Date.now() - start).toBeLessThan(5000);
});

test("a connection that failed is tried anew by the next call", async () => {
    fakeSsh("exit 255");
    await configure();
    await expect(plugin.call("Create", IMAGE)).rejects.toThrow("exit status 255");
    fakeSsh("exec DIAL");
    expect((await plugin.call("Create", IMAGE)).id).toContain("app:1");
});

test.each([
    ["ssh://nas.local/var/run/other.sock", "--host=unix:///var/run/other.sock"],
    ["ssh://[fd00::1]:22", "fd00::1"],
])("%s", async (host, argument) => {
    fakeSsh("exec DIAL");
    await configure([], host);
    await plugin.call("Create", IMAGE);
    expect(readFileSync(join(folder, "arguments"), "utf8").split("\n")).toContain(argument);
});

test.each([
    ["ssh://user:secret@nas.local", "plain-text password is not supported"],
    ["ftp://nas.local", "must begin with ssh://, unix:// or tcp://"],
    ["nas.local", "is not a URL"],
])("the host %s is refused", async (host, reason) => {
    await expect(configure([], host)).rejects.toThrow(reason);
});
