import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as path from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { ScriptValues } from "../../../components/nas/script";
import { ScriptHost, shells } from "../shells";
import { said, snapshot } from "./said";

describe.each(shells)("check under %s:", (_, shell) => {
    let host: ScriptHost;
    beforeEach(() => {
        host = new ScriptHost(shell);
    });
    afterEach(() => host.remove());

    /** A script that was applied, and may have met somebody since. */
    const applied = async (files: string[], values: ScriptValues) => {
        expect(await host.run(files, values, "apply")).toMatchObject({ code: 0, stderr: "" });
        return async () => said(await host.run(files, values, "check"));
    };

    describe("authorized_keys", () => {
        const values = {
            public_key: "ssh-ed25519 AAAA",
            marker: "nas-registry:0123456789ab",
            forced_command: "/usr/local/bin/docker system dial-stdio",
        };
        const file = () => path.join(host.home, ".ssh", "authorized_keys");

        test("is well after apply, and stays as it is", async () => {
            const check = await applied(["nas/transport.sh"], values);
            const before = snapshot(host.directory);
            expect(await check()).toEqual([]);
            expect(snapshot(host.directory)).toEqual(before);
        });

        test("without our line is found", async () => {
            const check = await applied(["nas/transport.sh"], values);
            fs.writeFileSync(file(), "ssh-rsa AAAA somebody\n");
            expect(await check()).toEqual([`'${file()}' has no line that lets this stack reach the Docker Engine`]);
        });

        test("with our key and another command is found", async () => {
            const check = await applied(["nas/transport.sh"], values);
            fs.writeFileSync(file(), fs.readFileSync(file(), "utf8").replace("/usr/local", "/opt"));
            expect(await check()).toHaveLength(1);
        });

        test("that is gone with its directory is found, and not made", async () => {
            const check = await applied(["nas/transport.sh"], values);
            fs.rmSync(path.dirname(file()), { recursive: true });
            expect(await check()).toHaveLength(1);
            expect(fs.readdirSync(host.home)).toEqual([]);
        });

        test("is looked at while another script has the lock", async () => {
            const check = await applied(["nas/transport.sh"], values);
            const lock = host.path(`nas-registry-authorized-keys-${process.getuid?.()}.lock`);
            fs.symlinkSync(`${process.pid}:0`, lock);
            expect(await check()).toEqual([]);
            expect(fs.readlinkSync(lock)).toBe(`${process.pid}:0`);
        });
    });

    describe("data and configuration", () => {
        const values = () => ({
            data_directory: host.path("my share", "data"),
            config_directory: host.path("my share", "config"),
            owner: `${process.getuid?.()}:${process.getgid?.()}`,
            ...{ data_directory_change: "refuse", docker: host.path("docker"), docker_env: "" },
            ...{ container_name: "registry", ports: "", owner_label: "project/stack", component: "registry" },
            files: "registry/config.yml registry/htpasswd",
            file_registry_config_yml: "version: 0.1\n\n",
            file_registry_htpasswd: "admin:secret'hash",
        });
        const applyFiles = () => {
            fs.writeFileSync(host.path("docker"), "#!/bin/sh\n", { mode: 0o755 });
            return applied(["nas/current.sh", "nas/files.sh"], values());
        };
        const file = (name: string) => path.join(values().config_directory, name);

        test("are well after apply, and stay as they are", async () => {
            const check = await applyFiles();
            const before = snapshot(host.path("my share"));
            expect(await check()).toEqual([]);
            expect(snapshot(host.path("my share"))).toEqual(before);
        });

        test("a file with another text is found by its name, and nothing of its text is said", async () => {
            const check = await applyFiles();
            fs.writeFileSync(file("registry/htpasswd"), "admin:secret'hash\n");
            expect(await check()).toEqual([`'${file("registry/htpasswd")}' is not what this stack wrote`]);
        });

        test("a file that is gone is found", async () => {
            const check = await applyFiles();
            fs.rmSync(file("registry/config.yml"));
            expect(await check()).toEqual([`'${file("registry/config.yml")}' is gone`]);
        });

        test("a file that this stack took away and that is back is found", async () => {
            const check = await applyFiles();
            fs.writeFileSync(file("registry/token-jwks.json"), "{}");
            expect(await check()).toEqual([
                `'${file("registry/token-jwks.json")}' is there, which this stack does not have`,
            ]);
        });

        test("a data directory that is gone is found", async () => {
            const check = await applyFiles();
            fs.rmSync(values().data_directory, { recursive: true });
            expect(await check()).toEqual([`the directory '${values().data_directory}' is gone`]);
        });
    });

    describe("smoke test", () => {
        let server: http.Server;
        let status: number;
        beforeEach(async () => {
            status = 200;
            server = http.createServer((request, response) => {
                response.statusCode = request.url === "/" ? 200 : status;
                response.end();
            });
            await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
            fs.writeFileSync(host.path("docker"), "#!/bin/sh\necho 'a line of the log'\n", { mode: 0o755 });
        });
        afterEach(() => server.close());

        const check = async (changed: ScriptValues = {}) => {
            const values = {
                ...{ docker: host.path("docker"), sudo: "", docker_env: "", scheme: "http", auth: "none" },
                ...{
                    authority: "registry.lan:5000",
                    address: "127.0.0.1",
                    port: (server.address() as AddressInfo).port,
                },
                ...{ username: "", password: "", ca_certificate: "", owner: "0:0", data_directory: "" },
                ...{ oldest_version: "3.1.1", registry_container: "registry", cache: "inmemory", attempts: 600 },
                ...changed,
            };
            return said(await host.run(["registry/smoke.sh"], values, "check"));
        };

        test("a registry that serves is well", async () => {
            expect(await check()).toEqual([]);
        });

        test("one that lets nobody in is found, without its log", async () => {
            status = 500;
            expect(await check()).toEqual([
                "http://registry.lan:5000/v2/_catalog without a password answered 500 and not 200",
            ]);
        });

        test("one that does not answer is found within seconds", async () => {
            expect(await check({ port: 1 })).toEqual([
                "the registry does not answer on http://registry.lan:5000/ (status 000)",
            ]);
        });
    });
});
