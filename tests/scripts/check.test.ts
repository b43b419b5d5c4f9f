import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as path from "node:path";

import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { reverseProxyRule } from "../../components/nas/reverseProxy";
import { renderScript, type ScriptValues } from "../../components/nas/script";
import { clientScripts } from "../../components/registryClient";
import { trustValues, type ClientTrust } from "../../components/trust/clientSetup";
import { issue, type Issued } from "../certificates";
import { ClientMachine } from "./clientMachine";
import { FakeNas, presentAwks } from "./daemon/nas";
import { FakeDsm } from "./dsm";
import { ScriptHost, shells } from "./shells";

/** What a check says: findings, or why it could not look. */
type Said = string[] | { problem: string };

const said = ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }): Said =>
    code === 0 && stderr === "" ? stdout.split("\n").filter(Boolean) : { problem: stderr };

/** Everything below a directory but what tests keep there, as text that can be compared. */
function snapshot(directory: string): Record<string, string> {
    const files = fs.readdirSync(directory, { recursive: true, encoding: "utf8" });
    return Object.fromEntries(
        files.map((name) => {
            const { mode, mtimeMs, ino } = fs.lstatSync(path.join(directory, name));
            return [name, `${mode} ${ino} ${fs.lstatSync(path.join(directory, name)).isFile() ? mtimeMs : ""}`];
        }),
    );
}

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

/** Each shell with an awk; all pairs would say nothing more. */
const combinations = shells.map(([shell, command], i): [string, string[], string[]] => {
    const [awk, awkCommand] = presentAwks[i % presentAwks.length] ?? ["", []];
    return [`${shell} with ${awk}`, command, awkCommand];
});

describe.each(combinations)("check of the daemon's configuration under %s:", (_, shell, awk) => {
    let nas: FakeNas;
    beforeEach(async () => {
        nas = new FakeNas(shell, awk);
        await nas.succeed("apply");
    });
    afterEach(() => nas.remove());

    const check = async () => said(await nas.run("check"));
    const without = (...keys: string[]) => {
        const kept = Object.entries(JSON.parse(nas.daemonFile) as object).filter(([key]) => !keys.includes(key));
        nas.write("dockerd.json", JSON.stringify(Object.fromEntries(kept)));
    };
    const notAsSet = (key: string) => `'${key}' in '${nas.path("dockerd.json")}' is not as this stack set it`;

    test("all is well after apply, and nothing is written or restarted", async () => {
        const before = snapshot(nas.directory);
        expect(await check()).toEqual([]);
        expect(snapshot(nas.directory)).toEqual(before);
        expect(nas.restarts).toBe(1);
    });

    test("settings that the file lost are found by their keys", async () => {
        without("registry-mirrors", "log-opts");
        expect(await check()).toEqual([notAsSet("registry-mirrors"), notAsSet("log-opts")]);
    });

    test("one entry of a list that is gone is found", async () => {
        nas.write("dockerd.json", nas.daemonFile.replace('"nas.local:5000",', ""));
        expect(await check()).toEqual([notAsSet("insecure-registries")]);
    });

    test("somebody else's keys are nothing to find", async () => {
        nas.write("dockerd.json", nas.daemonFile.replace("{", '{ "debug": true,'));
        expect(await check()).toEqual([]);
    });

    test("settings that the running daemon does not have are found, although the file has them", async () => {
        nas.write("docker-info", '{"driver":"json-file","registry":{"Mirrors":["https://mirror.local/"]}}');
        expect(await check()).toEqual([
            'the running Docker daemon does not have insecure-registries "nas.local:5000"',
            'the running Docker daemon does not have insecure-registries "10.0.0.0/8"',
        ]);
    });

    test("a daemon that does not answer is found", async () => {
        fs.rmSync(nas.path("docker-info"));
        expect(await check()).toEqual(["the Docker daemon does not answer"]);
    });

    test("a file that is gone is found", async () => {
        fs.rmSync(nas.path("dockerd.json"));
        expect(await check()).toEqual([`'${nas.path("dockerd.json")}' is gone`]);
    });

    test("a file that is no JSON is found", async () => {
        nas.write("dockerd.json", "{");
        expect(await check()).toEqual([expect.stringContaining("is not valid JSON")]);
    });

    test("the record of what was set, when another stack's says the same, is missed", async () => {
        await nas.succeed("apply", nas.values("two"));
        fs.rmSync(nas.path("dockerd.json.nas-registry", "one.record"));
        expect(await check()).toEqual([expect.stringMatching(/one\.record', the record of .* is gone$/)]);
    });

    test("an update that was cut off is found", async () => {
        nas.write("dockerd.json.nas-registry/restart-due", "");
        expect(await check()).toEqual(["an update was cut off in the middle"]);
    });

    test("while an update is at work, nothing is said about it", async () => {
        const began = fs.readFileSync(`/proc/${process.pid}/stat`, "utf8").replace(/.*\) /, "").split(" ")[19];
        fs.symlinkSync(`${process.pid}:${began}`, nas.path("dockerd.json.nas-registry.lock"));
        expect(await check()).toEqual({ problem: expect.stringContaining("look again when it has ended") as string });
    });

    test("a user who may not read it could not look", async () => {
        const { code, stderr } = await nas.run("check", nas.values("one", undefined, { uid: 1026 }));
        expect(code).toBe(1);
        expect(stderr).toContain("connection.user: ");
    });
});

// Each shell meets one DSM: what differs between the shells has nothing to do with what differs between those.
const forms = shells.map(([shell, command], index) => [shell, ["7.2", "6.2", "7.1"][index] ?? "7.2", command] as const);

describe.each(forms)("check under %s on DSM %s:", (_, dsm, shell) => {
    let host: ScriptHost;
    let fake: FakeDsm;
    beforeEach(async () => {
        host = new ScriptHost([...shell]);
        fake = await FakeDsm.start(host, dsm);
    });
    afterEach(() => {
        fake.close();
        host.remove();
    });

    const applied = async (files: string[], values: ScriptValues) => {
        expect(await host.run(files, values, "apply")).toMatchObject({ code: 0, stderr: "" });
        fake.changes();
        return async () => {
            const found = said(await host.run(files, values, "check"));
            expect(fake.changes()).toEqual([]);
            return found;
        };
    };

    describe("DSM's registry list", () => {
        const name = "nas-registry nas.home.lan 9160";
        const url = "https://nas.home.lan:9160";
        const values = () => ({
            ...{ synowebapi: fake.command, privilege: "root", name, url },
            ...{ trust: "true", username: "admin", steps: "  1. do it" },
        });
        const applyList = () => applied(["nas/dsm.sh", "nas/registryList.sh"], values());
        const call = (method: string, ...parameters: string[]) =>
            fake.call("SYNO.Docker.Registry", method, ...parameters);

        test("with our entry is well", async () => {
            expect(await (await applyList())()).toEqual([]);
        });

        test("without our entry is found", async () => {
            const check = await applyList();
            await call("delete", `name="${name}"`, `url="${url}"`);
            fake.changes();
            expect(await check()).toEqual([`DSM's registry list has no entry '${name}'`]);
        });

        test("with another user in our entry is found", async () => {
            const check = await applyList();
            const entry = [`name="${name}"`, `url="${url}"`, 'username="anna"', "enable_trust_SSC=true"];
            await call("set", `oldname="${name}"`, ...entry);
            fake.changes();
            expect(await check()).toEqual([`the entry '${name}' of DSM's registry list is not as this stack made it`]);
        });

        test("that DSM does not show could not be looked at", async () => {
            const check = await applyList();
            fake.behave(dsm, "105");
            expect(await check()).toEqual({
                problem: expect.stringContaining("does not show its registry list") as string,
            });
        });
    });

    describe("DSM's reverse proxy", () => {
        const host_name = "registry.home.lan";
        const description = "nas-registry home/dev/registry";
        let server: Issued;
        beforeAll(async () => {
            server = await issue(host_name, { names: [host_name] });
        });
        const applyProxy = () =>
            applied(["nas/dsm.sh", "nas/reverseProxy.sh"], {
                ...{ synowebapi: fake.command, privilege: "root", description, fingerprint: "0123456789ab", host_name },
                rule: JSON.stringify(reverseProxyRule(description, host_name, 9160)),
                ...{ certificate: server.certificate, chain: "", private_key: server.privateKey, front: fake.front },
                ...{ attempts: 5, steps_directory: host.path("steps"), apply_steps: "", revert_steps: "" },
            });
        const uuid = () => fake.rules()[0]?.UUID;
        const missingRule = `DSM has no reverse proxy rule '${description}'`;
        const anotherCertificate = `DSM's web server shows another certificate for https://${host_name}`;

        test("with rule and certificate is well, also where DSM shows nothing and serves", async () => {
            const check = await applyProxy();
            expect(await check()).toEqual([]);
            fake.behave(dsm, "105");
            expect(await check()).toEqual([]);
        });

        test("without our rule is found", async () => {
            const check = await applyProxy();
            await fake.call("SYNO.Core.AppPortal.ReverseProxy", "delete", `uuids=["${uuid()}"]`);
            fake.changes();
            expect(await check()).toEqual([missingRule, anotherCertificate]);
        });

        test("with another port in our rule is found", async () => {
            const check = await applyProxy();
            const rule = JSON.stringify({ ...reverseProxyRule(description, host_name, 9999), UUID: uuid() });
            const entry = `entry=${dsm === "6.2" ? JSON.stringify(rule) : rule}`;
            await fake.call("SYNO.Core.AppPortal.ReverseProxy", dsm === "6.2" ? "set" : "update", entry);
            fake.changes();
            expect(await check()).toEqual([`DSM's reverse proxy rule '${description}' is not as this stack made it`]);
        });

        test("with another certificate for our rule is found", async () => {
            const check = await applyProxy();
            const [ours] = fake.certificates();
            const service = {
                ...{ display_name: host_name, isPkg: false, multiple_cert: true, owner: "root" },
                ...{ service: uuid(), subscriber: "ReverseProxy", user_setable: true },
            };
            const settings = JSON.stringify([{ service, id: "default", old_id: ours?.id }]);
            await fake.call("SYNO.Core.Certificate.Service", "set", `settings=${settings}`);
            fake.changes();
            expect(await check()).toEqual([
                `DSM's certificate '${description} 0123456789ab' is not bound to the reverse proxy rule`,
                anotherCertificate,
            ]);
        });
    });
});

describe.each(shells)("check of a Docker host under %s:", (_, shell) => {
    const caCertificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    const authority: ClientTrust = { kind: "authority", caCertificate };
    const certificate = "etc/docker/certs.d/nas:9160/nas-registry.crt";
    const config = "home/.docker/config.json";
    let machine: ClientMachine;
    beforeEach(() => {
        machine = new ClientMachine(shell);
        ["jq", "cksum", "chown", "mktemp"].forEach((tool) => machine.link(tool));
        machine.fake(
            "docker",
            `case "$1 $3" in
            *" version") echo 24.0 ;;
            *" login") echo '{"auths":{"nas:9160":{"auth":"eA=="}}}' >"$2/config.json" ;;
            *" pull") cat "${machine.path("answer")}" >&2; exit 1 ;;
            esac`,
        );
        machine.write("answer", "manifest unknown\n");
    });
    afterEach(() => machine.remove());

    const applied = async (changed: ScriptValues = {}, trust: ClientTrust = authority) => {
        const values = { ...trustValues("nas:9160", trust), containerd: "", username: "", password: "", ...changed };
        const script = renderScript(values, ...clientScripts);
        expect(await machine.run(script, ["apply"])).toMatchObject({ code: 0, stderr: "" });
        return async () => said(await machine.run(script, ["check"]));
    };

    test.each<[string, ScriptValues, ClientTrust]>([
        ["a certificate", {}, authority],
        ["an entry", {}, { kind: "insecure" }],
        ["containerd", { containerd: "yes" }, authority],
        ["a login", { username: "admin", password: "right" }, authority],
    ])("%s is well after apply, and nothing is written", async (_name, values, trust) => {
        const check = await applied(values, trust);
        const before = machine.times();
        expect(await check()).toEqual([]);
        expect(machine.times()).toEqual(before);
    });

    test("a certificate that is gone is found, and its pull not tried", async () => {
        const check = await applied();
        fs.rmSync(machine.path(certificate));
        machine.write("answer", "x509: unknown authority\n");
        expect(await check()).toEqual([`'/${certificate}' is gone`]);
    });

    test("another certificate is found", async () => {
        const check = await applied();
        machine.write(certificate, "another\n");
        expect(await check()).toEqual([`'/${certificate}' is not what this stack wrote`]);
    });

    test("an entry of a registry without TLS that is gone is found", async () => {
        const check = await applied({}, { kind: "insecure" });
        machine.write("etc/docker/daemon.json", "{}");
        expect(await check()).toEqual([
            "'/etc/docker/daemon.json' does not have nas:9160 among its insecure-registries",
        ]);
    });

    test("a hosts.toml of containerd's that is gone is found", async () => {
        const check = await applied({ containerd: "yes" });
        fs.rmSync(machine.path("etc/containerd/certs.d/nas:9160/hosts.toml"));
        expect(await check()).toEqual(["'/etc/containerd/certs.d/nas:9160/hosts.toml' is gone"]);
    });

    test("a login that is gone is found", async () => {
        const check = await applied({ username: "admin", password: "right" });
        machine.write(config, '{"auths":{}}');
        expect(await check()).toEqual([expect.stringContaining("the login to nas:9160 is gone from '/")]);
    });

    test("a pull that does not reach the registry is found", async () => {
        const check = await applied();
        machine.write("answer", "Get https://nas:9160/v2/: connection refused\n");
        expect(await check()).toEqual([
            expect.stringContaining("registry: nas:9160 does not answer this host's Docker Engine"),
        ]);
    });
});
