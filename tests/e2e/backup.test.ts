/** A registry's backup, made on one NAS while its clients push, and restored on another make's. */
import * as fs from "node:fs";

import { afterAll, beforeAll, expect, test } from "vitest";

import { RESTIC_TAG } from "../../components/registry/sections/images";
import type { Nas } from "../../lab";
import { RestServer } from "../../lab/restServer";
import { ensureRestServer } from "../../toolchain/goPrograms";
import type { CommandResult } from "../../toolchain/process";
import type { Load } from "./load";
import { eventually, loadOn, must, RegistryView, Setting } from "./setting";

let setting: Setting;
let server: RestServer;
let synology: Nas;
let qnap: Nas;
let load: Load;
let view: RegistryView;
let expected: string[];

const user = { username: "nas", password: "sesame of the server" };
const password = "sesame of the backups";
const backup = (others: object = {}) => ({
    operations: {
        backup: { rest: { url: `${server.url}/registry`, ...user }, password, image: RESTIC_TAG, ...others },
    },
});

beforeAll(async () => {
    setting = await Setting.open("backup");
    server = await setting.lab.startRestServer(await ensureRestServer(), { name: "backups", ...user });
    await setting.serveOperationsImages();
    synology = await setting.nas({ vendor: "synology", name: "source" }, backup());
    qnap = await setting.nas({ vendor: "qnap", name: "target" }, backup());
    await setting.workspace.operate("source", "up");
    load = loadOn(synology, await setting.workspace.outputs("source"), { repositories: ["team/app", "web"], seed: 14 });
});
afterAll(async () => {
    await load.stop();
    await setting.close();
});

const operate = (stack: string, ...args: string[]): Promise<CommandResult> =>
    setting.workspace.command([...args, "--stack", stack]);
const result = async (stack: string, ...args: string[]) =>
    JSON.parse(await must(operate(stack, ...args, "--json"))) as Record<string, string>;
const program = "/volume1/@nas-registry/registry/operations";

test("a backup is made while clients push, and no push or pull fails", async () => {
    load.start(3);
    await eventually(60, async () => Promise.resolve(load.report().pushes > 10));
    expect(await result("source", "backup")).toMatchObject({ result: "ok" });
    const { failures, blocked } = await load.stop();
    expect({ failures, blocked }).toEqual({ failures: [], blocked: 0 });
});

test("a second one without changes is the first", async () => {
    const first = await result("source", "backup");
    const second = await result("source", "backup");
    expect(Number(first.total_bytes)).toBeGreaterThan(0);
    expect(second).toMatchObject({ result: "ok", snapshot: first.snapshot, added_bytes: "0" });
    expect(second.said).toContain("nothing has changed since");
    expected = load.expected();
});

test("a rehearsal pulls images of it from a registry of its own, and leaves nothing", async () => {
    const rehearsed = await must(setting.shown("npx nas-registry restore --stack synology --rehearse", "source"));
    expect(rehearsed).toMatch(/ok: 2 images of the backup/);
    expect(await must(synology.exec("ls -A /volume1/docker/registry-data"))).toBe(".nas-registry\ndocker\n");
    expect(await must(synology.exec(`cat ${program}/results/rehearse`))).toContain("result=ok");
});

test("no process and no container shows what opens the backups, and nobody but root can read it", async () => {
    expect(await must(synology.exec(`stat -c %a ${program}`))).toBe("700\n");
    const backup = setting.shown("npx nas-registry backup --stack synology", "source");
    const state = { isRunning: true };
    void backup.then(() => (state.isRunning = false));
    const seen: string[] = [];
    while (state.isRunning) {
        seen.push(await synology.docker("inspect", "registry-operation").catch(() => ""));
        seen.push((await synology.exec("cat /proc/[0-9]*/cmdline")).stdout);
    }
    expect(await backup).toMatchObject({ code: 0 });
    const all = seen.join("");
    expect(all).toContain("/etc/restic/inside.sh");
    expect([password, user.password].filter((secret) => all.includes(secret))).toEqual([]);
});

test("the stack is destroyed, and another make's NAS restores every image", async () => {
    const source = await setting.workspace.outputs("source");
    await setting.workspace.operate("source", "destroy");
    await setting.workspace.operate("target", "up");
    const dry = await setting.shown("npx nas-registry restore --stack qnap --dry-run", "target");
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining("would restore") as unknown });
    expect(await setting.shown("npx nas-registry restore --stack qnap", "target")).toMatchObject({ code: 0 });
    const outputs = await setting.workspace.outputs("target");
    view = new RegistryView(await setting.client("laptop"), outputs);
    const found: string[] = [];
    const { repositories } = JSON.parse((await view.get("/v2/_catalog")).body) as { repositories: string[] };
    for (const repository of repositories) {
        const { tags } = JSON.parse((await view.get(`/v2/${repository}/tags/list`)).body) as { tags: string[] | null };
        found.push(...(tags ?? []).map((tag) => `${repository}:${tag}`));
    }
    expect(found.sort()).toEqual(expected);
    expect(source.url).not.toBe(outputs.url);
    const { url = "", caCertificate: ca, username = "", password: secret = "" } = outputs;
    load.moveTo({ url, address: qnap.address, ca, username, password: secret });
    expect(await load.verifyAll()).toEqual([]);
    await setting.workspace.operate("target", "up");
});

test("it does not take the place of images unless that is said", async () => {
    const refused = await operate("target", "restore");
    expect(refused.code).toBe(2);
    expect(refused.stdout).toContain("--replace");
    const one = await operate("target", "restore", "--repository", "web", "--dry-run");
    expect(one).toMatchObject({ code: 0, stdout: expect.stringContaining("would restore 'web'") as unknown });
    for (const name of expected.filter((each) => each.startsWith("web:"))) {
        const digest = (await view.manifest("web", name.slice(4))).headers["docker-content-digest"];
        if (digest) await view.send("DELETE", `/v2/web/manifests/${digest}`);
    }
    expect((await load.verifyAll()).length).toBeGreaterThan(0);
    const restored = await setting.shown("npx nas-registry restore --stack synology --repository team/app", "target", {
        "team/app": "web",
    });
    expect(restored).toMatchObject({ code: 0 });
    expect(await load.verifyAll()).toEqual([]);
    const early = await operate("target", "restore", "--snapshot", "2001-01-01T12:00", "--replace");
    expect(early).toMatchObject({ code: 2, stdout: expect.stringContaining("there are: ") as unknown });
    const never = await operate("target", "restore", "--snapshot", "yesterday");
    expect(never).toMatchObject({ code: 2, stderr: expect.stringContaining("--snapshot: 'yesterday'") as unknown });
});

test("wherever the power fails during a restore, the registry has every image, and the next restore succeeds", async () => {
    const serves = () => eventually(90, () => must(qnap.exec("curl -fsk https://127.0.0.1:5000/")));
    for (const moment of [2000, 5000, 7000, 9000]) {
        const restored = operate("target", "restore", "--replace");
        await new Promise((resolve) => setTimeout(resolve, moment));
        await qnap.powerCut();
        await restored;
        // As the NAS's scheduler does it, until its engine answers.
        const run = "/share/CACHEDEV1_DATA/.nas-registry/registry/operations/run";
        await eventually(90, () => must(qnap.exec(`/bin/sh ${run} tick`)));
        await serves();
        expect(await load.verifyAll()).toEqual([]);
    }
    const restored = await setting.shown(
        "npx nas-registry restore --stack synology --snapshot 2026-11-28T12:00 --replace",
        "target",
        { "2026-11-28T12:00": new Date().toISOString().slice(0, 16) + "Z" },
    );
    expect(restored).toMatchObject({ code: 0 });
    expect(await load.verifyAll()).toEqual([]);
    expect(await must(qnap.exec("ls -A /share/CACHEDEV1_DATA/Container/registry-data"))).not.toMatch(/restored|switch/);
}, 600_000);

test("another password than the repository's is said", async () => {
    await must(
        setting.shown(
            "pulumi config set --secret --path 'nas-registry:registry.operations.backup.password' --stack qnap",
            "target",
            {},
            "guessed sesame",
        ),
    );
    await setting.workspace.operate("target", "up");
    const { code, stdout } = await operate("target", "backup");
    expect({ code, said: stdout }).toMatchObject({
        code: 2,
        said: expect.stringContaining("operations.backup.password") as unknown,
    });
});

test("over SFTP a backup gets to a server, and can be read there", async () => {
    // Another server than that of the NAS's shell, which has no SFTP.
    const options = "-p 2222 -o Subsystem='sftp internal-sftp' -o PidFile=/run/backups.pid";
    await must(synology.exec(`/usr/sbin/sshd -f /etc/ssh/sshd_config ${options}`));
    // The address on the lab's network: ssh in the lab's image of restic resolves no names.
    const [host = ""] = (await must(synology.exec("hostname -i"))).trim().split(" ");
    const sftp = {
        ...{ host, port: 2222, user: "root", path: "/volume1/backups/registry" },
        ...{ hostKey: synology.hostKey, privateKey: fs.readFileSync(synology.privateKeyFile, "utf8") },
    };
    const { rest: _, ...own } = backup({ sftp }).operations.backup;
    setting.workspace.changeArguments("target", { operations: { backup: own } });
    await setting.workspace.operate("target", "up");
    expect(await result("target", "backup")).toMatchObject({ result: "ok" });
    expect(await must(synology.exec("ls /volume1/backups/registry"))).toContain("snapshots");
    expect(await result("target", "restore", "--rehearse")).toMatchObject({ result: "ok", images: "2" });
});

test("a backup to a directory is refused when its disk is not there", async () => {
    const directory = "/share/external/usb/registry-backup";
    const { rest: _, ...own } = backup({ directory }).operations.backup;
    setting.workspace.changeArguments("target", { operations: { backup: own } });
    await setting.workspace.operate("target", "up");
    expect((await operate("target", "backup")).stdout).toContain("plug in or mount");
});

test("a directory of the NAS is made for the containers' user, and a backup there can be read", async () => {
    const directory = "/share/CACHEDEV1_DATA/registry-backup";
    const { rest: _, ...own } = backup({ directory }).operations.backup;
    setting.workspace.changeArguments("target", { operations: { backup: own } });
    await setting.workspace.operate("target", "up");
    expect(await result("target", "backup")).toMatchObject({ result: "ok" });
    expect(await must(qnap.exec(`stat -c '%u %a' ${directory}`))).toBe("91600 700\n");
    expect(await result("target", "restore", "--rehearse")).toMatchObject({ result: "ok", images: "2" });
});

test("in the place of its disk is another one: a backup begins there anew when that is said", async () => {
    const directory = "/share/CACHEDEV1_DATA/registry-backup";
    await must(qnap.exec(`mv ${directory} ${directory}.first && mkdir ${directory} && chown 91600 ${directory}`));
    expect((await operate("target", "backup")).stdout).toContain("--new-target");
    expect(await setting.shown("npx nas-registry backup --stack synology --new-target", "target")).toMatchObject({
        code: 0,
    });
    expect(await setting.shown("pulumi stack output backupPassword --show-secrets", "target")).toMatchObject({
        code: 0,
        stdout: `${password}\n`,
    });
    const restored = await operate("target", "restore", "--replace", "--dry-run");
    expect(restored).toMatchObject({ code: 0, stdout: expect.stringContaining("would restore") as unknown });
});

test("one that is full fails the backup, harms nothing, and is gone on with when it has room", async () => {
    const directory = "/share/CACHEDEV1_DATA/registry-backup";
    await must(
        qnap.exec(`set -e; mv ${directory} ${directory}.second; mkdir ${directory}
            mount -t tmpfs -o size=$(($(du -sk ${directory}.second | cut -f 1) + 300))k full ${directory}
            cp -a ${directory}.second/. ${directory}; chown 91600 ${directory}`),
    );
    const before = load.report().pushes;
    load.start(2);
    await eventually(60, async () => Promise.resolve(load.report().pushes > before + 5));
    await load.stop();
    const { code, stdout } = await operate("target", "backup");
    expect({ code, said: stdout }).toMatchObject({
        code: 2,
        said: expect.stringContaining("has no room left") as unknown,
    });
    expect(await load.verifyAll()).toEqual([]);
    expect(await operate("target", "restore", "--replace", "--dry-run")).toMatchObject({ code: 0 });
    await must(qnap.exec(`mount -o remount,size=1g ${directory}`));
    expect(await result("target", "backup")).toMatchObject({ result: "ok" });
    expect(await result("target", "restore", "--rehearse")).toMatchObject({ result: "ok" });
});
