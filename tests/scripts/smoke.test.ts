import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { shellQuote } from "../../components/nas/script";
import { ScriptHost, shells } from "./shells";

const ip = `1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
1: lo    inet6 ::1/128 scope host \\       valid_lft forever preferred_lft forever
2: eth0    inet 192.168.1.20/24 brd 192.168.1.255 scope global eth0\\       valid_lft forever preferred_lft forever
2: eth0    inet6 fd00::20/64 scope global \\       valid_lft forever preferred_lft forever
2: eth0    inet6 fe80::211:32ff:fe12:3456/64 scope link \\       valid_lft forever preferred_lft forever
3: docker0    inet 172.17.0.1/16 brd 172.17.255.255 scope global docker0\\       valid_lft forever`;
const busybox = `eth0      Link encap:Ethernet  HWaddr 00:11:32:12:34:56
          inet addr:192.168.1.20  Bcast:192.168.1.255  Mask:255.255.255.0
          inet6 addr: fd00::20/64 Scope:Global
          inet6 addr: fe80::211:32ff:fe12:3456/64 Scope:Link
          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1`;
const netTools = `eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500
        inet 192.168.1.20  netmask 255.255.255.0  broadcast 192.168.1.255
        inet6 fd00::20  prefixlen 64  scopeid 0x0<global>
        inet6 fe80::211:32ff:fe12:3456  prefixlen 64  scopeid 0x20<link>`;

describe.each(shells)("the test of a registry after an update, under %s,", (_, shell) => {
    let host: ScriptHost;
    beforeEach(() => (host = new ScriptHost(shell)));
    afterEach(() => host.remove());

    /** @param serving The address at which something answers, with the status. */
    const run = (
        serving: Record<string, number>,
        { commands = { ip }, from = "10.0.0.9 51000 192.168.1.20 22", ...changed }: Options = {},
    ) => {
        const values = {
            ...{ docker: "engine", sudo: "", docker_env: "", scheme: "http", auth: "none", authority: "nas:5000" },
            ...{ address: "", port: 5000, username: "", password: "", ca_certificate: "", owner: "0:0" },
            ...{ data_directory: "", oldest_version: "3.1.1", registry_container: "registry", cache: "none" },
            ...{ pids_limit: "", redis_container: "", redis_pids_limit: "", seconds: 0 },
            ...changed,
        };
        const answers = Object.entries(serving).map(
            ([address, status]) => `*" ::${address}:5000 "*) echo ${status} ;;`,
        );
        const fakes = [
            `curl() { case " $* " in ${answers.join(" ")} *) echo 000; return 7 ;; esac; }`,
            "engine() { echo 'a line of the log'; }",
            ...["ip", "ifconfig"].map((name) => `${name}() { ${print(commands[name as "ip"])}; }`),
            `SSH_CONNECTION='${from}'`,
        ];
        return host.run(["registry/smoke.sh"], values, "apply", `${fakes.join("\n")}\n`);
    };
    interface Options {
        commands?: Partial<Record<"ip" | "ifconfig", string>>;
        from?: string;
        address?: string;
    }
    const print = (text?: string) => (text === undefined ? "return 127" : `echo ${shellQuote(text)}`);

    test.each(["192.168.1.20", "127.0.0.1", "[::1]", "[fd00::20]", "172.17.0.1"])(
        "finds it where it answers alone, at %s",
        async (address) => expect(await run({ [address]: 200 })).toMatchObject({ code: 0, stderr: "" }),
    );

    test("tries on where something else answers", async () => {
        expect(await run({ "192.168.1.20": 404, "127.0.0.1": 200 })).toMatchObject({ code: 0, stderr: "" });
    });

    test("tells all that it has tried, each once, by its number", async () => {
        const { code, stderr } = await run({ "192.168.1.20": 503 });
        expect(code).toBe(1);
        expect(stderr).toContain(
            "the registry does not answer on http://nas:5000/ (tried 192.168.1.20: status 503, 127.0.0.1: status 000, [::1]: status 000, [fd00::20]: status 000, 172.17.0.1: status 000); the last lines of the registry's log:\n  a line of the log",
        );
    });

    test.each([
        ["busybox' ifconfig", { ifconfig: busybox }],
        ["net-tools' ifconfig", { ifconfig: netTools }],
    ])("reads the addresses from %s", async (_, commands) => {
        const { stderr } = await run({}, { commands, from: "" });
        expect(stderr).toContain("(tried 127.0.0.1: status 000, 192.168.1.20: status 000, [fd00::20]: status 000)");
    });

    test("asks only where it is bound to, since another registry may be elsewhere", async () => {
        const { stderr } = await run({ "127.0.0.1": 200 }, { address: "fd00::20" });
        expect(stderr).toContain("(tried [fd00::20]: status 000)");
    });
});
