import * as fs from "node:fs";
import * as path from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Client, Nas } from "../../lab";
import { programWithPackage } from "../installedPackage";
import { must, RegistryView, Setting } from "./setting";

let setting: Setting;
let client: Client;
let synology: Nas;
let qnap: Nas;

const connectionOf = (nas: Nas) => ({ host: nas.address, port: nas.sshPort, user: nas.user, hostKey: nas.hostKey });
const namesOn = async (nas: Nas) =>
    (await nas.docker("ps", "--format", "{{.Names}}")).trim().split("\n").filter(Boolean).sort();

beforeAll(async () => {
    setting = await Setting.open("consumer", programWithPackage("consumer"));
    client = await setting.client("laptop");
    [synology, qnap] = await Promise.all([
        setting.lab.startNas({ vendor: "synology" }),
        setting.lab.startNas({ vendor: "qnap" }),
    ]);
    // What somebody who brings a docker provider has seen to: docker is on the PATH of an SSH command.
    await must(synology.exec("ln -s /usr/local/bin/docker /usr/bin/docker"));
    const knownHosts = path.join(setting.workspace.directory, "known_hosts");
    fs.writeFileSync(knownHosts, `[${synology.address}]:${synology.sshPort} ${synology.hostKey}\n`);
    const config = {
        "consumer:synology": connectionOf(synology),
        "consumer:qnap": connectionOf(qnap),
        "consumer:dockerHost": `ssh://${synology.user}@${synology.address}:${synology.sshPort}`,
        "consumer:sshOpts": ["-o", "BatchMode=yes", "-o", `UserKnownHostsFile=${knownHosts}`],
    };
    await setting.workspace.initStack("infra", config, [synology, qnap]);
    await setting.workspace.operate("infra", "up");
});
afterAll(() => setting.close());

describe("the package installed from its tarball into another project", () => {
    test("shares the project's one copy of each SDK", () => {
        const installed = path.join(setting.workspace.directory, "project", "node_modules");
        expect(fs.existsSync(path.join(installed, "@pulumi", "docker"))).toBe(true);
        expect(fs.existsSync(path.join(installed, "nas-registry", "node_modules"))).toBe(false);
    });

    test("puts two registries on one NAS and one on another", async () => {
        expect(await namesOn(synology)).toEqual(["build-cache", "build-cache-redis", "team", "team-redis"]);
        expect(await namesOn(qnap)).toEqual(["office", "office-redis"]);
    });

    test.each(["team", "builds", "office"])("%s serves its own images", async (name) => {
        const { registries } = (await setting.workspace.outputs("infra")) as unknown as {
            registries: Record<string, Record<string, string>>;
        };
        const registry = new RegistryView(client, registries[name] ?? {});
        expect(await registry.get("/v2/_catalog")).toEqual({ status: 200, body: '{"repositories":[]}' });
    });

    test("makes a transport for the registries that were given no provider, and for no other", async () => {
        const lines = await must(synology.exec("grep -c nas-registry: /root/.ssh/authorized_keys"));
        expect(lines.trim()).toBe("1");
    });

    test("changes nothing in a second up", async () => {
        expect(Object.keys((await setting.workspace.operate("infra", "up")).changes)).toEqual(["same"]);
    });

    test("leaves nothing but the data after destroy", async () => {
        await setting.workspace.operate("infra", "destroy", "--run-program");
        expect(await namesOn(synology)).toEqual([]);
        expect(await namesOn(qnap)).toEqual([]);
        const left = await must(synology.exec("ls /volume1/docker | grep -e team -e build"));
        expect(left.trim().split("\n")).toEqual(["build-cache-data", "team-data"]);
    });
});
