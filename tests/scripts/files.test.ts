import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as net from "node:net";
import * as path from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { contents, give, owner, RegistryFiles } from "./registryFiles";
import { ScriptHost, shells } from "./shells";

const isRoot = process.getuid?.() === 0;

describe.each(shells)("the files of a registry under %s", (_, shell) => {
    let host: ScriptHost;
    let nas: RegistryFiles;
    beforeEach(() => {
        host = new ScriptHost(shell);
        nas = new RegistryFiles(host);
    });
    afterEach(() => host.remove());

    const inControl = (...names: string[]) => path.join(nas.control, ...names);
    const rights = (file: string) => {
        const { mode, uid, gid } = fs.statSync(file);
        return { mode: (mode & 0o777).toString(8), uid, gid };
    };

    test("are readable for the containers' user, and writable for root alone", async () => {
        await nas.run("apply");
        const [mode, directoryMode] = isRoot ? ["640", "750"] : ["600", "700"];
        const readable = { uid: process.getuid?.(), gid: isRoot ? owner : process.getgid?.() };
        for (const name of ["config.yml", "htpasswd", "certificate.pem", "private-key.pem", "data-mark"]) {
            expect(rights(inControl("registry", name))).toEqual({ mode, ...readable });
        }
        expect(rights(inControl("redis", "redis.conf"))).toEqual({ mode, ...readable });
        for (const name of ["registry", "redis"]) {
            expect(rights(inControl(name))).toEqual({ mode: directoryMode, ...readable });
        }
        expect(rights(inControl("run"))).toMatchObject({ mode: "700", uid: owner });
        expect(rights(inControl("data-record")).mode).toBe("600");
    });

    test("have the text that was given, quotes included", async () => {
        await nas.run("apply");
        expect(fs.readFileSync(inControl("registry", "htpasswd"), "utf8")).toBe(nas.values.file_registry_htpasswd);
    });

    test("of Redis are apart from the registry's key", async () => {
        await nas.run("apply");
        expect(fs.readdirSync(inControl("redis"))).toEqual(["redis.conf"]);
    });

    test("that did not change are left alone", async () => {
        await nas.run("apply");
        const config = fs.statSync(inControl("registry", "config.yml"));
        await nas.run("apply", { file_registry_htpasswd: "other:hash\n" });
        expect(fs.readFileSync(inControl("registry", "htpasswd"), "utf8")).toBe("other:hash\n");
        const { ino, mtimeMs } = config;
        expect(fs.statSync(inControl("registry", "config.yml"))).toMatchObject({ ino, mtimeMs });
    });

    test("get back their rights", async () => {
        await nas.run("apply");
        fs.chmodSync(inControl("registry", "private-key.pem"), 0o644);
        await nas.run("apply");
        expect(rights(inControl("registry", "private-key.pem")).mode).toBe(isRoot ? "640" : "600");
    });

    test("that are no longer part of the configuration go, and what a killed script has left of them", async () => {
        await nas.run("apply");
        fs.writeFileSync(inControl("registry", "private-key.pem.Ab12Cd"), "KEY");
        await nas.run("apply", contents({ "registry/config.yml": "version: 0.1\n" }));
        expect(fs.readdirSync(inControl("registry")).sort()).toEqual(["config.yml", "data-mark"]);
        expect(fs.readdirSync(inControl("redis"))).toEqual([]);
    });

    test("are taken back whole, and the images stay", async () => {
        await nas.run("apply");
        const image = nas.images();
        await nas.run("revert");
        expect(fs.readdirSync(host.path("volume"))).toEqual(["share"]);
        expect(fs.readdirSync(nas.data)).toEqual(["docker"]);
        expect(fs.readFileSync(image, "utf8")).toBe("precious");
    });

    describe("are taken back with the containers that read them", () => {
        const asked = () => fs.readFileSync(host.path("asked"), "utf8").trim().split("\n");
        /** An engine that has two containers of these files and their network, which one of another stack has joined or not. */
        const engine = (others: string) =>
            nas.engine(`
ps*volume=${nas.control}/registry*volume=${nas.control}/redis*) printf 'c1\\nc2\\n' ;;
ps*network=n1*) printf '${others}' ;;
"network ls"*owner=project/stack*name=^registry\\$*) echo n1 ;;
stop* | rm* | "network rm"*) echo "$*" >>${host.path("asked")} ;;`);

        test("and their network, and before them", async () => {
            await nas.run("apply");
            engine("");
            await nas.run("revert");
            expect(asked()).toEqual(["stop c1 c2", "rm --force --volumes c1 c2", "network rm n1"]);
        });

        test("but for a network with another registry's files, after a change of the volume", async () => {
            await nas.run("apply");
            engine("c3");
            await nas.run("revert");
            expect(asked()).toEqual(["stop c1 c2", "rm --force --volumes c1 c2"]);
        });

        test.each([
            [
                '"network ls"*) echo n1 ;;\n"network rm"*) exit 1 ;;',
                "the network 'registry' has containers that this stack did not",
            ],
            ["ps*) exit 1 ;;", "Docker on this NAS does not answer"],
            ["ps*) echo c1 ;;\nstop*) exit 1 ;;", ""],
        ])("and stay when those do: %s", async (answers, said) => {
            await nas.run("apply");
            nas.engine(answers);
            const { code, stderr } = await nas.script("revert");
            expect([code, stderr]).toEqual([1, expect.stringContaining(said)]);
            expect(fs.existsSync(inControl("registry", "config.yml"))).toBe(true);
        });
    });

    describe("come with a network", () => {
        const asked = () => fs.readFileSync(host.path("asked"), "utf8").trim().split("\n");
        /** An engine with networks of the registry's name: this stack's, and any; and what of this stack is in its own. */
        const engine = (ours: string, all: string, joined = "") =>
            nas.engine(`
"network ls"*owner=project/stack*) printf '${ours}' ;;
"network ls"*name=^registry\\$*) printf '${all}' ;;
ps*network=n1*) printf '${joined}' ;;
"network "*) echo "$*" >>${host.path("asked")} ;;`);
        const found = async () => (await nas.script("check")).stdout.trim();
        const create =
            "network create --driver bridge --label nas-registry.owner=project/stack --label nas-registry.component=registry registry";

        beforeEach(() => fs.writeFileSync(host.path("asked"), ""));

        test("that is made once, and missed when it is gone", async () => {
            engine("", "");
            await nas.run("apply");
            expect(asked()).toEqual([create]);
            expect(await found()).toBe("the network 'registry' is gone");
            engine("n1", "n1");
            await nas.run("apply");
            expect(asked()).toEqual([create]);
            expect(await found()).toBe("");
        });

        test("which an engine that does not answer does not make a finding", async () => {
            await nas.run("apply");
            nas.engine("*) exit 1 ;;");
            expect(await found()).toBe("");
        });

        test("unless somebody else's has its name: then nothing is written", async () => {
            engine("", "n2");
            expect(await nas.refused()).toContain(
                "a network named 'registry' exists on this NAS that this stack did not",
            );
            expect(asked()).toEqual([""]);
        });

        test("but in the NAS's own, where an earlier one goes as soon as none of this stack is in it", async () => {
            engine("n1", "n1", "c1");
            await nas.run("apply", { network: "" });
            expect(asked()).toEqual([""]);
            engine("n1", "n1");
            await nas.run("apply", { network: "" });
            expect(asked()).toEqual(["network rm n1"]);
            nas.engine(`"network ls"*) echo n1 ;;\n"network rm"*) echo "has active endpoints" >&2; exit 1 ;;`);
            await nas.run("apply", { network: "" });
        });
    });

    test("are taken back without what somebody put there", async () => {
        await nas.run("apply");
        fs.writeFileSync(inControl("notes.txt"), "mine");
        await nas.run("revert");
        expect(fs.readdirSync(nas.control)).toEqual(["notes.txt"]);
    });

    test("need no data directory when images are kept elsewhere", async () => {
        await nas.run("apply", { data_directory: "" });
        expect(fs.readdirSync(nas.share)).toEqual([]);
        expect(fs.existsSync(inControl("registry", "data-mark"))).toBe(false);
    });

    describe("are not put where others than root could change them", () => {
        test("a control directory that everybody can write in", async () => {
            await nas.run("apply");
            fs.chmodSync(nas.control, 0o777);
            expect(await nas.refused()).toContain(`'${nas.control}' on this NAS is not a directory that only root can`);
        });

        test.each(["volume", "."])("a parent that everybody can write in: %s", async (parent) => {
            fs.chmodSync(host.path(parent), 0o777);
            expect(await nas.refused()).toContain(`run 'chown root ${host.path(parent)}'`);
        });

        test("unless the vendor itself runs programs from there", async () => {
            fs.chmodSync(host.path("volume"), 0o777);
            await nas.run("apply", { vendor_ground: host.path("volume") });
        });

        test("a control directory that is a link", async () => {
            fs.mkdirSync(host.path("elsewhere"));
            fs.mkdirSync(path.dirname(nas.control));
            fs.symlinkSync(host.path("elsewhere"), nas.control);
            expect(await nas.refused()).toContain(nas.control);
            expect(fs.readdirSync(host.path("elsewhere"))).toEqual([]);
        });

        test.runIf(isRoot)("a parent of another user's", async () => {
            fs.chownSync(host.path("volume"), 1027, 100);
            expect(await nas.refused()).toContain(host.path("volume"));
        });

        test("a directory in place of a file is said", async () => {
            await nas.run("apply");
            fs.rmSync(inControl("registry", "htpasswd"));
            fs.mkdirSync(inControl("registry", "htpasswd"));
            const { code, stderr } = await nas.script("apply");
            expect(code).toBe(1);
            expect(stderr).toContain(`'${inControl("registry", "htpasswd")}' on this NAS is a directory`);
        });

        test("a FIFO in place of a file is replaced, and keeps nobody waiting", async () => {
            await nas.run("apply");
            fs.rmSync(inControl("registry", "htpasswd"));
            execFileSync("mkfifo", [inControl("registry", "htpasswd")]);
            await nas.run("apply");
            expect(fs.lstatSync(inControl("registry", "htpasswd")).isFile()).toBe(true);
        });

        test("a link in place of a file is replaced, and what it leads to stays", async () => {
            await nas.run("apply");
            fs.writeFileSync(host.path("system"), "system");
            fs.rmSync(inControl("registry", "htpasswd"));
            fs.symlinkSync(host.path("system"), inControl("registry", "htpasswd"));
            await nas.run("apply");
            expect(fs.readFileSync(host.path("system"), "utf8")).toBe("system");
            expect(fs.lstatSync(inControl("registry", "htpasswd")).isFile()).toBe(true);
        });
    });

    describe("are not written while something is in the way:", () => {
        test("a container of somebody else's", async () => {
            nas.engine(`ps*Names*) echo registry-redis ;;`);
            expect(await nas.refused()).toContain("a container named 'registry-redis' exists on this NAS");
        });

        test.each([
            ["registry", "registry-operation"],
            ["registry-trial", "registry"],
        ])("for '%s' the registry '%s', since one has a name of what belongs to the other", async (name, other) => {
            const names = `ps*Names*) printf '%s\\n' another-${name} ${other} ;;`;
            nas.engine(
                `${names}\nps*component=registry*) ;;\nps*"/${other}\\$ --filter label=nas-registry.component") echo 99 ;;`,
            );
            expect(await nas.refused({ container_name: name })).toContain(
                `'${name}' and '${other}' cannot be two registries of one NAS`,
            );
            // One that is there already stays.
            nas.engine(
                `ps*Names*) printf '%s\\n' ${name} ${other} ;;\nps*"/${name}\\$"*) echo 98 ;;\nps*"/${other}\\$"*) echo 99 ;;`,
            );
            await nas.run("apply", { container_name: name });
        });

        test.each(["0.0.0.0", "127.0.0.1"])("a port on %s that something listens on", async (address) => {
            const server = net.createServer().listen(0, "127.0.0.1");
            await new Promise((resolve) => server.once("listening", resolve));
            const { port } = server.address() as net.AddressInfo;
            expect(await nas.refused({ ports: `${address}:${port}` })).toContain(`port: ${port} is already in use`);
            await nas.run("apply", { ports: `127.0.0.9:${port}` });
            nas.engine("ps*publish*) echo 1234 ;;");
            await nas.run("apply", { ports: `${address}:${port}` });
            server.close();
        });

        test("images of manifest schema 1", async () => {
            const v2 = path.join(nas.data, "docker", "registry", "v2");
            for (const [digest, version] of [
                ["ab01", 1],
                ["cd02", 2],
            ] as const) {
                const revision = path.join(v2, "repositories/team/app/_manifests/revisions/sha256", digest);
                const blob = path.join(v2, "blobs/sha256", digest.slice(0, 2), digest);
                fs.mkdirSync(revision, { recursive: true });
                fs.mkdirSync(blob, { recursive: true });
                fs.writeFileSync(path.join(revision, "link"), `sha256:${digest}`);
                fs.writeFileSync(path.join(blob, "data"), `{\n   "schemaVersion": ${version},\n   "name": "team/app"}`);
            }
            give(nas.data);
            expect(await nas.refused()).toContain("cannot read: team/app@sha256:ab01 (at most five");
        });
    });
});
