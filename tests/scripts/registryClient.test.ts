import * as fs from "node:fs";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { renderScript } from "../../components/nas/script";
import { clientScripts } from "../../components/registryClient";
import { trustValues, type ClientTrust } from "../../components/clients/clientSetup";
import { caCertificate, otherCaCertificate } from "../publicAuthorities";
import { ClientMachine } from "./clientMachine";
import { evilText, unprintable } from "../evilText";
import { asOwnerReads } from "./owner";
import { shells } from "./shells";

const authority: ClientTrust = { caCertificate };
const missing = "Error response from daemon: manifest for nas:9160/x not found: manifest unknown: manifest unknown";
const config = "home/.docker/config.json";

/** A docker command with a login file as the real one writes it, and one answer to every pull. */
const docker = (machine: ClientMachine) => `
config=$2/config.json
case "$1 $3" in
"version "*) exit 0 ;;
*" version") echo 24.0 ;;
*" login")
    read -r password || :
    [ "$password" = right ] || { echo "unauthorized: $password is not known" >&2; exit 1; }
    [ -f "$config" ] || echo '{}' >"$config"
    jq --tab --arg registry "$4" '.auths[$registry] = {auth: "eA=="}' "$config" >"$config.tmp" && cat "$config.tmp" >"$config" && rm "$config.tmp" ;;
*" logout")
    jq --tab --arg registry "$4" 'del(.auths[$registry])' "$config" >"$config.tmp" && mv "$config.tmp" "$config" ;;
*" pull") cat "${machine.path("answer")}" >&2; exit 1 ;;
*) exit 64 ;;
esac`;

describe.each(shells)("a Docker host under %s", (_, shell) => {
    let machine: ClientMachine;
    beforeEach(() => {
        machine = new ClientMachine(shell);
        machine.link("jq");
        machine.link("cksum");
        machine.link("chown");
        machine.fake("docker", docker(machine));
        answers(missing);
    });
    afterEach(() => machine.remove());

    const answers = (text: string) => machine.write("answer", `${text}\n`);
    const render = ({ registry = "nas:9160", trust = authority, ...rest }: Partial<Client> = {}) =>
        renderScript(
            { ...trustValues(registry, trust), containerd: "", username: "", password: "", ...rest },
            ...clientScripts,
        );
    interface Client {
        registry: string;
        trust: ClientTrust;
        containerd: string;
        username: string;
        password: string;
    }
    const login = { username: "admin", password: "right" };
    const must = async (action: "apply" | "revert" | "check", client: Partial<Client> = {}) => {
        const { stdout, ...ended } = await machine.run(render(client), [action]);
        expect(ended).toMatchObject({ code: 0, stderr: "" });
        return stdout;
    };
    const refused = async (client: Partial<Client> = {}) => {
        const before = machine.snapshot();
        const { code, stderr } = await machine.run(render(client), ["apply"]);
        expect(code).toBe(1);
        expect(machine.snapshot()).toEqual(before);
        return stderr;
    };

    test("what docker says reaches no terminal but as text", async () => {
        answers(`dial tcp: ${evilText} Grüße`);
        const stderr = await refused();
        expect(stderr).not.toMatch(unprintable);
        expect(stderr).toContain(
            "nas-registry: registry: nas:9160 does not answer this host's Docker Engine (dial tcp: ",
        );
        expect(stderr).toMatch(/dlrow \\033\[31m\\c Grüße\): check the name/);
    });

    test.each<[string, Partial<Client>]>([
        ["the CA", {}],
        ["no TLS", { trust: { insecure: true } }],
        ["containerd", { containerd: "yes" }],
        ["a login", login],
    ])("revert takes back %s, and a second apply changes nothing", async (_, client) => {
        const before = machine.snapshot();
        await must("apply", client);
        const after = machine.snapshot();
        expect(after).not.toEqual(before);
        await must("apply", client);
        expect(machine.snapshot()).toEqual(after);
        await must("revert", client);
        expect(machine.snapshot()).toEqual(before);
    });

    describe("a login", () => {
        test.each(['{ "auths":{ } }', '{"auths":{"other:1":{"auth":"b3RoZXI="}},"credHelpers":{"nas:9160":"pass"}}'])(
            "leaves %s byte for byte",
            async (before) => {
                machine.write(config, before, 0o644);
                const untouched = machine.snapshot();
                await must("apply", login);
                expect(fs.statSync(machine.path(config)).mode & 0o777).toBe(0o600);
                expect(machine.read(config)).toContain('"nas:9160"');
                await must("revert", login);
                expect(machine.snapshot()).toEqual(untouched);
            },
        );

        test("made meanwhile by somebody to another registry stays", async () => {
            machine.write(config, '{"auths":{}}');
            await must("apply", login);
            const changed = JSON.parse(machine.read(config)) as { auths: Record<string, object> };
            changed.auths["other:1"] = { auth: "x" };
            machine.write(config, JSON.stringify(changed));
            await must("revert", login);
            expect(JSON.parse(machine.read(config))).toEqual({ auths: { "other:1": { auth: "x" } } });
            expect(fs.readdirSync(machine.path("home", ".docker"))).toEqual(["config.json"]);
        });

        test.each([
            '{"auths": { "nas:9160" : {"auth":"YTpi"} } }',
            '{"auths":{"https://nas:9160":{"auth":"YTpi"}}}',
            '{"auths":{"https:\\/\\/nas:9160\\/v1\\/":{"auth":"YTpi"}}}',
            '{"auths":{"nas\\u003a9160":{"auth":"YTpi"}}}',
            '{\r\n\t"auths":\r\n\t{\t"nas:9160"\t:\t{}}}\r\n',
        ])("of somebody to the same registry is not taken over: %j", async (text) => {
            machine.write(config, text);
            expect(await asOwnerReads("config.json", text)).toBeDefined();
            expect(await refused(login)).toContain("is logged in to nas:9160 on this host already");
        });

        test.each(["\uFEFF{}", "{", "// mine\n{}"])(
            "is not put into a file that docker would write anew: %j",
            async (text) => {
                machine.write(config, text);
                expect(await asOwnerReads("config.json", text)).toBeUndefined();
                const warning = `WARNING: Error parsing config file (${config}): invalid character`;
                machine.fake("docker", `[ "$3" != version ] || echo '${warning}' >&2\n${docker(machine)}`);
                expect(await refused(login)).toContain(`docker cannot read '${machine.home}/.docker/config.json'`);
            },
        );

        test.each([
            ["nas:9160", "other:1"],
            ["other:1", "nas:9160"],
        ])("to two registries leaves nothing, %s taken back first", async (...order) => {
            const before = machine.snapshot();
            await must("apply", login);
            await must("apply", { ...login, registry: "other:1" });
            for (const registry of order) {
                await must("revert", { ...login, registry });
            }
            expect(machine.snapshot()).toEqual(before);
        });

        test("that is no longer wanted is taken back", async () => {
            await must("apply");
            const loggedOut = machine.snapshot();
            await must("apply", login);
            await must("apply");
            expect(machine.snapshot()).toEqual(loggedOut);
        });

        test("that the registry refuses says so and leaves nothing", async () => {
            expect(await refused({ ...login, password: "wrong" })).toContain(
                "username: nas:9160 refused the login of 'admin'",
            );
        });
    });

    test.each([
        ["tls: failed to verify certificate: x509: certificate signed by unknown authority", "caCertificate: "],
        ["http: server gave HTTP response to HTTPS client", "registry: nas:9160 has no TLS"],
        ["dial tcp 10.0.0.9:9160: connect: no route to host", "registry: nas:9160 does not answer"],
    ])("a pull that ends in %s fails and leaves nothing", async (answer, sentence) => {
        answers(`Error response from daemon: Get "https://nas:9160/v2/": ${answer}`);
        expect(await refused({ containerd: "yes" })).toContain(sentence);
    });

    test("an answer in words that nobody knows takes nothing back, and is told of", async () => {
        answers("Error response from daemon: speaks another language");
        const words = /words that are not known here: Error response from daemon: speaks another language/;
        expect(await must("apply")).toMatch(new RegExp(`^warning=registry: .*${words.source}`, "m"));
        expect(await must("check")).toMatch(words);
    });

    test("an image that containerd's store does not find is absent", async () => {
        const image = "nas:9160/nas-registry/trust-check:none";
        answers(`Error response from daemon: failed to resolve reference "${image}": ${image}: not found`);
        expect(await must("apply")).toBe("");
    });

    test("a pull that asks for a login is enough without one, and too little with one", async () => {
        answers("Error response from daemon: Head https://nas:9160/v2/x: no basic auth credentials");
        await must("apply");
        await must("revert");
        expect(await refused(login)).toContain("username: nas:9160 does not let 'admin' pull");
    });

    test.each<[string, Partial<Client>]>([
        ["another CA", { ...login, trust: { caCertificate: otherCaCertificate } }],
        ["no TLS", { ...login, trust: { insecure: true } }],
        ["containerd", { ...login, containerd: "yes" }],
        ["no login", {}],
    ])("an apply with %s that fails leaves what the last one has set up", async (_, client) => {
        machine.write(config, "{}");
        machine.write("etc/docker/daemon.json", '{"debug":true}');
        await must("apply", login);
        answers("Error response from daemon: connection refused");
        expect(await refused(client)).toContain("does not answer");
    });

    test("a login that the registry no longer accepts leaves the old one", async () => {
        await must("apply", login);
        expect(await refused({ ...login, password: "wrong" })).toContain("refused the login");
    });

    test("a hosts.toml of somebody else is left alone, and nothing else is set up", async () => {
        machine.write("etc/containerd/certs.d/nas:9160/hosts.toml", "theirs\n");
        expect(await refused({ containerd: "yes" })).toContain("is somebody else's");
    });

    test("a host without Docker is told so", async () => {
        fs.rmSync(machine.path("bin", "docker"));
        expect(await refused()).toContain("there is no docker command on this host");
    });

    test("somebody whose sudo asks for a password is told the two lines that mend it", async () => {
        machine.fake("sudo", "exit 1");
        const { code, stderr } = await machine.run(render(), ["apply"], "anybody");
        expect(code).toBe(1);
        expect(stderr).toContain("NOPASSWD: ALL' | sudo tee /etc/sudoers.d/nas-registry-");
    });
});
