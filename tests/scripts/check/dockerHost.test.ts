import * as fs from "node:fs";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { renderScript, type ScriptValues } from "../../../components/nas/script";
import { clientScripts } from "../../../components/registryClient";
import { trustValues, type ClientTrust } from "../../../components/clients/clientSetup";
import { caCertificate } from "../../publicAuthorities";
import { ClientMachine } from "../clientMachine";
import { shells } from "../shells";
import { said } from "./said";

describe.each(shells)("check of a Docker host under %s:", (_, shell) => {
    const authority: ClientTrust = { caCertificate };
    const certificate = "etc/docker/certs.d/nas:9160/nas-registry.crt";
    const config = "home/.docker/config.json";
    let machine: ClientMachine;
    beforeEach(() => {
        machine = new ClientMachine(shell);
        ["jq", "cksum", "chown"].forEach((tool) => machine.link(tool));
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
        ["an entry", {}, { insecure: true }],
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
        const check = await applied({}, { insecure: true });
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
