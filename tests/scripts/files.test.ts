import * as fs from "node:fs";
import * as net from "node:net";
import * as path from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { ScriptHost, shells } from "./shells";

const scripts = ["nas/current.sh", "nas/files.sh"];

function contents(files: Record<string, string>): Record<string, string> {
    return {
        files: Object.keys(files).join(" "),
        ...Object.fromEntries(
            Object.entries(files).map(([name, text]) => [`file_${name.replaceAll(/[/.-]/g, "_")}`, text]),
        ),
    };
}

describe.each(shells)("data and configuration under %s", (_, shell) => {
    let host: ScriptHost;
    let values: Record<string, string>;
    beforeEach(() => {
        host = new ScriptHost(shell);
        values = {
            data_directory: host.path("share", "registry-data"),
            config_directory: host.path("share", "registry-config"),
            owner: `${process.getuid?.()}:${process.getgid?.()}`,
            data_directory_change: "refuse",
            docker: host.path("docker"),
            docker_env: "",
            container_name: "registry",
            ports: "0.0.0.0:9",
            owner_label: "project/stack",
            component: "registry",
            ...contents({
                "registry/config.yml": "version: 0.1\n",
                "registry/htpasswd": "admin:$2b$05$abc'def\n",
                "registry/certificate.pem": "CERTIFICATE\n",
                "registry/private-key.pem": "KEY\n",
                "redis/redis.conf": 'save ""\n',
            }),
        };
        engine("");
    });
    afterEach(() => host.remove());

    /** Puts a docker command in place that answers what `answers`, the branches of a case over its arguments, say. */
    const engine = (answers: string) => {
        const script = `#!/bin/sh\ncase "$*" in\n${answers}\n*) ;;\nesac\n`;
        fs.writeFileSync(host.path("docker"), script, { mode: 0o755 });
    };
    /** An engine on which this component's registry keeps its images in `directory`. */
    const servesFrom = (directory: string) => engine(`ps*owner*name=*) echo 1234 ;;\ninspect*) echo "${directory}" ;;`);
    const image = (...names: string[]) => {
        const directory = host.path("share", ...names, "docker", "registry", "v2");
        fs.mkdirSync(directory, { recursive: true });
        fs.writeFileSync(path.join(directory, "image"), "precious");
    };
    const refused = async (changed: Record<string, string>) => {
        const { code, stderr } = await host.run(scripts, { ...values, ...changed }, "apply");
        expect(code).toBe(1);
        expect(fs.existsSync(host.path("share", "registry-config"))).toBe(false);
        return stderr;
    };
    const run = async (action: "apply" | "revert", changed = {}) => {
        expect(await host.run(scripts, { ...values, ...changed }, action)).toEqual({
            code: 0,
            stdout: "",
            stderr: "",
        });
    };
    const mode = (...names: string[]) => fs.statSync(host.path("share", ...names)).mode & 0o777;

    test("only the owner can read the secrets", async () => {
        await run("apply");
        expect(mode("registry-data")).toBe(0o700);
        expect(mode("registry-config")).toBe(0o700);
        for (const name of ["config.yml", "htpasswd", "certificate.pem", "private-key.pem"]) {
            expect(mode("registry-config", "registry", name)).toBe(0o600);
        }
        expect(mode("registry-config", "redis", "redis.conf")).toBe(0o600);
    });

    test("the text arrives as it is, quotes included", async () => {
        await run("apply");
        expect(fs.readFileSync(host.path("share", "registry-config", "registry", "htpasswd"), "utf8")).toBe(
            values.file_registry_htpasswd,
        );
    });

    test("Redis does not see the registry's key", async () => {
        await run("apply");
        expect(fs.readdirSync(host.path("share", "registry-config", "redis"))).toEqual(["redis.conf"]);
    });

    test("a changed user is a new file, and the rest is left alone", async () => {
        await run("apply");
        const config = fs.statSync(host.path("share", "registry-config", "registry", "config.yml"));
        await run("apply", { file_registry_htpasswd: "other:hash\n" });
        expect(fs.readFileSync(host.path("share", "registry-config", "registry", "htpasswd"), "utf8")).toBe(
            "other:hash\n",
        );
        expect(fs.statSync(host.path("share", "registry-config", "registry", "config.yml"))).toMatchObject({
            ino: config.ino,
            mtimeMs: config.mtimeMs,
        });
    });

    test("revert leaves the data, and nothing else", async () => {
        await run("apply");
        fs.writeFileSync(host.path("share", "registry-data", "image"), "precious");
        await run("revert");
        expect(fs.readdirSync(host.path("share"))).toEqual(["registry-data"]);
        expect(fs.readFileSync(host.path("share", "registry-data", "image"), "utf8")).toBe("precious");
    });

    test("a file that somebody put there stays", async () => {
        await run("apply");
        fs.writeFileSync(host.path("share", "registry-config", "notes.txt"), "mine");
        await run("revert");
        expect(fs.readdirSync(host.path("share", "registry-config"))).toEqual(["notes.txt"]);
    });

    test("a data directory that exists keeps its mode", async () => {
        fs.mkdirSync(host.path("share", "registry-data"), { recursive: true });
        fs.chmodSync(host.path("share", "registry-data"), 0o750);
        await run("apply");
        expect(mode("registry-data")).toBe(0o750);
    });

    test("a path that cannot be made names the setting", async () => {
        fs.writeFileSync(host.path("share"), "a file");
        const { code, stderr } = await host.run(scripts, values, "apply");
        expect(code).toBe(1);
        expect(stderr).toContain("dataDirectory:");
    });

    test("a file that is no longer part of the configuration goes", async () => {
        await run("apply");
        await run("apply", contents({ "registry/config.yml": "version: 0.1\n" }));
        expect(fs.readdirSync(host.path("share", "registry-config", "registry"))).toEqual(["config.yml"]);
        expect(fs.readdirSync(host.path("share", "registry-config", "redis"))).toEqual([]);
    });

    test("images that are kept elsewhere need no data directory", async () => {
        await run("apply", { data_directory: "" });
        expect(fs.readdirSync(host.path("share"))).toEqual(["registry-config"]);
    });

    describe("what is in the way is refused before anything is made", () => {
        test("a container of somebody else's", async () => {
            engine(`ps*owner*) ;;\nps*registry-redis*) echo 99 ;;`);
            expect(await refused({})).toContain("a container named 'registry-redis' exists on this NAS");
        });

        test.each(["0.0.0.0", "127.0.0.1"])("a port on %s that something listens on", async (address) => {
            const server = net.createServer().listen(0, "127.0.0.1");
            await new Promise((resolve) => server.once("listening", resolve));
            const { port } = server.address() as net.AddressInfo;
            expect(await refused({ ports: `${address}:${port}` })).toContain(`port: ${port} is already in use`);
            await run("apply", { ports: `127.0.0.9:${port}` });
            engine("ps*publish*) echo 1234 ;;");
            await run("apply", { ports: `${address}:${port}` });
            server.close();
        });

        test("images of manifest schema 1", async () => {
            const v2 = host.path("share", "registry-data", "docker", "registry", "v2");
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
            expect(await refused({})).toContain("cannot read: team/app@sha256:ab01 (at most five");
        });
    });

    describe("another data directory", () => {
        const other = () => ({ data_directory: host.path("share", "new") });

        test("is refused while the images are in the old one", async () => {
            image("old");
            servesFrom(host.path("share", "old"));
            expect(await refused(other())).toMatch(/dataDirectory: the images are in '.*old' and not in '.*new'/);
        });

        test("gets the images by a rename when asked to", async () => {
            image("old");
            servesFrom(host.path("share", "old"));
            const { ino } = fs.statSync(host.path("share", "old"));
            await run("apply", { ...other(), data_directory_change: "move" });
            expect(fs.statSync(host.path("share", "new")).ino).toBe(ino);
            expect(fs.readFileSync(host.path("share", "new/docker/registry/v2/image"), "utf8")).toBe("precious");
            expect(fs.readdirSync(host.path("share", "new"))).toEqual(["docker"]);
        });

        test("leaves the images where they are when asked to", async () => {
            image("old");
            servesFrom(host.path("share", "old"));
            await run("apply", { ...other(), data_directory_change: "leave" });
            expect(fs.readdirSync(host.path("share", "new"))).toEqual([]);
            expect(fs.existsSync(host.path("share", "old/docker/registry/v2/image"))).toBe(true);
        });

        test("is taken when somebody has copied the images", async () => {
            image("old");
            image("new");
            servesFrom(host.path("share", "old"));
            await run("apply", other());
        });
    });
});
