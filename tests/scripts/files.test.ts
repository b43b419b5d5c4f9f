import * as fs from "node:fs";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { ScriptHost, shells } from "./shells";

describe.each(shells)("data and configuration under %s", (_, shell) => {
    let host: ScriptHost;
    let values: Record<string, string>;
    beforeEach(() => {
        host = new ScriptHost(shell);
        values = {
            data_directory: host.path("share", "registry-data"),
            config_directory: host.path("share", "registry-config"),
            owner: `${process.getuid?.()}:${process.getgid?.()}`,
            config_yml: "version: 0.1\n",
            htpasswd: "admin:$2b$05$abc'def\n",
            certificate: "CERTIFICATE\n",
            private_key: "KEY\n",
            redis_conf: 'save ""\n',
        };
    });
    afterEach(() => host.remove());

    const run = async (action: "apply" | "revert", changed = {}) => {
        expect(await host.run(["nas/files.sh"], { ...values, ...changed }, action)).toEqual({
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
            values.htpasswd,
        );
    });

    test("Redis does not see the registry's key", async () => {
        await run("apply");
        expect(fs.readdirSync(host.path("share", "registry-config", "redis"))).toEqual(["redis.conf"]);
    });

    test("a changed user is a new file, and the rest is left alone", async () => {
        await run("apply");
        const config = fs.statSync(host.path("share", "registry-config", "registry", "config.yml"));
        await run("apply", { htpasswd: "other:hash\n" });
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
        const { code, stderr } = await host.run(["nas/files.sh"], values, "apply");
        expect(code).toBe(1);
        expect(stderr).toContain("dataDirectory:");
    });
});
