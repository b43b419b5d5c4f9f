import { beforeAll, describe, expect, test } from "vitest";

import { entryName, entrySteps } from "../../components/nas/synology/registryList";
import { reverseProxyProblem, reverseProxyValues } from "../../components/nas/synology/reverseProxy";
import { issue, type Issued } from "../certificates";

const hostName = "registry.home.lan";
let ca: Issued;
let server: Issued;
beforeAll(async () => {
    ca = await issue("home CA", { authority: true });
    server = await issue(hostName, { issuer: ca });
});

const values = (changed: { certificate?: string; caCertificate?: string; firmware?: string; label?: string } = {}) =>
    reverseProxyValues(
        {
            label: changed.label ?? "home/dev/registry",
            hostName,
            port: 9160,
            certificate: changed.certificate ?? server.certificate,
            privateKey: server.privateKey,
            caCertificate: changed.caCertificate ?? ca.certificate,
        },
        changed.firmware ?? "DSM 7.2.2-72806",
    );

describe("behind DSM's reverse proxy", () => {
    test("DSM gets the authority as the chain of a certificate that has none", () => {
        expect(values()).toMatchObject({ certificate: server.certificate, chain: ca.certificate });
    });

    test("a chain that was given is not replaced", () => {
        const certificate = server.certificate + ca.certificate;
        const other = server.certificate;
        expect(values({ certificate, caCertificate: other })).toMatchObject({
            certificate: server.certificate,
            chain: ca.certificate,
        });
    });

    test("another chain is another certificate to DSM", () => {
        expect(values().fingerprint).not.toBe(values({ caCertificate: server.certificate }).fingerprint);
    });

    test("the steps of another stack are in another directory", () => {
        expect(values().steps_directory).not.toBe(values({ label: "home/prod/registry" }).steps_directory);
    });

    test("the steps by hand name every value that DSM asks for, and nothing of the key", () => {
        const { apply_steps, fingerprint, steps_directory } = values();
        expect(apply_steps).toBe(
            [
                `  1. As root, copy private-key.pem, certificate.pem and chain.pem from ${steps_directory} on the NAS to your machine; 'up' removes them there.`,
                `  2. Control Panel > Security > Certificate > Add > Add a new certificate, description 'nas-registry home/dev/registry ${fingerprint}' > Import certificate: these files, chain.pem as the intermediate certificate.`,
                "  3. Control Panel > Login Portal > Advanced > Reverse Proxy > Create: description 'nas-registry home/dev/registry'; source HTTPS, hostname registry.home.lan, port 443; destination HTTP, hostname 127.0.0.1, port 9160.",
                "  4. In the same window, Advanced Settings: proxy connection timeout 60, proxy send timeout 3600, proxy read timeout 3600.",
                `  5. Control Panel > Security > Certificate > Settings (Configure before DSM 7): for registry.home.lan choose the certificate 'nas-registry home/dev/registry ${fingerprint}'.`,
            ].join("\n"),
        );
    });

    test("DSM 6 has the rules elsewhere", () => {
        const { revert_steps } = values({ firmware: "DSM 6.2.4-25556" });
        expect(revert_steps).toContain("Control Panel > Application Portal > Reverse Proxy: delete the rule");
    });

    test.each(["192.168.1.20", "fd00::1"])("an address cannot be the name (%s)", (address) => {
        expect(reverseProxyProblem(address)).toBe(
            `hostName: "${address}" is not allowed behind DSM's reverse proxy; it must be a DNS name that leads to the NAS and is not DSM's own.`,
        );
        expect(reverseProxyProblem(hostName)).toBeUndefined();
    });
});

describe("the entry in the registry list", () => {
    test.each([
        ["https://nas.home.lan:9160", "nas-registry nas.home.lan 9160"],
        ["https://registry.home.lan", "nas-registry registry.home.lan"],
        ["http://[fd00::1]:5000", "nas-registry fd00::1 5000"],
    ])("%s is called '%s'", (url, name) => expect(entryName(url)).toBe(name));

    test.each([
        ["ContainerManager", "Container Manager"],
        ["Docker", "Docker"],
    ])("the steps by hand for %s begin in %s", (packageName, application) => {
        expect(entrySteps("n", "https://nas:9160", "admin", packageName)).toBe(
            `  ${application} > Registry > Settings > Add: name 'n', URL https://nas:9160, username 'admin', and the password.`,
        );
    });
});
