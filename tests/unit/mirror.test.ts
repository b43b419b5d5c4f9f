import * as fs from "node:fs";
import * as os from "node:os";

import { afterAll, describe, expect, test, vi } from "vitest";

import { NasMirror, type NasMirrorArgs, type NasRegistry } from "../../components";
import { caCertificate } from "../publicAuthorities";
import { valuesOf } from "../scriptValues";
import { certificatePem, privateKeyPem, required } from "./arguments";
import { container, Made, warningsOf } from "./made";
import { registered } from "./mocks";

// Transport keys are written into a home of the test's own.
vi.mock("node:os", async (original) => ({
    ...(await original<typeof os>()),
    userInfo: () => ({ homedir: `${os.tmpdir()}/nas-registry-mirror-test` }),
}));
afterAll(() => fs.rmSync(`${os.tmpdir()}/nas-registry-mirror-test`, { recursive: true, force: true }));

describe("a mirror", () => {
    const mirror = async (args: Partial<NasMirrorArgs>) =>
        new Made(await registered(() => new NasMirror("registry", { ...required, ...args })));

    test("keeps copies of its upstream for a while, without users and descriptor cache", async () => {
        const made = await mirror({ upstream: { url: "https://ghcr.io", username: "anna", password: "s3cret" } });
        const stdin = made.stdin();
        expect(stdin).toMatch(/proxy:\n {2}remoteurl: https:\/\/ghcr.io\n {2}username: anna\n {2}password: s3cret\n/);
        expect(stdin).toContain("ttl: 168h");
        expect(stdin).toContain("delete:\n    enabled: true");
        expect(stdin).not.toMatch(/\bauth:|blobdescriptor|htpasswd=/);
        expect(made.names(container)).toEqual(["registry"]);
    });

    test("with users is no mirror of the NAS's daemon, which sends no password", async () => {
        const daemonMirror = true;
        await expect(mirror({ daemonMirror, auth: "htpasswd" })).rejects.toThrow(
            "daemonMirror: true is not allowed with auth htpasswd: Docker sends no password to a mirror; leave one of the two out.",
        );
    });

    test.each(["https://registry-1.docker.io", "https://index.docker.io/", "https://docker.io"])(
        "of %s is a mirror of Docker Hub",
        async (url) => {
            const made = await mirror({ daemonMirror: true, upstream: { url } });
            expect(made.stdin()).toContain("remoteurl: https://registry-1.docker.io\n");
        },
    );

    test.each(["https://ghcr.io", "https://registry-1.docker.io.example.com", "https://example.com/docker.io"])(
        "of %s is no mirror of the NAS's daemon, which asks mirrors for Docker Hub alone",
        async (url) => {
            await expect(mirror({ daemonMirror: true, upstream: { url } })).rejects.toThrow(
                `daemonMirror: true is not allowed with the upstream.url "${url}": Docker asks mirrors for images of Docker Hub alone; leave daemonMirror out, and pull by the mirror's own name.`,
            );
        },
    );

    test("touches the NAS's Docker daemon, which restarts then, only when asked to", async () => {
        const command = "command:remote:Command";
        expect((await mirror({})).names(command)).not.toContain("registry-daemon");
        expect((await mirror({ daemonMirror: true })).names(command)).toContain("registry-daemon");
    });

    const privately = { certificate: certificatePem, privateKey: privateKeyPem, caCertificate: certificatePem };
    const publicly = { certificate: certificatePem, privateKey: privateKeyPem };
    test.each<[string, Partial<NasMirrorArgs>, { url: string; trust?: string; authority?: string }]>([
        ["an authority of its own", {}, { url: "https", trust: "authority", authority: caCertificate }],
        [
            "another authority that is not public",
            { tls: "given", certificate: privately },
            { url: "https", trust: "authority", authority: certificatePem },
        ],
        [
            "a public authority",
            { tls: "given", certificate: publicly },
            { url: "https", trust: "public", authority: "" },
        ],
        ["no TLS", { tls: "none" }, { url: "http" }],
    ])(
        "with %s is trusted before it is among the daemon's mirrors, and never insecure",
        async (_, args, { url, trust, authority }) => {
            const all = await registered(() => new NasMirror("registry", { ...required, ...args, daemonMirror: true }));
            const find = (name: string) => all.find((each) => each.name === name);
            const daemon = find("registry-daemon");
            expect(valuesOf(String(daemon?.inputs.stdin)).settings).toBe(
                `{"registry-mirrors":["${url}://diskstation.local:9161"]}`,
            );
            const trusted = find("registry-daemon-trust");
            const values = valuesOf(String(trusted?.inputs.stdin));
            expect([values.trust, values.ca_certificate, values.hub_certificate]).toEqual([
                trust,
                authority,
                authority,
            ]);
            expect(daemon?.options.dependencies.some((urn) => urn.endsWith("::registry-daemon-trust"))).toBe(
                trust !== undefined,
            );
        },
    );

    test.each<[string, NasMirrorArgs["upstream"], string]>([
        ["Docker Hub", undefined, caCertificate],
        ["another registry", { url: "https://ghcr.io" }, ""],
    ])("of %s is trusted by clients in its place, too, where there is one", async (_, upstream, authority) => {
        let setup = "";
        await registered(() => {
            const { clientSetup } = new NasMirror("registry", { ...required, upstream });
            clientSetup.apply((text) => (setup = text));
        });
        expect(valuesOf(setup).hub_certificate).toBe(authority);
    });

    test.each([
        ["synology", 9161],
        ["qnap", 5002],
    ] as const)("on a %s has port %i, beside a registry", async (vendor, external) => {
        expect((await mirror({ vendor })).container().ports).toMatchObject([{ external }]);
    });

    test("says that strangers may read, and nothing more", async () => {
        expect(await warningsOf({}, NasMirror as unknown as typeof NasRegistry)).toBe(
            "auth is none: whoever reaches port 9161 on 0.0.0.0 may read every image without a password.",
        );
    });

    test("can ask for users", async () => {
        expect((await mirror({ auth: "htpasswd" })).stdin()).toContain("registry_htpasswd='admin:");
    });
});
