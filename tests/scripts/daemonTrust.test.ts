import * as fs from "node:fs";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { renderScript } from "../../components/nas/script";
import { trustValues, type ClientTrust } from "../../components/clients/clientSetup";
import { DAEMON_TRUST_SCRIPTS } from "../../components/registry/onNas";
import { caCertificate } from "../publicAuthorities";
import { ClientMachine } from "./clientMachine";
import { evilText, unprintable } from "../evilText";
import { shells } from "./shells";

const authority: ClientTrust = { caCertificate };
const mirror: ClientTrust = { caCertificate, ofDockerHub: true };
const absent = "Error response from daemon: manifest for nas:9160/x not found: manifest unknown: manifest unknown";
const failure = (text: string) => `Error response from daemon: Get "https://nas:9160/v2/": ${text}`;

/** What a make of NAS says of itself: two places for certificates, the second of which is lost at a restart. */
const vendor = `
nas_certs_directories() { printf '%s\\n' /etc/package/certs.d /etc/docker/certs.d; }
nas_keeps() { case $1 in /etc/package/*) true ;; *) false ;; esac; }
nas_sudoers() { echo /etc/sudoers.d/lab; }
sudo() { return 1; }
`;

/** Notes its arguments and what it reads, takes one password, and answers every pull alike. */
const docker = (machine: ClientMachine) => `
echo "$*" >>"${machine.path("arguments")}"
echo "$2" >"${machine.path("configuration")}"
case "$3" in
login) read -r password || :; : >"$2/config.json"; [ "$password" = right ] || { echo "unauthorized: wrong" >&2; exit 1; } ;;
pull) cat "${machine.path("answer")}" >&2; exit 1 ;;
*) exit 64 ;;
esac`;

/**
 * What engines say, R in place of the registry: of 20.10 to 28 with their own images, of 24 to 29 with containerd's, and of
 * Podman's docker command.
 */
const pulls = [
    ["Error response from daemon: manifest for R/nas-registry/trust-check:none not found: manifest unknown", "absent"],
    ["Error response from daemon: manifest for R/x not found: name unknown: repository name not known", "absent"],
    [
        'Error response from daemon: failed to resolve reference "R/nas-registry/trust-check:none": R/nas-registry/trust-check:none: not found',
        "absent",
    ],
    [
        "Error response from daemon: unexpected status from HEAD request to https://R/v2/x/manifests/none: 404 Not Found",
        "absent",
    ],
    [
        "Error: initializing source docker://R/x: reading manifest none in R/x: MANIFEST UNKNOWN: manifest unknown",
        "absent",
    ],
    ['Error response from daemon: Head "https://R/v2/x/manifests/none": no basic auth credentials', "denied"],
    [
        "Error response from daemon: pull access denied for R/x, repository does not exist or may require 'docker login'",
        "denied",
    ],
    [
        'Error response from daemon: failed to resolve reference "R/x": pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials',
        "denied",
    ],
    [
        'Error response from daemon: failed to resolve reference "R/x": pulling from host R failed with status code [manifests none]: 401 Unauthorized',
        "denied",
    ],
    [
        'Error response from daemon: failed to resolve reference "R/x": unexpected status from HEAD request to https://R/v2/x/manifests/none: 403 Forbidden',
        "denied",
    ],
    ['Error response from daemon: Get "https://R/v2/": x509: certificate signed by unknown authority', "untrusted"],
    [
        'Error response from daemon: failed to resolve reference "R/x": failed to do request: Head "https://R/v2/x/manifests/none": tls: failed to verify certificate: x509: certificate signed by unknown authority',
        "untrusted",
    ],
    ['Error response from daemon: Get "https://R/v2/": http: server gave HTTP response to HTTPS client', "plain"],
    [
        'Error response from daemon: failed to do request: Head "https://R/v2/": dial tcp 10.0.0.9:9160: connect: connection refused',
        "unreachable",
    ],
    [
        'Error response from daemon: Get "https://R/v2/": dial tcp: lookup nas on 127.0.0.11:53: no such host',
        "unreachable",
    ],
    [
        'Error response from daemon: Get "https://R/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
        "unreachable",
    ],
    [
        'Error response from daemon: failed to resolve reference "R/x": failed to do request: Head "https://R/v2/": EOF',
        "unreachable",
    ],
    // Before what it was asked for, the command says that it may not read a login of root's; since 27.
    [
        'WARNING: Error loading config file: open /home/anna/.docker/config.json: permission denied\nError response from daemon: Get "https://R/v2/": dial tcp 10.0.0.9:9160: connect: connection refused',
        "unreachable",
    ],
] as const;
const saidOf = {
    denied: "does not let 'admin' pull",
    untrusted: "does not trust nas:9160",
    plain: "does not take nas:9160 for an insecure registry",
    unreachable: "does not reach nas:9160",
};

describe.each(shells)("the NAS's own daemon, under %s", (_, shell) => {
    let machine: ClientMachine;
    beforeEach(() => {
        machine = new ClientMachine(shell);
        machine.fake("docker", docker(machine));
        answers(absent);
    });
    afterEach(() => machine.remove());

    interface Trust {
        registry: string;
        trust: ClientTrust;
        password: string;
        user: "root" | "anybody";
    }
    const places = (registry = "nas:9160") =>
        ["package", "docker"].map((owner) => `etc/${owner}/certs.d/${registry}/nas-registry.crt`);
    const answers = (text: string) => fs.writeFileSync(machine.path("answer"), `${text}\n`);
    const run = (action: string, { registry = "nas:9160", trust = authority, password, user }: Partial<Trust> = {}) => {
        const values = {
            ...trustValues(registry, trust),
            docker: machine.path("bin", "docker"),
            docker_env: "",
            argument: trust.ofDockerHub ? "daemonMirror" : "daemonTrust",
            username: password === undefined ? "" : "admin",
            password: password ?? "",
        };
        return machine.run(vendor + renderScript(values, "nas/lib.sh", ...DAEMON_TRUST_SCRIPTS), [action], user);
    };
    const must = async (action: string, trust: Partial<Trust> = {}) => {
        const { code, stdout, stderr } = await run(action, trust);
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
        return stdout;
    };
    const refused = async (trust: Partial<Trust> = {}) => {
        const { code, stderr } = await run("apply", trust);
        expect(code).toBe(1);
        return stderr;
    };

    test.each(["nas:9160", "[fd00::20]:9160", "registry.lan"])(
        "%s is trusted, until that is taken back",
        async (registry) => {
            machine.write(`etc/docker/certs.d/${registry}/theirs.crt`, "theirs");
            // What the address in brackets would be as a pattern.
            machine.write("etc/docker/certs.d/d:9160/nas-registry.crt", "theirs");
            const before = machine.snapshot();
            await must("apply", { registry });
            expect(places(registry).map((place) => machine.read(place))).toEqual([caCertificate, caCertificate]);
            const after = machine.snapshot();
            await must("apply", { registry });
            expect(machine.snapshot()).toEqual(after);
            await must("revert", { registry });
            expect(machine.snapshot()).toEqual(before);
        },
    );

    describe("of a mirror of Docker Hub", () => {
        const hub = (registry = "nas:9160", owner = "docker") =>
            `etc/${owner}/certs.d/docker.io/nas-registry-${registry}.crt`;

        test.each(["nas:9160", "[fd00::20]:9160", "registry.lan"])(
            "%s the certificate is in the place of Docker Hub, too, and what is there of others stays",
            async (registry) => {
                const trust = mirror;
                machine.write("etc/docker/certs.d/docker.io/theirs.crt", "theirs");
                const before = machine.snapshot();
                await must("apply", { registry: "other:1", trust });
                const other = machine.snapshot();
                await must("apply", { registry, trust });
                expect(
                    [...places(registry), hub(registry), hub(registry, "package")].map((each) => machine.read(each)),
                ).toEqual(Array(4).fill(caCertificate));
                const after = machine.snapshot();
                await must("apply", { registry, trust });
                expect(machine.snapshot()).toEqual(after);
                await must("revert", { registry, trust });
                expect(machine.snapshot()).toEqual(other);
                await must("revert", { registry: "other:1", trust });
                expect(machine.snapshot()).toEqual(before);
            },
        );

        test("that became one of another registry the certificate leaves that place", async () => {
            await must("apply", { trust: mirror });
            await must("apply");
            expect(machine.exists(hub())).toBe(false);
            expect(places().every((place) => machine.exists(place))).toBe(true);
        });

        test("a pull that fails leaves nothing, and insecurity is no advice", async () => {
            const before = machine.snapshot();
            answers(failure("x509: certificate signed by unknown authority"));
            const said = await refused({ trust: mirror });
            expect(said).toContain("set daemonMirror to false, or use a certificate of a public authority.");
            expect(machine.snapshot()).toEqual(before);
        });

        test("a check finds the certificate that is gone", async () => {
            await must("apply", { trust: mirror });
            fs.rmSync(machine.path(hub()));
            expect(await must("check", { trust: mirror })).toBe(
                `'/${hub()}' is missing, or is not the certificate of the registry's authority\n`,
            );
        });

        test("nothing hides what somebody has set for all registries, and that is told of", async () => {
            machine.write("etc/docker/certs.d/_default/hosts.toml", "theirs");
            expect(await must("apply", { trust: mirror })).toContain(
                `daemonMirror: '/${hub()}' was not made, since Docker Engine 28 and newer would no longer look into '_default' there`,
            );
            expect(machine.exists("etc/docker/certs.d/docker.io")).toBe(false);
            expect(machine.exists(hub("nas:9160", "package"))).toBe(true);
        });
    });

    test("what the daemon says reaches no terminal but as text", async () => {
        answers(failure(`dial tcp: ${evilText}`));
        const stderr = await refused();
        expect(stderr).not.toMatch(unprintable);
        expect(stderr).toMatch(/does not reach nas:9160 \(.*dlrow \\033\[31m\\c\): the NAS itself must/);
    });

    test("a certificate that is lost when the NAS restarts is told of", async () => {
        expect(await must("apply")).toBe(
            "warning=daemonTrust: '/etc/docker/certs.d/nas:9160/nas-registry.crt' is in the NAS's memory and gone after a restart of the NAS; give reapply another text then, and run 'up'.\n",
        );
    });

    test("a public authority needs no certificate, and a registry without TLS has none", async () => {
        const before = machine.snapshot();
        expect(await must("apply", { trust: {} })).toBe("");
        expect(await must("apply", { trust: { insecure: true } })).toBe("");
        expect(machine.snapshot()).toEqual(before);
    });

    test.each([
        [
            "x509: certificate signed by unknown authority",
            "does not trust nas:9160 although its certificate is in /etc/",
        ],
        ["http: server gave HTTP response to HTTPS client", "does not take nas:9160 for an insecure registry"],
        ["dial tcp: lookup nas: no such host", "does not reach nas:9160"],
    ])("a pull that ends in %s fails with the reason, and leaves nothing", async (answer, sentence) => {
        const before = machine.snapshot();
        answers(failure(answer));
        const said = await refused();
        expect(said).toContain(`nas-registry: daemonTrust: the NAS's Docker daemon ${sentence}`);
        expect(said).toContain(answer);
        expect(machine.snapshot()).toEqual(before);
    });

    test.each(pulls)("%s: the pull is %s", async (answer, kind) => {
        answers(answer.replace(/\bR\b/g, "nas:9160"));
        const { code, stderr } = await run("apply", { password: "right" });
        const sentence = { absent: "", ...saidOf }[kind];
        expect({ code, isSaid: stderr.includes(sentence) }).toEqual({ code: sentence === "" ? 0 : 1, isSaid: true });
    });

    test("an answer in words that nobody knows takes nothing back, and is told of whole", async () => {
        await must("apply");
        answers(`The engine\nspeaks ${evilText} another language`);
        const said = /words that are not known here: The engine speaks .*dlrow.* another language/;
        const stdout = await must("apply");
        expect(stdout).toMatch(new RegExp(`^warning=daemonTrust: .*${said.source}`, "m"));
        expect(stdout.replaceAll("\n", "")).not.toMatch(unprintable);
        expect(places().every((place) => machine.exists(place))).toBe(true);
        expect(await must("check")).toMatch(said);
    });

    test("a registry with a name of an engine's words is judged by the engine", async () => {
        answers("Error response from daemon: no-such-host-denied.lan:5000/x: something new");
        expect(await must("apply", { registry: "no-such-host-denied.lan:5000" })).toContain("words that are not known");
    });

    test("a certificate that counted as a public authority's, and that the NAS does not know, is told of as such", async () => {
        answers(failure("x509: certificate signed by unknown authority"));
        expect(await refused({ trust: {} })).toContain(
            "the NAS's Docker daemon does not know the authority of nas:9160",
        );
    });

    test("an update whose pull fails leaves the registry trusted", async () => {
        await must("apply");
        answers(failure("dial tcp: connection refused"));
        await refused();
        expect(places().every((place) => machine.exists(place))).toBe(true);
    });

    test("the pull is that of a user, whose password is seen nowhere and kept nowhere", async () => {
        await must("apply", { password: "right" });
        const seen = machine.read("arguments");
        expect(seen).toContain("login nas:9160 --username admin --password-stdin\n");
        expect(seen).not.toContain("right");
        expect(fs.existsSync(machine.read("configuration").trim())).toBe(false);
    });

    test("a user who may not pull is an error; where nobody has a password, a question for one is an answer", async () => {
        answers(failure("no basic auth credentials"));
        await must("apply");
        expect(await refused({ password: "wrong" })).toContain(
            "nas:9160 does not let 'admin' pull on the NAS (unauthorized: wrong)",
        );
    });

    test("a check finds what is gone, and changes nothing", async () => {
        await must("apply");
        expect(await must("check")).toBe("");
        fs.rmSync(machine.path(places()[0] ?? ""));
        machine.write(places()[1] ?? "", "theirs");
        const before = machine.snapshot();
        expect(await must("check")).toBe(
            ["package", "docker"]
                .map(
                    (owner) =>
                        `'/etc/${owner}/certs.d/nas:9160/nas-registry.crt' is missing, or is not the certificate of the registry's authority\n`,
                )
                .join(""),
        );
        expect(machine.snapshot()).toEqual(before);
    });

    test("whoever is not root is told how to become that", async () => {
        expect(await refused({ user: "anybody" })).toContain(
            "which needs root. As an administrator run these two lines there",
        );
    });
});
