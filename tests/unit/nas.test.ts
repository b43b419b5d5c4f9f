import { describe, expect, test } from "vitest";

import { authority, knownHostsLine, sshOptions } from "../../components/nas/connection";
import { explainConnectionError, explainDockerError } from "../../components/nas/connectionErrors";
import { parseFacts, type NasFacts } from "../../components/nas/facts";
import { shortHash } from "../../components/nas/script";
import { dialStdio } from "../../components/nas/transport";
import { canonicalCpus, possibleLimits } from "../../components/registry/containers/container";
import { missingAbilities, shareProblem } from "../../components/registry/warnings";

const menus = { sshSetting: "Control Panel > SSH", blockSetting: "Control Panel > Blocked" };
const endpoint = { host: "nas", port: 2222, user: "admin", hostKey: "ssh-ed25519 AAAA" };

describe("connection errors say what to do", () => {
    test.each([
        [
            "after 2 failed attempts: ssh: handshake failed: ssh: host key mismatch",
            "connection.hostKey: admin@nas:2222 showed another",
        ],
        [
            "ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey]",
            "connection.user: admin@nas:2222 accepts none",
        ],
        ["dial tcp 192.168.1.9:22: connect: connection refused", "connection.host: admin@nas:2222 does not answer"],
        [
            "ssh: handshake failed: ssh: disconnect, reason 2: Too many authentication failures",
            "so many keys of your ssh-agent",
        ],
        ["ssh: this private key is passphrase protected", "connection.privateKey: the key has a passphrase"],
        ["failed to parse private key: ssh: no key found", "it is not a private key in OpenSSH or PEM format"],
        ["ssh: handshake failed: EOF", "admin@nas:2222 hung up before the login"],
        [
            "ssh: handshake failed: read tcp 10.0.0.2:5->10.0.0.9:22: read: connection reset by peer",
            "blocked this machine after failed logins (Control Panel > Blocked)",
        ],
        [
            "ssh: handshake failed: ssh: no common algorithm for key exchange; client offered: [x]",
            "no algorithm in common",
        ],
        ["ssh: rejected: administratively prohibited (open failed)", "--parallel 1"],
        ["dial unix /tmp/agent: connect: no such file or directory", "SSH_AUTH_SOCK names does not answer"],
        ["dial tcp: lookup nas: no such host", "Control Panel > SSH"],
        ["dial tcp: lookup nas: no such host", "an alias of ~/.ssh/config does not count"],
        ["dial tcp 192.168.1.9:22: i/o timeout", "it has not blocked this machine (Control Panel > Blocked)"],
        ["ssh: unable to authenticate, attempted methods [none], no supported methods remain", "was offered no key"],
        ["ssh: unable to authenticate, attempted methods [none password], no supported methods", "was offered no key"],
        [
            "ssh: unable to authenticate, attempted methods [none publickey keyboard-interactive]",
            "a code or a password",
        ],
        ["ssh: unable to authenticate, attempted methods [none publickey]", "'chmod 755 ~'"],
        ["ssh: handshake failed: agent: failed to sign challenge", "your ssh-agent did not sign"],
        ["ssh: handshake failed: ssh: overflow reading version string", "no SSH server answers"],
        [
            'Process exited with status 1: running "/bin/sh -s apply":\nThis account is currently not available.\n',
            "connection.user: admin has no shell on nas",
        ],
        ['Process exited with status 1: running "/bin/sh -s apply":\n', "connection.user: admin has no shell on nas"],
        [
            'Process exited with status 1: running "/bin/sh -s apply":\nThis service allows sftp connections only.\n',
            "connection.user: admin has no shell on nas",
        ],
        ["ssh: command /bin/sh -s apply failed", "connection.user: admin has no shell on nas"],
        ["ssh: rejected: resource shortage (no more sessions)", "--parallel 1"],
        // The command ssh.
        ["stderr=Host key verification failed.", "showed another host key"],
        ["stderr=admin@nas: Permission denied (publickey,password).", "does not let in the key of this stack"],
        ["stderr=ssh: connect to host nas port 2222: Connection refused", "admin@nas:2222 does not answer"],
        ["stderr=ssh: connect to host nas port 2222: Connection timed out", "admin@nas:2222 does not answer"],
        ["stderr=ssh: Could not resolve hostname nas: Name or service not known", "nothing here knows a 'nas'"],
        ["stderr=kex_exchange_identification: read: Connection reset by peer", "hung up before the login"],
        ["stderr=kex_exchange_identification: Connection closed by remote host", "hung up before the login"],
        ["stderr=mux_client_request_session: session request failed: Session open refused by peer", "--parallel 1"],
        ["stderr=Unable to negotiate with nas port 2222: no matching host key type found.", "no algorithm in common"],
        [
            'error during connect: malformed HTTP status code "to"',
            "the shell of this account prints text when it starts",
        ],
        [
            'wait: remote command exited without exit status or exit signal: running "/bin/sh -s apply":',
            "the SSH connection to admin@nas:2222 broke while a script ran there; run the same command again",
        ],
    ])("%s", (error, sentence) => {
        expect(explainConnectionError(error, endpoint, menus)).toContain(sentence);
    });

    test("a script's own sentence is not repeated", () => {
        for (const quoted of ["dial tcp: i/o timeout", "This account is currently not available."]) {
            const said = `Process exited with status 1: running "/bin/sh -s apply":\nnas-registry: the log: ${quoted}`;
            expect(explainConnectionError(said, endpoint, menus)).toBeUndefined();
        }
    });
});

test("IPv6 addresses stand in brackets", () => expect(authority("fd00::1", 5000)).toBe("[fd00::1]:5000"));

describe("of the docker provider's errors", () => {
    const ofSsh =
        "command [ssh -l admin -p 2222 -- nas docker system dial-stdio] has exited with exit status 255, stderr=ssh: connect to host nas port 2222: Connection refused";

    test("those of its ssh are explained", () =>
        expect(explainDockerError(`error during connect: ${ofSsh}`, endpoint, menus)).toContain("does not answer"));
    test("those of the engine's own connections are not", () =>
        expect(
            explainDockerError("Error response from daemon: dial tcp: lookup a.io: no such host", endpoint, menus),
        ).toBeUndefined());
});

describe("known_hosts", () => {
    test("has one line of this host, whatever stands behind the key", () => {
        for (const rest of ["\n* ssh-ed25519 BBBB", " comment\r* ssh-ed25519 BBBB", " root@nas\n", ""]) {
            expect(knownHostsLine({ ...endpoint, hostKey: `ssh-ed25519 AAAA${rest}` })).toBe(
                "[nas]:2222 ssh-ed25519 AAAA\n",
            );
        }
    });
});

describe("what the NAS answered", () => {
    const lines = {
        firmware: "DSM 7.2.2-72806",
        package: "ContainerManager",
        docker: "/usr/local/bin/docker",
        dockerEnv: "DOCKER_CONFIG=/root/.docker",
        daemonConfig: "/d.json",
        privilege: "root",
        engineVersion: "20.10.23",
        apiVersion: "1.41",
        cpuQuota: "false",
        memoryLimit: "true",
        swapLimit: "true",
        pidsLimit: "true",
        pageSize: "4096",
        sharedFolder: "/volume1/docker",
        shareWriters: "alice @users ",
        dataDirectory: "/volume1/docker/registry-data",
        controlDirectory: "/volume1/@nas-registry/registry",
        vendorGround: "",
        owner: "91600:91600",
        warnings: "",
    };
    const answer = (changed: Record<string, string>) =>
        Object.entries({ ...lines, ...changed })
            .map((line) => line.join("="))
            .join("\n");

    test("becomes typed facts, equals signs in values included", () => {
        expect(parseFacts(answer({}))).toMatchObject({
            dockerEnv: "DOCKER_CONFIG=/root/.docker",
            cpuQuota: false,
            pageSize: 4096,
            shareWriters: ["alice", "@users"],
        });
    });

    test("that others may write in the shared folder is said where the images are there", () => {
        const facts = parseFacts(answer({}));
        expect(shareProblem(facts)).toContain("alice, @users may write in '/volume1/docker'");
        expect(shareProblem(facts)).toMatch(/^dataDirectory: .*set it to a directory where nobody else may write\.$/);
        expect(shareProblem({ ...facts, shareWriters: [] })).toBeUndefined();
        expect(shareProblem({ ...facts, dataDirectory: "/volume1/private/registry-data" })).toBeUndefined();
    });

    test("a kernel that cannot limit processes is said", () => {
        expect(missingAbilities(parseFacts(answer({ cpuQuota: "true", pidsLimit: "false" })), true)).toEqual([
            expect.stringContaining("cannot limit processes"),
        ]);
    });

    test.each(["Welcome to the NAS\nIt is late", "Welcome"])("behind what a shell prints, %j, is refused", (said) => {
        expect(() => parseFacts(`${said}\n${answer({})}`)).toThrow(/prints text \('Welcome[^\n']*'\) when it starts/);
        expect(() => parseFacts(said + answer({}))).toThrow(/prints text \('Welcome/);
    });

    test("may have warnings before it", () =>
        expect(parseFacts(`warning=look out\n${answer({})}`)).toMatchObject({ package: "ContainerManager" }));

    test("a cut answer is an error", () => expect(() => parseFacts("firmware=DSM")).toThrow("lacks 'package'"));

    test("a kernel without CPU quota is said", () => {
        expect(missingAbilities(parseFacts(answer({})), true)).toEqual([
            expect.stringContaining("without a CPU limit"),
        ]);
    });

    test("memory pages that Redis cannot use are said", () => {
        expect(missingAbilities(parseFacts(answer({ cpuQuota: "true", pageSize: "32768" })), true)).toEqual([
            expect.stringContaining("32768 bytes"),
        ]);
    });

    test("of memory pages that only Redis minds is not said where there is none", () => {
        expect(missingAbilities(parseFacts(answer({ cpuQuota: "true", pageSize: "32768" })), false)).toEqual([]);
    });
});

describe("limits", () => {
    const wanted = { memory: 1024, memorySwap: undefined, redisMemory: 256, cpus: 2 };
    test("all of them where the kernel can", () => {
        expect(possibleLimits(wanted, { memoryLimit: true, swapLimit: true, cpuQuota: true })).toEqual({
            memory: 1024,
            redisMemory: 256,
            redisCpus: "1.0",
            cpus: "2.0",
        });
    });
    test("no CPUs without CPU quota", () => {
        expect(possibleLimits(wanted, { memoryLimit: true, swapLimit: true, cpuQuota: false })).toEqual({
            memory: 1024,
            redisMemory: 256,
        });
    });
    test.each([
        [1, "1.0"],
        [2, "2.0"],
        [1.5, "1.5"],
        [0.1, "0.1"],
    ])("%d CPUs are written as the provider reads them back", (cpus, text) => expect(canonicalCpus(cpus)).toBe(text));
});

describe("the transport", () => {
    const facts = {
        docker: "/share/CACHEDEV1_DATA/.qpkg/container-station/bin/docker",
        dockerEnv: "DOCKER_CONFIG=/root/.docker",
    };
    const forced = (privilege: NasFacts["privilege"]) => dialStdio({ ...facts, privilege });

    test("names docker by its absolute path", () => {
        expect(forced("root")).toBe(`env DOCKER_CONFIG=/root/.docker ${facts.docker} system dial-stdio`);
    });
    test("stays one command where the home has a blank in its name", () =>
        expect(
            dialStdio({ ...facts, dockerEnv: "DOCKER_CONFIG=/share/homes/anna maria/.docker", privilege: "group" }),
        ).toMatch(/^env DOCKER_CONFIG=\/share\/homes\/anna\\ maria\/\.docker \//));
    test("goes through sudo where it must", () =>
        expect(forced("sudo")).toBe(`sudo -n ${facts.docker} system dial-stdio`));
    test("checks the host key and asks nothing", () => {
        const options = sshOptions("~/.nas-registry/x", {});
        expect(options).toContain("StrictHostKeyChecking=yes");
        expect(options).toContain("UserKnownHostsFile=~/.nas-registry/x/known_hosts");
        expect(options).toContain("BatchMode=yes");
    });
    test("reads no configuration of the user's, which may name another host or a command", () =>
        expect(sshOptions("~/.nas-registry/x", {}).join(" ")).toMatch(/^-F \/dev\/null -o /));
    test("has a name that says nothing of the key", () =>
        expect(shortHash("ssh-ed25519 AAAA")).toMatch(/^[0-9a-f]{12}$/));
});
