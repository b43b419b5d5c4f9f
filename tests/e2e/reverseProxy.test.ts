import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { REVERSE_PROXY_SCRIPTS, reverseProxyValues } from "../../components/nas/reverseProxy";
import { renderScript } from "../../components/nas/script";
import { ensureLab, type Client, type Lab, type Nas } from "../../lab";
import { ensureToolchain } from "../../toolchain";
import type { CommandResult } from "../../toolchain/process";
import { issue, type Issued } from "../certificates";
import { must } from "./setting";

let lab: Lab;
let client: Client;
let ca: Issued;

beforeAll(async () => {
    const { registry } = await ensureToolchain();
    lab = await ensureLab({ namespace: "reverse-proxy", registryBinary: registry });
    client = await lab.startClient({ name: "laptop" });
    await client.loadImage("busybox:lab");
    ca = await issue("home CA", { authority: true });
});
afterAll(() => lab.down({ engine: true }));

describe.each([
    { dsm: "6.2", firmware: "DSM 6.2.4-25556" },
    { dsm: "7.1", firmware: "DSM 7.1.1-42962" },
    { dsm: "7.2", firmware: "DSM 7.2.2-72806" },
] as const)("a registry behind the web server of DSM $dsm", ({ dsm, firmware }) => {
    const name = `dsm${dsm.replace(".", "")}`;
    const hostName = `registry.${name}.lan`;
    let nas: Nas;
    let server: Issued;
    let untouched: string;

    const run = (action: "apply" | "revert"): Promise<CommandResult> => {
        const values = reverseProxyValues({
            facts: { firmware, privilege: "root" },
            label: "home/dev/registry",
            hostName,
            port: 9160,
            certificate: server.certificate,
            privateKey: server.privateKey,
            caCertificate: ca.certificate,
        });
        return nas.exec(`/bin/sh -s ${action}`, { input: renderScript(values, ...REVERSE_PROXY_SCRIPTS) });
    };
    const settings = () =>
        must(nas.exec("cd /usr/syno/etc && find . -type f ! -name cert.conf | sort | xargs cksum; ls /root /tmp"));

    beforeAll(async () => {
        server = await issue(hostName, { issuer: ca, names: [hostName] });
        nas = await lab.startNas({ vendor: "synology", name, dsm, hostNames: [name, hostName] });
        await nas.docker("run", "--detach", "--publish", "127.0.0.1:9160:5000", "registry:3.1.2");
        untouched = await settings();
        await must(run("apply"));
        await must(client.exec(`mkdir -p /etc/docker/certs.d/${hostName}`));
        await must(client.exec(`cat >/etc/docker/certs.d/${hostName}/ca.crt`, { input: ca.certificate }));
    });
    afterAll(() => nas.remove());

    test("what is pushed to it can be pulled, under its name without a port", async () => {
        const image = `${hostName}/team/app:1`;
        await must(client.exec(`docker tag busybox:lab ${image} && docker push -q ${image} && docker rmi ${image}`));
        expect(await client.exec(`docker pull -q ${image}`)).toMatchObject({ code: 0, stdout: `${image}\n` });
    });

    test("a layer larger than other web servers let through comes back whole", async () => {
        const image = `${hostName}/team/large:1`;
        const id = "docker image inspect --format '{{.Id}}'";
        await must(
            client.exec(`mkdir /tmp/large && head -c 256M /dev/urandom >/tmp/large/layer &&
                tar -C /tmp/large -c layer | docker import - ${image} && rm -r /tmp/large`),
        );
        const pushed = await must(client.exec(`${id} ${image}`));
        await must(client.exec(`docker push -q ${image} && docker rmi ${image} && docker pull -q ${image}`));
        expect(await must(client.exec(`${id} ${image}`))).toBe(pushed);
        await client.exec(`docker rmi ${image}`);
    });

    test("the web server waits an hour for the registry", async () => {
        const configuration = await must(nas.exec("cat /etc/nginx/*/server.ReverseProxy.conf"));
        expect(configuration).toContain("proxy_read_timeout 3600;");
        expect(configuration).toContain("proxy_send_timeout 3600;");
    });

    test("the registry is reached through it only", async () => {
        const direct = await client.exec(`curl -s -m 5 http://${name}:9160/v2/`);
        expect(direct.code).not.toBe(0);
    });

    test("a second run changes nothing, and the web server is not restarted", async () => {
        const workers = "ps -eo pid,args | grep '[n]ginx: worker'";
        const [before, serving] = [await settings(), await must(nas.exec(workers))];
        await must(run("apply"));
        expect(await settings()).toBe(before);
        expect(await must(nas.exec(`sleep 2; ${workers}`))).toBe(serving);
    });

    test("it comes back with the NAS", async () => {
        await nas.reboot();
        expect((await client.exec(`docker pull -q ${hostName}/team/app:1`)).stderr).not.toContain("certificate");
    });

    test("taken back, DSM is as it was and shows its own page under the name", async () => {
        await must(run("revert"));
        expect(await settings()).toBe(untouched);
        const page = await must(nas.exec(`sleep 2; curl -sk --connect-to ::127.0.0.1:443 https://${hostName}/v2/`));
        expect(page).toContain("the page you are looking for is not found");
    });
});
