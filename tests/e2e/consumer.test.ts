import * as fs from "node:fs";
import * as path from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Client, Nas } from "../../lab";
import { programWithPackage } from "../installedPackage";
import { running } from "./daemonStack";
import { must, RegistryView, Setting } from "./setting";

let setting: Setting;
let client: Client;
let synology: Nas;
let qnap: Nas;
/** Of the QNAP, in the network that both NASes and the laptop are in. */
let lanAddress: string;
const annasPassword = "correct horse battery";

const connectionOf = (nas: Nas) => ({ host: nas.address, port: nas.sshPort, user: nas.user, hostKey: nas.hostKey });
const namesOn = async (nas: Nas) =>
    (await nas.docker("ps", "--format", "{{.Names}}")).trim().split("\n").filter(Boolean).sort();

beforeAll(async () => {
    setting = await Setting.open("consumer", programWithPackage("tests/consumer"));
    client = await setting.client("laptop");
    [synology, qnap] = await Promise.all([
        setting.lab.startNas({ vendor: "synology" }),
        setting.lab.startNas({ vendor: "qnap" }),
    ]);
    // What somebody who brings a docker provider has seen to: docker is on the PATH of an SSH command.
    await must(synology.exec("ln -s /usr/local/bin/docker /usr/bin/docker"));
    const knownHosts = path.join(setting.workspace.directory, "known_hosts");
    fs.writeFileSync(knownHosts, `[${synology.address}]:${synology.sshPort} ${synology.hostKey}\n`);
    lanAddress = (await must(qnap.exec("hostname -i"))).trim();
    const config = {
        "consumer:synology": connectionOf(synology),
        "consumer:qnap": connectionOf(qnap),
        "consumer:lanAddress": lanAddress,
        "consumer:annasPassword": annasPassword,
        "consumer:dockerHost": `ssh://${synology.user}@${synology.address}:${synology.sshPort}`,
        "consumer:sshOpts": ["-o", "BatchMode=yes", "-o", `UserKnownHostsFile=${knownHosts}`],
    };
    await setting.workspace.initStack("infra", config, [synology, qnap]);
    await setting.workspace.operate("infra", "up");
});
afterAll(() => setting.close());

/** The view of one of the program's registries. */
async function registryOf(name: string): Promise<RegistryView> {
    const { registries } = (await setting.workspace.outputs("infra")) as unknown as {
        registries: Record<string, Record<string, string>>;
    };
    return new RegistryView(client, registries[name] ?? {});
}

describe("the package installed from its tarball into another project", () => {
    test("shares the project's one copy of each SDK", () => {
        const installed = path.join(setting.workspace.directory, "project", "node_modules");
        expect(fs.existsSync(path.join(installed, "@pulumi", "docker"))).toBe(true);
        expect(fs.existsSync(path.join(installed, "nas-registry", "node_modules"))).toBe(false);
    });

    test("puts two registries on one NAS and one on another", async () => {
        expect(await namesOn(synology)).toEqual(["build-cache", "build-cache-redis", "mirror", "team", "team-redis"]);
        expect(await namesOn(qnap)).toEqual(["office", "office-redis"]);
    });

    test.each(["team", "builds", "office"])("%s serves its own images", async (name) => {
        expect(await (await registryOf(name)).get("/v2/_catalog")).toEqual({
            status: 200,
            body: '{"repositories":[]}',
        });
    });

    test("a user has the password that was given", async () => {
        expect((await registryOf("office")).outputs).toMatchObject({ username: "anna", password: annasPassword });
    });

    test("a registry in the NAS's own network has a Redis in none", async () => {
        const modes = await qnap.docker("inspect", "--format", "{{.HostConfig.NetworkMode}}", "office", "office-redis");
        expect(modes.trim().split("\n")).toEqual(["host", "none"]);
        expect(await qnap.docker("exec", "office-redis", "netstat", "-tln")).not.toContain("LISTEN");
    });

    test("metrics are on the address that was asked for and on no other, and tell no secret", async () => {
        const ask = (host: string, address: string) =>
            client.exec(`curl -s --max-time 5 http://${host}:5001${address}`);
        const { stdout } = await ask(lanAddress, "/metrics");
        expect(stdout).toContain("registry_http_requests_total");
        expect((await qnap.exec("wget -q -T 5 -O /dev/null http://127.0.0.1:5001/metrics")).code).not.toBe(0);
        const config = await must(qnap.exec("cat /share/CACHEDEV1_DATA/.nas-registry/office/registry/config.yml"));
        const [, secret = ""] = /^ +secret: (\S+)$/m.exec(config) ?? [];
        expect(secret).toMatch(/^[0-9a-f]{64}$/);
        for (const page of ["/debug/vars", "/metrics", "/debug/health"]) {
            expect((await ask(lanAddress, page)).stdout).not.toContain(secret);
        }
    });

    test("a mirror hands on what it has once pulled, also when its upstream is gone", async () => {
        await (await registryOf("office")).push("team/app:1");
        const { mirrorUrl = "", mirrorSetup = "" } = await setting.workspace.outputs("infra");
        await must(client.exec("sh", { input: mirrorSetup }));
        const image = `${mirrorUrl.replace("https://", "")}/team/app:1`;
        await must(client.exec(`docker pull -q ${image} && docker rmi ${image}`));
        await qnap.docker("stop", "office");
        await must(client.exec(`docker pull -q ${image}`));
        await qnap.docker("start", "office");
        const { code, stderr } = await client.exec(`docker push ${image}`);
        expect([code, stderr]).toEqual([1, expect.stringContaining("unsupported")]);
    });

    test("the NAS's own Docker daemon has the mirror among those of its configuration", async () => {
        const { mirrorUrl = "" } = await setting.workspace.outputs("infra");
        const { mirrors, insecure } = await running(synology);
        expect(mirrors).toContain(`${mirrorUrl}/`);
        expect(insecure).not.toContain(mirrorUrl.replace("https://", ""));
    });

    test("makes a transport for the registries that were given no provider, and for no other", async () => {
        const lines = await must(synology.exec("grep -c nas-registry: /root/.ssh/authorized_keys"));
        expect(lines.trim()).toBe("2");
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
        expect(await synology.docker("info", "--format", "{{.RegistryConfig.Mirrors}}")).not.toContain("5050");
    });
});
