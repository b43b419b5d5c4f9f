import { parse as parseToml } from "smol-toml";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { shells } from "../shells";
import { authority, insecure, LinuxClient, script } from "./linuxClient";

describe.each(shells)("containerd's hosts.toml under %s", (_, shell) => {
    let machine: LinuxClient;
    beforeEach(() => {
        machine = new LinuxClient(shell);
    });
    afterEach(() => machine.remove());

    test("names the CA", async () => {
        await machine.must(script("containerd", authority));
        expect(parseToml(machine.read("etc/containerd/certs.d/nas:9160/hosts.toml"))).toEqual({
            server: "https://nas:9160",
            host: {
                "https://nas:9160": {
                    capabilities: ["pull", "resolve", "push"],
                    ca: "/etc/containerd/certs.d/nas:9160/nas-registry.crt",
                },
            },
        });
    });

    test("speaks HTTP without TLS", async () => {
        await machine.must(script("containerd", insecure));
        expect(parseToml(machine.read("etc/containerd/certs.d/nas:9160/hosts.toml"))).toMatchObject({
            server: "http://nas:9160",
        });
    });

    test("of somebody else is left alone; what to add is said", async () => {
        machine.write("etc/containerd/certs.d/nas:9160/hosts.toml", 'server = "https://mirror"\n');
        const sentence = await machine.refused(script("containerd", authority));
        expect(sentence).toContain("is somebody else's");
        expect(sentence).toContain('[host."https://nas:9160"]');
        await machine.must(script("containerd", authority), ["undo"]);
        expect(machine.exists("etc/containerd/certs.d/nas:9160/hosts.toml")).toBe(true);
    });

    test.each([
        ["Windows' line ends", (text: string) => text.replaceAll("\n", "\r\n")],
        ["a byte order mark", (text: string) => `\uFEFF${text}`],
    ])("that an editor has saved with %s is ours as before", async (_name, saved) => {
        const before = machine.snapshot();
        await machine.must(script("containerd", authority));
        const file = "etc/containerd/certs.d/nas:9160/hosts.toml";
        const written = machine.read(file);
        machine.write(file, saved(written));
        await machine.must(script("containerd", authority));
        expect(machine.read(file)).toBe(written);
        machine.write(file, saved(written));
        await machine.must(script("containerd", authority), ["undo"]);
        expect(machine.snapshot()).toEqual(before);
    });

    test("of a containerd that does not look there is said", async () => {
        machine.fake("containerd", `echo '      config_path = ""'`);
        expect(await machine.must(script("containerd", authority))).toContain(
            'set config_path = "/etc/containerd/certs.d"',
        );
        machine.fake("containerd", `echo '      config_path = "/etc/containerd/certs.d"'`);
        expect(await machine.must(script("containerd", authority))).not.toContain("config_path");
    });
});
