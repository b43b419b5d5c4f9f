import * as fs from "node:fs";

import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { reverseProxyRule } from "../../components/nas/synology/reverseProxy";
import { issue, type Issued } from "../certificates";
import { FakeDsm } from "./dsm";
import { ScriptHost, shells } from "./shells";

const host_name = "registry.home.lan";
const description = "nas-registry home/dev/registry";
const foreignRule = {
    ...reverseProxyRule("photos", "photos.home.lan", 8080),
    customize_headers: [{ name: "X-Photos", value: "1" }],
};

let ca: Issued;
let first: Issued;
let renewed: Issued;
beforeAll(async () => {
    ca = await issue("home CA", { authority: true, key: "rsa" });
    [first, renewed] = await Promise.all([
        issue(host_name, { issuer: ca, names: [host_name], key: "rsa" }),
        issue(host_name, { issuer: ca, names: [host_name], key: "rsa" }),
    ]);
});

// Each shell meets one DSM: what differs between the shells has nothing to do with what differs between those.
const forms = shells.map(([shell, command], index) => [shell, ["7.2", "6.2", "7.1"][index] ?? "7.2", command] as const);

describe.each(forms)("reverse proxy under %s, DSM %s", (_, dsm, shell) => {
    let host: ScriptHost;
    let fake: FakeDsm;
    let values: Record<string, string | number>;
    beforeEach(async () => {
        host = new ScriptHost([...shell]);
        fake = await FakeDsm.start(host, dsm);
        values = {
            synowebapi: fake.command,
            privilege: "root",
            description,
            fingerprint: "0123456789ab",
            host_name,
            rule: JSON.stringify(reverseProxyRule(description, host_name, 9160)),
            certificate: first.certificate,
            chain: ca.certificate,
            private_key: first.privateKey,
            front: fake.front,
            attempts: 5,
            steps_directory: host.path("steps"),
            apply_steps: "  1. do it",
            revert_steps: "  1. undo it",
        };
    });
    afterEach(() => {
        fake.close();
        host.remove();
    });

    const files = ["nas/synology/dsm.sh", "nas/synology/reverseProxy.sh"];
    const attempt = (action: "apply" | "revert", changed = {}) => host.run(files, { ...values, ...changed }, action);
    const run = async (action: "apply" | "revert", changed = {}) => {
        expect(await attempt(action, changed)).toEqual({ code: 0, stdout: "", stderr: "" });
    };
    const entry = (rule: object) => {
        const json = JSON.stringify(rule);
        return `entry=${dsm === "6.2" ? JSON.stringify(json) : json}`;
    };
    const addRule = (rule: object) => fake.call("SYNO.Core.AppPortal.ReverseProxy", "create", entry(rule));
    const other = {
        description: "nas-registry home/prod/registry",
        fingerprint: "ba9876543210",
        host_name: "prod.home.lan",
        rule: JSON.stringify(reverseProxyRule("nas-registry home/prod/registry", "prod.home.lan", 9161)),
    };

    test("the host is served with the certificate, by a rule that waits an hour", async () => {
        await run("apply");
        expect(fake.rules()).toMatchObject([
            {
                frontend: { fqdn: host_name, port: 443, protocol: 1 },
                backend: { fqdn: "127.0.0.1", port: 9160, protocol: 0 },
                proxy_read_timeout: 3600,
                proxy_send_timeout: 3600,
            },
        ]);
        expect(fake.served(host_name)).toBe(first.certificate + ca.certificate);
    });

    test("a second apply changes nothing", async () => {
        await run("apply");
        fake.changes();
        await run("apply");
        expect(fake.changes()).toEqual([]);
    });

    test("revert leaves everything as it was, other people's rules included", async () => {
        await addRule(foreignRule);
        const before = await fake.state();
        await run("apply");
        await run("revert");
        expect(await fake.state()).toBe(before);
    });

    test("revert without apply does nothing", async () => {
        fake.changes();
        await run("revert");
        expect(fake.changes()).toEqual([]);
    });

    test("another's rule for the same host is refused by name, and stays", async () => {
        await addRule({ ...foreignRule, frontend: { ...foreignRule.frontend, fqdn: "Registry.Home.LAN" } });
        const before = await fake.state();
        expect((await attempt("apply")).stderr).toContain(
            "hostName: this NAS has a reverse proxy rule for https://registry.home.lan already ('photos')",
        );
        expect(await fake.state()).toBe(before);
    });

    test.each([
        ["105", "may not do this (code 105)"],
        ["119", "there is no session (code 119)"],
        ["4154", "another rule has this description (code 4154)"],
        ["no-effect", "it said that the rule is saved, and does not list it"],
    ])("what DSM does not do (%s) ends with its reason, the steps, and the files for them", async (webApi, reason) => {
        fake.behave(dsm, webApi);
        const { code, stderr } = await attempt("apply");
        expect(code).toBe(1);
        expect(stderr).toMatch(/^nas-registry: DSM did not set up the reverse proxy: /);
        expect(stderr).toContain(`${reason}. Do this by hand and run 'up' again:\n  1. do it\n`);
        expect(fs.readFileSync(host.path("steps", "private-key.pem"), "utf8")).toBe(first.privateKey);
        expect(fs.statSync(host.path("steps", "private-key.pem")).mode & 0o777).toBe(0o600);
        expect(fs.statSync(host.path("steps")).mode & 0o777).toBe(0o700);
    });

    test.each([
        ["ecdsa", dsm === "6.2" ? "this DSM imports RSA keys only (code 5529)" : undefined],
        ["ed25519", "the certificate was refused (code 5511)"],
    ] as const)("a certificate with a key of %s", async (key, reason) => {
        const { certificate, privateKey } = await issue(host_name, { issuer: ca, names: [host_name], key });
        const { stderr } = await attempt("apply", { certificate, private_key: privateKey });
        expect(stderr).toContain(reason ?? "");
        expect(stderr === "").toBe(reason === undefined);
    });

    test("a user without root is told who can do it, before anything is read", async () => {
        fake.changes();
        expect((await attempt("apply", { privilege: "group" })).stderr).toContain(
            "connection.user: only root can change",
        );
        expect(fs.readFileSync(host.path("calls"), "utf8")).toBe("");
    });

    const newCertificate = () => ({ certificate: renewed.certificate, private_key: renewed.privateKey });

    test("a certificate that somebody gave to another service as well stays", async () => {
        await addRule(foreignRule);
        await run("apply");
        const [ours] = fake.certificates();
        const photos = fake.rules().find((rule) => rule.description === "photos");
        const service = {
            ...{ display_name: "photos", isPkg: false, owner: "root", user_setable: true },
            ...{ service: photos?.UUID, subscriber: "ReverseProxy" },
        };
        const settings = [{ service, id: ours?.id, old_id: dsm === "6.2" ? "" : "default" }];
        await fake.call("SYNO.Core.Certificate.Service", "set", `settings=${JSON.stringify(settings)}`);
        await run("revert");
        expect(fake.certificates()).toMatchObject([{ id: ours?.id, services: [photos?.UUID] }]);
    });

    // The same in every shell and on every DSM, and seconds each.
    if (dsm === "7.2") {
        test("the private key is on no command line and in no file afterwards", async () => {
            await run("apply");
            const [, line = ""] = first.privateKey.split("\n");
            expect(fs.readFileSync(host.path("calls"), "utf8")).not.toContain(line);
            const left = fs
                .readdirSync(host.directory)
                .filter((name) => !["dsm", "home", "run", "nas.env"].includes(name));
            expect(left.sort()).toEqual(["calls", "synowebapi"]);
        });

        test("a renewed certificate takes the place of the one before", async () => {
            await run("apply");
            const [before] = fake.certificates();
            await run("apply", {
                certificate: renewed.certificate,
                private_key: renewed.privateKey,
                fingerprint: "ffffffffffff",
            });
            expect(fake.certificates()).toEqual([{ ...before, desc: `${description} ffffffffffff` }]);
            expect(fake.served(host_name)).toBe(renewed.certificate + ca.certificate);
        });

        test("another port changes the rule, and keeps what a person added to it", async () => {
            await addRule({
                ...reverseProxyRule(description, host_name, 9160),
                customize_headers: [{ name: "X-A", value: "1" }],
            });
            const [before] = fake.rules();
            await run("apply", { rule: JSON.stringify(reverseProxyRule(description, host_name, 5050)) });
            expect(fake.rules()).toMatchObject([
                { UUID: before?.UUID, backend: { port: 5050 }, customize_headers: [{ name: "X-A", value: "1" }] },
            ]);
        });

        test("two stacks leave each other's rule and certificate alone, and both go", async () => {
            const before = await fake.state();
            await run("apply");
            const certificate = await issue("prod.home.lan", { issuer: ca, names: ["prod.home.lan"], key: "rsa" });
            const changed = { ...other, certificate: certificate.certificate, private_key: certificate.privateKey };
            await run("apply", changed);
            await run("revert");
            expect(fake.rules().map((rule) => rule.description)).toEqual([other.description]);
            expect(fake.served("prod.home.lan")).toBe(certificate.certificate + ca.certificate);
            await run("revert", changed);
            expect(await fake.state()).toBe(before);
        });

        test("a certificate that DSM only says it has imported is found out", async () => {
            await run("apply");
            fake.behave(dsm, "no-effect");
            const { stderr } = await attempt("apply", { fingerprint: "ffffffffffff", ...newCertificate() });
            expect(stderr).toContain("it said that the certificate is imported, and does not list it");
        });

        test("what was done by hand is enough, even where DSM lets nothing be read", async () => {
            fake.behave(dsm, "105");
            await attempt("apply");
            fake.behave(dsm, "works");
            await run("apply");
            fake.behave(dsm, "105");
            expect(await attempt("apply")).toEqual({ code: 0, stdout: "byHand=true\n", stderr: "" });
        });

        test("once it works, the files for the steps are gone", async () => {
            fake.behave(dsm, "no-effect");
            await attempt("apply");
            fake.behave(dsm, "works");
            await run("apply");
            expect(fs.existsSync(host.path("steps"))).toBe(false);
        });

        test("what DSM does not take back is said with the steps", async () => {
            await run("apply");
            fake.behave(dsm, "no-effect");
            const { code, stderr } = await attempt("revert");
            expect(code).toBe(1);
            expect(stderr).toContain(
                "it said that it is done, and it is not. Do this by hand and run 'destroy' again:\n  1. undo",
            );
        });

        test("a web server that goes on showing another certificate is an error", async () => {
            const { stderr } = await attempt("apply", { front: "127.0.0.1:1", attempts: 2 });
            expect(stderr).toContain("its web server shows another certificate");
        });
    }
});
