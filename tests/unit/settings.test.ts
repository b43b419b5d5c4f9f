import { describe, expect, test } from "vitest";

import { DEFAULT_IMAGE, DEFAULT_REDIS_IMAGE } from "../../components/registry/sections/images";
import { withDefaults } from "../../components/registry/settings";
import type { PlainArgs } from "../../components/registry/sections";
import { hostKey, problemsOf, required as synology } from "./arguments";

describe("defaults", () => {
    test("a Synology's port keeps clear of DSM's own 5000", () => {
        expect(withDefaults("registry", synology)).toMatchObject({ port: 9160, sharedFolder: "docker" });
    });

    test("a QNAP has port 5000 and the shared folder Container", () => {
        expect(withDefaults("registry", { ...synology, vendor: "qnap" })).toMatchObject({
            port: 5000,
            sharedFolder: "Container",
        });
    });

    test("everything else", () => {
        const expected = {
            vendor: "synology",
            endpoint: { host: "diskstation.local", port: 22, user: "root", hostKey },
            transportKeyFrom: [],
            transportKeyRotation: "",
            hostName: "diskstation.local",
            certificateNames: ["diskstation.local"],
            port: 9160,
            sharedFolder: "docker",
            dataDirectory: undefined,
            containerName: "registry",
            bindAddress: "0.0.0.0",
            networkMode: "bridge",
            dataDirectoryChange: "refuse",
            lostDataDirectory: undefined,
            runAsUser: 91_600,
            pidsLimit: 1024,
            labels: {},
            image: DEFAULT_IMAGE,
            redisImage: DEFAULT_REDIS_IMAGE,
            restart: "always",
            memory: 1024,
            memorySwap: undefined,
            cpus: 2,
            redisMemory: 256,
            logs: { driver: "json-file", options: { "max-size": "10m", "max-file": "3" } },
            tls: "own-authority",
            minimumTls: "tls1.2",
            auth: "htpasswd",
            deletes: true,
            readOnly: false,
            redirect: undefined,
            uploadPurging: { enabled: true, age: "168h", interval: "24h", dryRun: false },
            tagConcurrency: 8,
            validation: {},
            externalUrl: undefined,
            relativeUrls: true,
            headers: { "X-Content-Type-Options": ["nosniff"] },
            drainTimeout: 60,
            metrics: undefined,
            logLevel: "info",
            logFormat: "json",
            accessLog: true,
            logFields: { service: "registry" },
            tracing: undefined,
            trustedCertificates: undefined,
        };
        // Those of a new setting are found in its comment, by defaults.test.ts.
        const found = Object.entries(withDefaults("registry", synology)).filter(([name]) => name in expected);
        expect(Object.fromEntries(found)).toEqual(expected);
    });

    test("the certificate names what clients use first, and each name once", () => {
        const { certificateNames } = withDefaults("registry", {
            ...synology,
            hostName: "nas.example",
            certificateNames: ["nas.example", "192.168.1.20"],
        });
        expect(certificateNames).toEqual(["nas.example", "diskstation.local", "192.168.1.20"]);
    });
});

describe("what is refused", () => {
    test.each<[string, Partial<PlainArgs>, string]>([
        [
            "an unknown vendor",
            { vendor: "asustor" as "qnap" },
            `vendor: "asustor" is not allowed; it must be one of synology, qnap, linux.`,
        ],
        [
            "a host with a path",
            { connection: { host: "ssh://nas/a", hostKey } },
            `connection.host: "ssh://nas/a" is not allowed; it must be a DNS name or an IP address, without scheme and port.`,
        ],
        ["a port of 0", { port: 0 }, `port: 0 is not allowed; it must be a whole number from 1 to 65535.`],
        [
            "a relative data directory",
            { dataDirectory: "registry/data" },
            `dataDirectory: "registry/data" is not allowed; it must be an absolute path of a directory inside a shared folder, or another directory, of a data volume of the NAS, for instance /volume1/docker/registry-data.`,
        ],
        [
            "a name that Docker would refuse",
            { containerName: "-registry" },
            `containerName: "-registry" is not allowed; it must be two or more of a-z A-Z 0-9 _ . -, the first a letter or digit.`,
        ],
        [
            "more CPUs than can be written",
            { cpus: 10 },
            `cpus: 10 is not allowed; it must be a number of CPUs from 0.1 to 9.9, or 0.`,
        ],
        [
            "a user name that would end the htpasswd line",
            { users: [{ name: "a:b" }] },
            `users[0].name: "a:b" is not allowed; it must be letters, digits and . _ @ -, the first a letter or digit.`,
        ],
    ])("%s", (_, args, message) => {
        expect(problemsOf(args)).toBe(message);
    });

    test.each([
        "/etc/registry",
        "/volume1",
        "/volume1/docker",
        "/volume1/@docker/x",
        "/volume1/docker/../../etc",
        "/share/Container/x",
        "/volumeUSB1/usbshare/x",
        "/volumeSATA1/satashare/x",
    ])("%s as data directory of a Synology", (dataDirectory) =>
        expect(problemsOf({ dataDirectory })).toContain("dataDirectory"),
    );

    test.each([
        "/root/registry",
        "/share/Container",
        "/share/CACHEDEV1_DATA/.qpkg/x",
        "/share/CE_CACHEDEV1_DATA/@docker/x",
        "/share/.hidden/x",
        "/share/external/DEV3302_1/x",
        "/share/external/DEV3302_1/folder/x",
        "/volume1/docker/x",
    ])("%s as data directory of a QNAP", (dataDirectory) =>
        expect(problemsOf({ vendor: "qnap", dataDirectory })).toContain("dataDirectory"),
    );

    test.each([
        ["synology", "/volume2/docker/registry"],
        ["qnap", "/share/Container/registry"],
        ["qnap", "/share/CACHEDEV3_DATA/Container/registry"],
        ["qnap", "/share/CE_CACHEDEV1_DATA/Container/registry"],
        ["qnap", "/share/MD0_DATA/Container/registry"],
        ["qnap", "/share/ZFS530_DATA/Container/a b"],
        ["synology", "/volume10/docker/registry"],
    ] as const)("on a %s %s is let through", (vendor, dataDirectory) => {
        expect(problemsOf({ vendor, dataDirectory })).toBe("");
    });

    test("an external disk is refused with the reason", () => {
        expect(problemsOf({ dataDirectory: "/volumeUSB1/usbshare/x" })).toContain(
            "of no external disk, which can be unplugged",
        );
        const dataDirectory = "/share/external/DEV3302_1/folder/x";
        expect(problemsOf({ vendor: "qnap", dataDirectory })).toContain("of no external disk, which can be unplugged");
    });

    test("all problems are told together", () => {
        expect(problemsOf({ port: 0, memory: "1m" }).split("\n")).toHaveLength(2);
    });
});

describe("host keys", () => {
    const problem = (line: string) => problemsOf({ connection: { host: "nas", hostKey: line } });

    test("a missing one names the command that prints it", () => {
        expect(problem("")).toBe(
            "connection.hostKey: the host key is missing; give what 'ssh-keyscan -t ed25519 -p 22 nas' prints: 'ssh-ed25519 AAAA…'.",
        );
    });

    test("RSA is refused", () => expect(problem("ssh-rsa AAAAB3NzaC1yc2E=")).toContain("starts with 'ssh-rsa'"));
    const ecdsa = `ecdsa-sha2-nistp256 ${Buffer.from("\0\0\0\x13ecdsa-sha2-nistp256KEY").toString("base64")}`;
    test.each([
        ["with the host's name", `nas ${hostKey}`],
        ["with a name and a port", `[nas.lan]:2222,[192.168.1.20]:2222 ${hostKey}`],
        ["with a hashed name", `|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ${hostKey}`],
        ["with the comments of OpenSSH 9.8", `# nas:22 SSH-2.0-OpenSSH_9.8\n${hostKey}\n`],
        [
            "with other kinds of keys",
            `# nas:22 SSH-2.0-OpenSSH_9.8\nnas ssh-rsa AAAAB3Nz\nnas ${ecdsa}\nnas ${hostKey}\n`,
        ],
        ["with Windows' line ends, and twice", `${hostKey}\r\n${hostKey}\r\n`],
    ])("what ssh-keyscan prints, %s, is taken", (_, text) => {
        const connection = { host: "nas", hostKey: text };
        expect(problemsOf({ connection })).toBe("");
        expect(withDefaults("registry", { ...synology, connection }).endpoint.hostKey).toBe(hostKey);
    });
    test("of two keys of one kind one may be somebody else's", () =>
        expect(problem(`${hostKey}\nnas ${hostKey.slice(0, -4)}AAAA`)).toContain(
            "has two keys of the type ssh-ed25519",
        ));
    test("a key cut short is refused", () =>
        expect(problem("ssh-ed25519 AAAAC3Nz")).toContain("is not a whole ssh-ed25519 key"));
    test("a comment behind the key is let through", () => expect(problem(`${hostKey} root@nas`)).toBe(""));
    test.each(["\n", "\r\n", "\r", "\u2028"])(
        "a second line, after %j, that would be of other hosts is refused",
        (end) => {
            for (const line of [`* ${hostKey}`, `*.lan,nas ${hostKey}`, `@cert-authority nas ${hostKey}`]) {
                expect(problem(`${hostKey}${end}${line}`)).toMatch(
                    /^connection\.hostKey: the host key starts with '[*@][^\n]*; give what [^\n]*$/,
                );
            }
        },
    );
    test.each(["\t", "\x1b[2J", "\x7f", "\x9b"])("a control character, %j, is refused", (control) =>
        expect(problem(`${hostKey} root@nas${control}x`)).toContain("the host key has control characters; give"),
    );
    test("what is no base64 is refused", () =>
        expect(problem(hostKey.replace("AAAINac", "AAA*INac"))).toContain("is not a whole ssh-ed25519 key"));
    test("a newline at its end is let through, and goes with the comment", () => {
        const connection = { host: "nas", hostKey: `${hostKey} root@nas\n` };
        expect(problemsOf({ connection })).toBe("");
        expect(withDefaults("registry", { ...synology, connection }).endpoint.hostKey).toBe(hostKey);
    });
});

describe("transportKeyFrom", () => {
    const problem = (...transportKeyFrom: string[]) => problemsOf({ transportKeyFrom });

    test.each([
        "192.168.1.20",
        "192.168.1.0/24",
        "192.168.1.20/32",
        "0.0.0.0/0",
        "192.168.1.*",
        "fd00::20",
        "fd00::/8",
        "2001:db8:0:1::/64",
        "::ffff:10.0.0.0/104",
        "::/0",
        "runner.home.lan",
        "*.home.lan",
        "runner-?",
    ])("%s is let through", (from) => expect(problem(from)).toBe(""));

    test.each([
        "",
        "a,b",
        "a b",
        'a"b',
        "a'b",
        "a\\b",
        "a\nb",
        "a\x1bb",
        "!10.0.0.1",
        "fe80::1%eth0",
        // sshd takes a mask that is shorter than its address for a mistake, and lets nobody in.
        "192.168.1.20/24",
        "fd00::1/64",
        "10.0.0.0/33",
        "fd00::/129",
        "10.0.0.0/",
        "10.0.0.0/8/8",
        "10.0.0.0/-1",
        "runner.lan/24",
    ])("%j is refused", (from) =>
        expect(problem("10.0.0.1", from)).toMatch(/^transportKeyFrom(\[1\])?: .* is not allowed; it must be /),
    );

    test("no address at all is refused", () =>
        expect(problem()).toBe(
            "transportKeyFrom: [] is not allowed; give the addresses that the key may come from, or leave it out.",
        ));
});
