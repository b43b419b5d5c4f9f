import { spawn, type ChildProcess } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as net from "node:net";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { ensureObjectStore, ensureRestic, ensureRestServer } from "../../../toolchain/goPrograms";
import { capture } from "../../../toolchain/process";
import { shown } from "../../pages";
import { owner } from "../registryFiles";
import { shells } from "../shells";
import { BackupNas } from "./backupNas";
import { writeQuickRepository } from "./quickRepository";

let nas: BackupNas;
const others: BackupNas[] = [];
afterEach(() => [nas, ...others.splice(0)].forEach((each) => each.remove()));

/** Another NAS, whose stack has the same backup. */
async function another(shell: string[]): Promise<BackupNas> {
    const other = await BackupNas.make(shell);
    others.push(other);
    other.args = { ...nas.args };
    return other;
}

const containing = (text: string): unknown => expect.stringContaining(text);
const done = (result: Record<string, string>, expected: Record<string, unknown>) =>
    expect(result, result.output).toMatchObject(expected);

async function freePort(): Promise<number> {
    const server = net.createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as net.AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return port;
}

const answers = (port: number): Promise<boolean> =>
    new Promise((resolve) => {
        const socket = net.connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
        socket.end();
    });

test.each(shells)("all of a registry comes back from its backup on another NAS, under %s", async (_, shell) => {
    nas = await BackupNas.make(shell);
    // One takes all of restic as it is.
    if (shell !== shells[0]?.[1]) nas.beginsQuickly();
    await nas.push("team/app", "1", "one");
    await nas.push("team/app", "2", "two");
    await nas.push("other.tmp", "latest.tmp", "three");
    const backup = await nas.perform("backup");
    done(backup, { result: "ok", said: containing("in a new repository") });
    const other = await another(shell);
    done(await other.perform("restore"), { result: "ok", snapshot: backup.snapshot });
    expect(other.images()).toEqual(nas.images());
    expect(fs.readdirSync(other.files.data).sort()).toEqual([".nas-registry", "docker"]);
    // What `up` would refuse as an older state of the images.
    await other.files.run("apply");
    done(await other.perform("rehearse"), { result: "ok", images: "2" });
    expect(fs.readdirSync(other.files.data).sort()).toEqual([".nas-registry", "docker"]);
    expect(fs.readFileSync(path.join(nas.engine, "calls"), "utf8")).not.toContain(nas.password);
});

describe("a backup", () => {
    const [, shell] = shells[1] ?? [];
    beforeEach(async () => {
        nas = await BackupNas.make(shell ?? []);
        nas.beginsQuickly();
        await nas.push("team/app", "1", "one");
    });

    test("says itself how all of it comes back without this program, and it does", async () => {
        done(await nas.perform("backup"), { result: "ok" });
        const directory = nas.host.path("elsewhere");
        fs.mkdirSync(directory);
        const by = async (commands: string) => {
            const PATH = `${path.dirname(await ensureRestic())}:${process.env.PATH}`;
            const env = { PATH, HOME: directory, RESTIC_PASSWORD: nas.password };
            const ended = await capture("sh", ["-euc", `cd '${directory}'\n${commands}`], { env });
            expect(ended.code, ended.stderr).toBe(0);
            return ended.stdout;
        };
        const steps = await by(
            shown("restic -r /volumeUSB1/usbshare/registry-backup dump latest /etc/restic/RESTORE.txt", {
                "/volumeUSB1/usbshare/registry-backup": nas.target,
            }),
        );
        const commands = [...steps.matchAll(/^ {7}((?:mkdir|restic) .*)$/gm)].map(([, command = ""]) => command);
        expect(commands).toHaveLength(4);
        await by(commands.join("\n").replaceAll("REPOSITORY", nas.target));
        expect(nas.images(path.join(directory, "registry/data"))).toEqual(nas.images());
        expect(fs.readFileSync(path.join(directory, "registry/config/config.yml"), "utf8")).toBe("version: 0.1\n");
        // What is started with it, and finds its configuration and images there.
        expect(steps).toContain("serve /etc/distribution/config.yml");
        expect(steps).toMatch(
            /PWD\/registry\/data:\/var\/lib\/registry".*PWD\/registry\/config:\/etc\/distribution:ro/,
        );
    });

    test("taken while images are pushed and deleted holds complete images, and each one that was there before it", async () => {
        const before = nas.images();
        for (let i = 0; i < 40; i++) await nas.push(`old/r${i}`, "1", `old ${i}`);
        const state = { isOver: false };
        const writer = (async () => {
            for (let i = 0; !state.isOver; i++) {
                await nas.push(`team/r${i % 7}`, `${i}`, `pushed ${i}`, () => sleep(2));
                fs.rmSync(nas.v2("repositories", `old/r${i % 40}`, "_manifests/revisions"), {
                    recursive: true,
                    force: true,
                });
                fs.rmSync(nas.v2("repositories", `old/r${i % 40}`, "_manifests/tags/1"), {
                    recursive: true,
                    force: true,
                });
            }
        })();
        await sleep(300);
        const backup = await nas.perform("backup");
        state.isOver = true;
        await writer;
        done(backup, { result: "ok" });
        const other = await another(shell ?? []);
        done(await other.perform("restore"), { result: "ok" });
        const restored = other.images();
        expect(restored).toMatchObject(before);
        expect(Object.keys(restored).length).toBeGreaterThan(5);
    });

    test("of what has hardly changed stores next to nothing, though the copy of the links is new", async () => {
        for (let i = 0; i < 20; i++) await nas.push(`team/r${i}`, "1", randomBytes(60_000).toString("hex"));
        const first = await nas.perform("backup");
        await nas.push("team/r1", "2", "little");
        const second = await nas.perform("backup");
        done(second, { result: "ok" });
        expect(Number(second.added_bytes)).toBeLessThan(Number(first.added_bytes) / 100);
    });

    test("begins a repository anew of which a killed one has made nothing but a key", async () => {
        done(await nas.perform("backup"), { result: "ok" });
        for (const name of ["config", "data", "snapshots", "index"]) {
            fs.rmSync(path.join(nas.target, name), { recursive: true });
            if (name !== "config") fs.mkdirSync(path.join(nas.target, name));
            fs.chownSync(path.join(nas.target, name === "config" ? "keys" : name), owner, owner);
        }
        done(await nas.perform("backup", "new_target=yes"), {
            result: "ok",
            said: containing("in a new repository"),
        });
    });

    test("whose repository is gone begins a new one, and warns", async () => {
        done(await nas.perform("backup"), { result: "ok" });
        for (const name of fs.readdirSync(nas.target).filter((each) => !each.startsWith("."))) {
            fs.rmSync(path.join(nas.target, name), { recursive: true });
        }
        done(await nas.perform("backup"), { result: "warning", said: containing("earlier backups is gone") });
    });

    test("holds what the registry has, and nothing of what an earlier one had", async () => {
        const old = await nas.push("team/app", "2", "two");
        await nas.push("gone", "1", "gone");
        await nas.perform("backup");
        const since = fs.statSync(nas.v2("repositories/team/app/_manifests/tags/1/current/link")).mtimeMs;
        fs.rmSync(nas.v2("repositories/gone"), { recursive: true });
        fs.rmSync(nas.v2("repositories/team/app/_manifests/tags/2"), { recursive: true });
        fs.rmSync(nas.v2("repositories/team/app/_manifests/revisions/sha256", old), { recursive: true });
        await nas.push("team/app", "latest", "three");
        await sleep(2100);
        await nas.push("team/app", "1", "one");
        await nas.push("team/app", "latest", "four");
        await nas.perform("backup");
        const other = await another(shell ?? []);
        done(await other.perform("restore"), { result: "ok" });
        expect(other.images()).toEqual(nas.images());
        const links = (of: BackupNas) =>
            fs
                .readdirSync(of.v2("repositories"), { recursive: true, encoding: "utf8" })
                .filter((name) => name.endsWith("/link"))
                .sort();
        expect(links(other)).toEqual(links(nas));
        expect(fs.statSync(other.v2("repositories/team/app/_manifests/tags/1/current/link")).mtimeMs).toBeGreaterThan(
            since + 1000,
        );
    });

    test("holds a tag's last image also when it was pushed in the same second as the one before", async () => {
        const link = nas.v2("repositories/team/app/_manifests/tags/1/current/link");
        const time = Math.floor(Date.now() / 1000) - 60;
        fs.utimesSync(link, time, time);
        await nas.perform("backup");
        await nas.push("team/app", "1", "another");
        fs.utimesSync(link, time + 0.5, time + 0.5);
        await nas.perform("backup");
        const other = await another(shell ?? []);
        await other.perform("restore");
        expect(other.images()).toEqual(nas.images());
    });

    test("of a registry to which nothing was pushed is no failure", async () => {
        fs.rmSync(path.join(nas.files.data, "docker"), { recursive: true });
        done(await nas.perform("backup"), { result: "ok", said: containing("nothing was pushed yet") });
    });

    test("is refused with another password than the repository's, which is named", async () => {
        done(await nas.perform("backup"), { result: "ok" });
        nas.password = "another s3cret";
        done(await nas.perform("backup"), { result: "failed", said: containing("operations.backup.password") });
    });

    test("goes on after one that was killed: its lock does not keep old backups from being taken away", async () => {
        done(await nas.perform("backup"), { result: "ok" });
        await nas.push("team/app", "2", "two");
        const killed = spawn("sh", [nas.program(), "perform", "backup"], { detached: true, stdio: "ignore" });
        const locks = () => fs.readdirSync(path.join(nas.target, "locks")).filter((name) => !name.includes("tmp"));
        await expect.poll(() => locks().length, { timeout: 30_000, interval: 5 }).toBeGreaterThan(0);
        process.kill(-(killed.pid ?? 0), "SIGKILL");
        nas.killTool();
        const again = await nas.perform("backup");
        done(again, { result: "ok" });
        expect(locks()).toEqual([]);
    });

    test("takes away what is not to be kept also when it fails, since that may make room", async () => {
        nas.args = { ...nas.args, keepLast: 2, keepDaily: 0, keepWeekly: 0, keepMonthly: 0 };
        await nas.perform("backup");
        await nas.push("team/app", "2", "two");
        await nas.perform("backup");
        expect(fs.readdirSync(path.join(nas.target, "snapshots"))).toHaveLength(2);
        nas.args = { ...nas.args, keepLast: 1 };
        nas.wrap("restic", `case "$*" in *backup*) echo "no space left on device" >&2; exit 1 ;; esac`);
        done(await nas.perform("backup"), { result: "failed", said: containing("restic ended with 1") });
        expect(fs.readdirSync(path.join(nas.target, "snapshots"))).toHaveLength(1);
    });

    test.each([
        [3, "warning", "something could not be read"],
        [11, "failed", "locked by another program"],
        [42, "failed", "restic ended with 42"],
    ])("when restic ends with %d is a %s", async (code, result, said) => {
        nas.wrap("restic", `case "$*" in *backup*) restic.real "$@"; exit ${code} ;; esac`);
        done(await nas.perform("backup"), { result, said: containing(said) });
    });

    describe("to a directory", () => {
        test("makes it for the containers' user alone", async () => {
            done(await nas.perform("backup"), { result: "ok" });
            expect(fs.statSync(nas.target)).toMatchObject({ uid: owner });
            expect(fs.statSync(nas.target).mode & 0o777).toBe(0o700);
        });

        test("is refused when the disk is not plugged in, or another directory is in its place", async () => {
            await nas.perform("backup");
            fs.renameSync(nas.target, `${nas.target}.away`);
            done(await nas.perform("backup"), { result: "failed", said: containing("is not there") });
            expect(fs.existsSync(nas.target)).toBe(false);
            fs.mkdirSync(nas.target);
            fs.chownSync(nas.target, owner, owner);
            done(await nas.perform("backup"), { result: "failed", said: containing("--new-target") });
            expect(fs.readdirSync(nas.target)).toEqual([]);
            done(await nas.perform("backup", "new_target=yes"), { result: "ok" });
        });

        test("is refused where the parent is not there, or is a link", async () => {
            nas.args = { directory: nas.host.path("unplugged", "backup"), check: false };
            done(await nas.perform("backup"), { result: "failed", said: containing("plug in or mount its disk") });
            fs.symlinkSync(nas.host.path("usb"), nas.host.path("unplugged"));
            done(await nas.perform("backup"), { result: "failed", said: containing(nas.host.path("usb", "backup")) });
            expect(fs.readdirSync(nas.host.path("usb"))).toEqual([]);
        });

        test("is refused on the NAS's own disk when the images are elsewhere", async () => {
            nas.mounts = `tmpfs ${nas.files.share} ext4 rw 0 0\\nnone / ext4 rw 0 0`;
            done(await nas.perform("backup"), { result: "failed", said: containing("is on no disk for data") });
            expect(fs.existsSync(nas.target)).toBe(false);
        });

        test("is refused in the images' directory, around it, and where something else is", async () => {
            for (const [directory, said] of [
                [path.join(nas.files.data, "backup"), "one in the other"],
                [nas.files.share, "one in the other"],
                [nas.host.path("home"), "something else than backups"],
            ] as const) {
                fs.writeFileSync(nas.host.path("home", "mine"), "");
                fs.chownSync(nas.host.path("home"), owner, owner);
                nas.args = { directory, check: false };
                done(await nas.perform("backup"), { result: "failed", said: containing(said) });
            }
        });

        test.each([
            ["the directory was given to the containers' user", () => fs.mkdirSync(nas.target, { mode: 0o700 })],
            [
                "the mark in it had its name",
                () => {
                    fs.mkdirSync(nas.target, { mode: 0o700 });
                    fs.writeFileSync(path.join(nas.target, ".nas-registry-backup.new"), "");
                    for (const name of ["", ".nas-registry-backup.new"]) {
                        fs.chownSync(path.join(nas.target, name), owner, owner);
                    }
                },
            ],
        ])("goes on where one was killed before %s", async (_, leave) => {
            leave();
            done(await nas.perform("backup"), { result: "ok" });
            expect(fs.statSync(nas.target)).toMatchObject({ uid: owner });
            expect(fs.readdirSync(nas.target)).not.toContain(".nas-registry-backup.new");
        });

        test("says so when the containers' user cannot write there", async () => {
            fs.mkdirSync(nas.target, { mode: 0o755 });
            done(await nas.perform("backup"), {
                result: "failed",
                said: containing(`user ${owner} cannot write there`),
            });
        });
    });
});

describe("a backup to a server", () => {
    const [, shell] = shells[0] ?? [];
    const secret = "s3cret of the server";
    let server: ChildProcess;
    afterEach(() => server.kill());

    async function serve(port: number, program: string, args: string[], env = {}): Promise<void> {
        server = spawn(program, args, { env: { PATH: process.env.PATH, ...env }, stdio: "ignore" });
        await expect.poll(() => answers(port), { timeout: 20_000 }).toBe(true);
    }

    test("that has but a key of a repository says what to do, and deletes nothing", async () => {
        nas = await BackupNas.make(shell ?? []);
        const place = nas.host.path("server");
        writeQuickRepository(place);
        fs.rmSync(path.join(place, "config"));
        const keys = fs.readdirSync(path.join(place, "keys"));
        const port = await freePort();
        await serve(port, await ensureRestServer(), ["--no-auth", "--path", place, "--listen", `127.0.0.1:${port}`]);
        nas.args = { rest: { url: `http://127.0.0.1:${port}/` } };
        await nas.push("team/app", "1", "one");
        done(await nas.perform("backup"), { result: "failed", said: containing("delete 'keys' there") });
        // There was a backup once.
        const known = path.join(nas.files.control, "operations/backup-repository");
        fs.writeFileSync(known, `'rest:http://127.0.0.1:${port}/'\n`);
        done(await nas.perform("backup"), { result: "failed", said: containing("has lost its file 'config'") });
        expect(fs.readdirSync(path.join(place, "keys"))).toEqual(keys);
    });

    test.each(["rest", "s3"] as const)(
        "of kind %s comes back from there, and its password is on no command line",
        async (kind) => {
            nas = await BackupNas.make(shell ?? []);
            const place = nas.host.path("server");
            fs.mkdirSync(path.join(place, "bucket"), { recursive: true });
            const port = await freePort();
            if (kind === "rest") {
                const hash = createHash("sha1").update(secret).digest("base64");
                fs.writeFileSync(path.join(place, ".htpasswd"), `nas:{SHA}${hash}\n`);
                // The other kind begins a repository as it is.
                writeQuickRepository(path.join(place, "one"));
                await serve(port, await ensureRestServer(), ["--path", place, "--listen", `127.0.0.1:${port}`]);
                nas.args = { rest: { url: `http://127.0.0.1:${port}/one`, username: "nas", password: secret } };
            } else {
                const env = { ROOT_ACCESS_KEY: "nas", ROOT_SECRET_KEY: secret };
                await serve(port, await ensureObjectStore(), ["--port", `127.0.0.1:${port}`, "posix", place], env);
                const endpoint = `http://127.0.0.1:${port}`;
                nas.args = { s3: { endpoint, bucket: "bucket", prefix: "one", accessKey: "nas", secretKey: secret } };
            }
            await nas.push("team/app", "1", "one");
            done(await nas.perform("backup"), { result: "ok" });
            done(await nas.perform("backup"), { result: "ok", said: containing("nothing has changed since") });
            const other = await another(shell ?? []);
            done(await other.perform("restore"), { result: "ok" });
            expect(other.images()).toEqual(nas.images());
            for (const name of fs.readdirSync(place, { recursive: true, encoding: "utf8" })) {
                if (/snapshots\/[0-9a-f]{64}$/.test(name)) fs.rmSync(path.join(place, name));
            }
            done(await nas.perform("backup"), { result: "ok", said: containing("backed up") });
        },
    );
});
