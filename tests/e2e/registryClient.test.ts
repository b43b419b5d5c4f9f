import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Client, Nas } from "../../lab";
import { programWithPackage } from "../installedPackage";
import { must, RegistryView, Setting } from "./setting";

let setting: Setting;
let nas: Nas;
let laptop: Client;
let buildServer: Client;
let webServer: Client;
let untouched: string[];
let printed: string;
let registry: RegistryView;

const stack = "clients";
const address = "diskstation.local:9160";
const restarted = new Map<Client, string>();

/** Everything on a client that trust could change, as text that can be compared. */
const traces = (client: Client) =>
    must(
        client.exec(
            "cd / && find etc/docker etc/containerd root/.docker home/anna -type f ! -path '*/.ssh/*' 2>/dev/null | sort | xargs -r ls -l --time-style=+ && " +
                "find etc/docker etc/containerd root/.docker home/anna -type f ! -path '*/.ssh/*' 2>/dev/null | sort | xargs -r md5sum",
        ),
    );
const engineStart = (client: Client) => must(client.exec("stat -c %Y /proc/$(cat /var/run/docker.pid)"));

beforeAll(async () => {
    setting = await Setting.open("trust", programWithPackage("tests/registryClient"));
    const { lab, workspace } = setting;
    [nas, laptop, buildServer, webServer] = await Promise.all([
        lab.startNas({ vendor: "synology" }),
        setting.client("laptop"),
        lab.startClient({ name: "build-server", ssh: true, engine: "28.5-containerd" }),
        lab.startClient({ name: "web-server", ssh: true, engine: "20.10" }),
    ]);
    await must(
        buildServer.exec("mkdir -p /home/anna/.docker && printf '{ \"auths\":{} }' >/home/anna/.docker/config.json"),
    );
    await must(buildServer.exec("chown -R anna:anna /home/anna/.docker"));
    await must(
        webServer.exec("mkdir -p /etc/docker/certs.d/other:5000 && echo theirs >/etc/docker/certs.d/other:5000/ca.crt"),
    );
    untouched = await Promise.all([traces(buildServer), traces(webServer)]);
    for (const client of [buildServer, webServer]) {
        restarted.set(client, await engineStart(client));
    }
    const connection = { host: nas.address, port: nas.sshPort, user: nas.user, hostKey: nas.hostKey };
    await workspace.initStack(
        stack,
        {
            "clients:nas": connection,
            "clients:buildServer": await buildServer.connection("anna"),
            "clients:webServer": await webServer.connection(),
        },
        [nas],
    );
    const { stdout, stderr } = await workspace.operate(stack, "up");
    printed = stdout + stderr;
    registry = new RegistryView(laptop, await workspace.outputs(stack));
    await registry.push("team/app:1");
});
afterAll(() => setting.close());

const pullAs = (client: Client, user: string) =>
    client.exec(`su ${user} -c 'sudo -n docker --config ~/.docker pull -q ${address}/team/app:1'`);

describe("a Docker host that got the CA and a login", () => {
    test("pulls, without having been restarted", async () => {
        expect(await pullAs(buildServer, "anna")).toMatchObject({ code: 0 });
        expect(await engineStart(buildServer)).toBe(restarted.get(buildServer));
    });

    test("keeps the login in the file of the user who logs in over SSH", async () => {
        const file = await must(buildServer.exec("ls -l /home/anna/.docker/config.json | cut -d' ' -f1,3,4"));
        expect(file).toBe("-rw------- anna anna\n");
        expect((await buildServer.exec("ls /root/.docker")).code).not.toBe(0);
    });

    test("pulls with containerd, too, from the same registry", async () => {
        const { username, password } = registry.outputs;
        const pulled = await buildServer.exec(
            `read -r user; ctr --address /var/run/docker/containerd/containerd.sock image pull --hosts-dir /etc/containerd/certs.d --user "$user" ${address}/team/app:1`,
            { input: `${username}:${password}\n` },
        );
        expect(pulled).toMatchObject({ code: 0 });
    });
});

test("a Docker host without a login trusts the registry all the same, and is asked for one", async () => {
    const { code, stderr } = await webServer.exec(`docker pull -q ${address}/team/app:1`);
    expect(code).not.toBe(0);
    expect(stderr).toContain("no basic auth credentials");
});

test("the password is neither in the state nor in the output", async () => {
    const { password = "" } = registry.outputs;
    expect(password.length).toBeGreaterThan(8);
    expect(printed).not.toContain(password);
    expect(await setting.workspace.export(stack)).not.toContain(password);
});

test("a second up, a refresh and an up after it change nothing", async () => {
    const { changes } = await setting.workspace.operate(stack, "up");
    expect(Object.keys(changes)).toEqual(["same"]);
    await setting.workspace.operate(stack, "refresh", "--run-program");
    expect((await setting.workspace.operate(stack, "up")).changes).toEqual(changes);
});

test("a wrong CA fails, says so, and the next up mends it", async () => {
    const { stdout } = await laptop.exec(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -subj /CN=other -days 2 2>/dev/null",
    );
    await setting.workspace.configure(stack, "wrongCertificate", Buffer.from(stdout).toString("base64"));
    const failed = await setting.workspace.attempt(stack, "up");
    expect(failed.code).not.toBe(0);
    expect(failed.stdout + failed.stderr).toContain(
        `caCertificate: the certificate of ${address} is not from this authority, or is for another name`,
    );
    await setting.workspace.configure(stack, "wrongCertificate", "");
    await setting.workspace.operate(stack, "up");
    expect((await webServer.exec(`docker pull -q ${address}/team/app:1`)).stderr).toContain("no basic auth");
});

test("destroy leaves both hosts as they were", async () => {
    await setting.workspace.operate(stack, "destroy", "--run-program");
    expect(await Promise.all([traces(buildServer), traces(webServer)])).toEqual(untouched);
    expect((await pullAs(buildServer, "anna")).code).not.toBe(0);
    for (const client of [buildServer, webServer]) {
        expect(await engineStart(client)).toBe(restarted.get(client));
    }
});
