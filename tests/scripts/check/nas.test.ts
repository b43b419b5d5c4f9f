import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as path from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { ScriptValues } from "../../../components/nas/script";
import { RegistryFiles } from "../registryFiles";
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

    test("a container of a trial that was killed is found, and an update removes it, also where no registry runs", async () => {
        fs.writeFileSync(host.path("left"), "");
        const left = `'${host.path("left")}'`;
        fs.writeFileSync(
            host.path("docker"),
            `#!/bin/sh\ncase "$*" in "ps "*/registry-trial*--all) [ ! -e ${left} ] || echo 1234 ;; "rm --force 1234") rm ${left} ;; esac\n`,
            { mode: 0o755 },
        );
        const values = {
            ...{ docker: host.path("docker"), sudo: "", docker_env: "", container_name: "registry" },
            ...{ component: "registry", owner_label: "home/dev" },
        };
        const check = async () => said(await host.run(["registry/trial.sh"], values, "check"));
        expect(await check()).toEqual(["the container 'registry-trial' is left, of an 'up' that was killed"]);
        await applied(["registry/trial.sh"], values);
        expect([fs.existsSync(host.path("left")), await check()]).toEqual([false, []]);
    });

    describe("data and configuration", () => {
        let nas: RegistryFiles;
        beforeEach(() => {
            nas = new RegistryFiles(host);
        });
        const applyFiles = async () => {
            await nas.run("apply");
            return async () => said(await nas.script("check"));
        };
        const file = (name: string) => path.join(nas.control, name);

        test("are well after apply, and stay as they are", async () => {
            const check = await applyFiles();
            const before = snapshot(host.path("volume"));
            expect(await check()).toEqual([]);
            expect(snapshot(host.path("volume"))).toEqual(before);
        });

        test("a file with another text is found by its name, and nothing of its text is said", async () => {
            const check = await applyFiles();
            fs.writeFileSync(file("registry/htpasswd"), "admin:secret'hash");
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

        test("a configuration that others can change is found", async () => {
            const check = await applyFiles();
            fs.chmodSync(nas.control, 0o777);
            expect(await check()).toEqual([
                `others than root can change '${nas.control}', and with it the registry's configuration`,
            ]);
        });

        test("a record of the data directory that is gone is found", async () => {
            const check = await applyFiles();
            fs.rmSync(file("data-record"));
            expect(await check()).toEqual([expect.stringContaining(`is marked as another registry's`)]);
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

        const smokeTest = (verb: "apply" | "check", changed: ScriptValues = {}) => {
            const values = {
                ...{ docker: host.path("docker"), sudo: "", docker_env: "", scheme: "http", auth: "none" },
                ...{
                    authority: "registry.lan:5000",
                    address: "127.0.0.1",
                    port: (server.address() as AddressInfo).port,
                },
                ...{ username: "", password: "", ca_certificate: "", owner: "0:0", data_directory: "" },
                ...{ oldest_version: "3.1.1", registry_container: "registry", cache: "inmemory", seconds: 600 },
                ...{ pids_limit: "", redis_container: "", redis_pids_limit: "" },
                ...changed,
            };
            return host.run(["registry/smoke.sh"], values, verb);
        };
        const check = async (changed: ScriptValues = {}) => said(await smokeTest("check", changed));

        test("a registry that serves is well", async () => {
            expect(await check()).toEqual([]);
        });

        describe("a registry that the engine has given up, since its folder was locked when the NAS started", () => {
            const engine = (start: string) =>
                fs.writeFileSync(
                    host.path("docker"),
                    `#!/bin/sh\ncase "$1" in inspect) echo exited ;; start) ${start} ;; esac\n`,
                    { mode: 0o755 },
                );
            const started = () => fs.readFileSync(host.path("started"), "utf8");

            test("is started again by an update, with its cache before it, and by no check", async () => {
                engine(`echo "$2" >>'${host.path("started")}'`);
                expect(await check({ redis_container: "redis" })).toEqual([]);
                expect(fs.existsSync(host.path("started"))).toBe(false);
                expect(await smokeTest("apply", { redis_container: "redis" })).toMatchObject({ code: 0, stderr: "" });
                expect(started()).toBe("redis\nregistry\n");
            });

            test("that does not start is told of, with the engine's reason", async () => {
                engine('echo "bind source path does not exist" >&2; exit 1');
                expect(await smokeTest("apply")).toMatchObject({
                    code: 1,
                    stderr: "bind source path does not exist\nnas-registry: the container 'registry' does not start, and the reason stands above: mount or unlock what holds its directories, and run 'up' again.\n",
                });
            });
        });

        test("one whose processes are not limited is found", async () => {
            expect(await check({ pids_limit: 1024 })).toEqual([
                "pidsLimit: the container 'registry' has a limit of a line of the log processes and not of 1024.",
            ]);
        });

        test("one that lets nobody in is found, without its log", async () => {
            status = 500;
            expect(await check()).toEqual([
                "http://registry.lan:5000/v2/_catalog without a password answered 500 and not 200",
            ]);
        });

        test("one that does not answer is found within seconds", async () => {
            expect(await check({ port: 1 })).toEqual([
                "the registry does not answer on http://registry.lan:5000/ (tried 127.0.0.1: status 000)",
            ]);
        });
    });
});
