import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { reverseProxyRule } from "../../../components/nas/synology/reverseProxy";
import type { ScriptValues } from "../../../components/nas/script";
import { issue, type Issued } from "../../certificates";
import { FakeDsm } from "../dsm";
import { ScriptHost, shells } from "../shells";
import { said } from "./said";

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
        const applyList = () => applied(["nas/synology/dsm.sh", "nas/synology/registryList.sh"], values());
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
            server = await issue(host_name, { names: [host_name], key: "rsa" });
        });
        const applyProxy = () =>
            applied(["nas/synology/dsm.sh", "nas/synology/reverseProxy.sh"], {
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
