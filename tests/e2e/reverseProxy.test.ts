import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Client, Nas, NasOptions } from "../../lab";
import { issue } from "../certificates";
import { identity, must, RegistryView, Setting } from "./setting";

let setting: Setting;
let client: Client;

beforeAll(async () => {
    setting = await Setting.open("reverse-proxy");
    client = await setting.client("laptop");
});
afterAll(() => setting.close());

/** DSM's rules, certificates and registry list, and what could be left lying about. */
function settingsOf(nas: Nas): Promise<string> {
    return must(
        nas.exec(`cd / && find usr/syno/etc var/packages/*/etc/registries.json -type f ! -name cert.conf | sort | xargs cksum
            ls /root /tmp`),
    );
}

describe.each<Pick<NasOptions, "dsm" | "login"> & { dsm: string }>([
    { dsm: "6.2" },
    { dsm: "7.1", login: { user: "anna", sudo: "nopasswd" } },
    { dsm: "7.2" },
])("a registry behind the web server of DSM $dsm", ({ dsm, login }) => {
    const stack = `dsm${dsm.replace(".", "")}`;
    const hostName = `registry.${stack}.lan`;
    let nas: Nas;
    let registry: RegistryView;
    let untouched: string;
    let photos: string;

    beforeAll(async () => {
        const config = { tls: "reverse-proxy", hostName, certificateNames: [], registryList: true };
        const options = { dsm, login, hostNames: [stack, hostName], foreignContainer: "photos" };
        nas = await setting.nas({ vendor: "synology", name: stack, ...options }, config);
        photos = await identity(nas, "photos");
        await must(nas.exec("/usr/syno/bin/synowebapi --exec api=SYNO.Docker.Registry method=get version=1"));
        untouched = await settingsOf(nas);
        await setting.workspace.operate(stack, "up");
        registry = new RegistryView(client, await setting.workspace.outputs(stack));
    });
    afterAll(() => nas.remove());

    test("what is pushed to it can be pulled, under its name without a port", async () => {
        expect(registry.name).toBe(hostName);
        await registry.push("team/app:1");
        expect(await registry.pull("team/app:1")).toMatchObject({ code: 0 });
        expect((await registry.get("/v2/_catalog", "")).status).toBe(401);
    });

    test("the web server waits an hour for the registry", async () => {
        const configuration = await must(nas.exec("cat /etc/nginx/*/server.ReverseProxy.conf"));
        expect(configuration).toContain("proxy_read_timeout 3600;");
        expect(configuration).toContain("proxy_send_timeout 3600;");
    });

    test("the registry is reached through it only", async () => {
        expect((await nas.exec("curl -s -o /dev/null http://127.0.0.1:9160/")).code).toBe(0);
        expect((await client.exec(`curl -s -m 5 http://${stack}:9160/`)).code).not.toBe(0);
    });

    test("DSM lists the registry, and goes on searching Docker Hub", async () => {
        const list = await must(nas.exec("cat /var/packages/*/etc/registries.json"));
        expect(JSON.parse(list)).toMatchObject({
            using: "Docker Hub",
            registries: [{}, { name: `nas-registry ${hostName}`, url: `https://${hostName}`, username: "admin" }],
        });
    });

    test("a second up changes nothing", async () => {
        const before = await settingsOf(nas);
        expect(Object.keys((await setting.workspace.operate(stack, "up")).changes)).toEqual(["same"]);
        expect(await settingsOf(nas)).toBe(before);
    });

    // Once, since it takes minutes.
    if (dsm === "7.2") {
        test("a layer of 1 GiB comes back whole", async () => {
            await registry.carryLargeLayer("team/large:1");
        });

        test("a certificate of one's own takes the place of the one before", async () => {
            const ca = await issue("home CA", { authority: true });
            const { certificate, privateKey } = await issue(hostName, { issuer: ca, names: [hostName] });
            const given = { certificate, privateKey, caCertificate: ca.certificate };
            for (const [name, pem] of Object.entries(given)) {
                await setting.workspace.configureSecret(stack, `registry.certificate.${name}`, pem);
            }
            await setting.workspace.operate(stack, "up");
            const own = new RegistryView(client, await setting.workspace.outputs(stack));
            expect(own.outputs.caCertificate?.trim()).toBe(ca.certificate.trim());
            expect((await own.get("/v2/_catalog")).status).toBe(200);
        });
    }

    test("destroy leaves DSM as it was, with its own page under the name", async () => {
        await setting.workspace.operate(stack, "destroy", "--run-program");
        expect(await settingsOf(nas)).toBe(untouched);
        const page = await must(nas.exec(`sleep 2; curl -sk --connect-to ::127.0.0.1:443 https://${hostName}/v2/`));
        expect(page).toContain("the page you are looking for is not found");
    });

    test("somebody else's container has run all the time", async () => {
        expect(await identity(nas, "photos")).toBe(photos);
    });
});

test("what DSM only says it does fails with the steps by hand, and nothing of the key", async () => {
    const hostName = "registry.dsm.lan";
    const config = { tls: "reverse-proxy", hostName };
    await setting.nas({ vendor: "synology", name: "idle", webApi: "no-effect", hostNames: ["idle", hostName] }, config);
    const { code, stdout, stderr } = await setting.workspace.attempt("idle", "up");
    expect(code).not.toBe(0);
    const said = (stdout + stderr).replaceAll(/\s+/g, " ");
    expect(said).toContain("it said that the rule is saved, and does not list it. Do this by hand and run 'up' again:");
    expect(said).toContain("source HTTPS, hostname registry.dsm.lan, port 443; destination HTTP, hostname 127.0.0.1");
    expect(said).not.toContain("PRIVATE KEY");
});
