import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { evilText, unprintable } from "../evilText";
import { must, Setting } from "./setting";
import type { NasOptions } from "../../lab";
import type { Arguments } from "../../lab/workspace";

let setting: Setting;

beforeAll(async () => {
    setting = await Setting.open("input");
});
afterAll(() => setting.close());

const otherHostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINac5tHT4rEfdOQYcalxs7rk41DMvMwPsXobLs782iQp";

/** `up` fails with the sentence, and nothing was made on the NAS. */
async function expectRefusal(options: NasOptions, args: Arguments, sentence: RegExp): Promise<void> {
    const nas = await setting.nas(options, args);
    const { code, stdout, stderr } = await setting.workspace.attempt(nas.name, "up");
    expect(stdout + stderr).toMatch(sentence);
    expect(code).not.toBe(0);
    const traces = await nas.exec(
        "ls -d /volume*/*/registry-* /volume*/@nas-registry /share/*/registry-* /share/*/*/registry-* /share/*/.nas-registry 2>/dev/null; grep -rs nas-registry: /root/.ssh/authorized_keys",
    );
    expect(traces.stdout).toBe("");
}

describe("known before anything is contacted", () => {
    test.each<[string, Arguments, RegExp]>([
        [
            "a missing host key",
            { connection: { hostKey: "" } },
            /connection\.hostKey: the host key is missing; give what 'ssh-keyscan/,
        ],
        [
            "a malformed host key",
            { connection: { hostKey: "ssh-ed25519 AAAA" } },
            /connection\.hostKey: the host key is not a whole ssh-ed25519 key/,
        ],
        [
            "an unknown vendor",
            { vendor: "asustor" },
            /vendor: "asustor" is not allowed; it must be one of synology, qnap, linux\./,
        ],
        [
            "a relative data directory",
            { dataDirectory: "data" },
            /dataDirectory: "data" is not allowed; it must be an absolute path/,
        ],
        ["a system path", { dataDirectory: "/etc/registry" }, /dataDirectory: "\/etc\/registry" is not allowed/],
    ])("%s", async (_, args, sentence) => {
        const nas = await setting.nas({ vendor: "synology" }, args);
        const { stdout, stderr, code } = await setting.workspace.attempt("synology", "up");
        expect(stdout + stderr).toMatch(sentence);
        expect(code).not.toBe(0);
        expect(await nas.sshLogins()).toBe(0);
    });
});

describe("known from the connection", () => {
    test("nobody answers", () =>
        expectRefusal(
            { vendor: "synology" },
            { connection: { port: 2299 } },
            /connection\.host: root@127\.[\d.]+:2299 does not answer; check connection\.host/,
        ));
    test("another host key", () =>
        expectRefusal(
            { vendor: "synology" },
            { connection: { hostKey: otherHostKey } },
            /connection\.hostKey: root@\S+ showed another host key/,
        ));
    test("a key that the NAS does not know", () =>
        expectRefusal(
            { vendor: "synology", authorizedKey: otherHostKey },
            {},
            /connection\.user: root@\S+ accepts none of the keys offered/,
        ));
});

describe("known from the NAS", () => {
    test.each<[string, NasOptions, Arguments, RegExp]>([
        [
            "it is of another vendor",
            { vendor: "qnap" },
            { vendor: "synology" },
            /vendor: 'synology' was given, but this NAS is a qnap/,
        ],
        [
            "Container Manager is absent",
            { vendor: "synology", package: "absent" },
            {},
            /Container Manager is not installed on this NAS/,
        ],
        [
            "Container Manager is stopped",
            { vendor: "synology", package: "stopped" },
            {},
            /ContainerManager is installed but not running on this NAS/,
        ],
        [
            "Container Station is absent",
            { vendor: "qnap", package: "absent" },
            {},
            /Container Station is not installed on this NAS/,
        ],
        [
            "Container Station is stopped",
            { vendor: "qnap", package: "stopped" },
            {},
            /Container Station is installed but not running on this NAS/,
        ],
        [
            "there is no shared folder",
            { vendor: "synology", sharedFolder: false },
            {},
            /sharedFolder: there is no shared folder 'docker' on this NAS/,
        ],
        [
            "there is no shared folder",
            { vendor: "qnap" },
            { sharedFolder: "Images" },
            /sharedFolder: there is no shared folder 'Images' on this NAS/,
        ],
        ["the port is taken", { vendor: "qnap", foreignPorts: [5000] }, {}, /port: 5000 is already in use on this NAS/],
        [
            "a stranger's container has the name",
            { vendor: "qnap", foreignContainer: "registry" },
            {},
            /containerName: a container named 'registry' exists on this NAS/,
        ],
        [
            "sudo asks for a password",
            { vendor: "synology", login: { user: "anna", sudo: "password" } },
            {},
            /connection\.user: anna may neither open the Docker socket nor use sudo without a password[^]*sudo tee \/etc\/sudoers\.d\/zzzz-nas-registry\n\s*sudo chmod 440/,
        ],
    ])("%s", (_, options, args, sentence) => expectRefusal(options, args, sentence));
});

test("what a command of the NAS says takes nobody's terminal over", async () => {
    const nas = await setting.nas({ vendor: "synology" });
    await must(
        nas.exec(
            `cat >/tmp/said
            printf '#!/bin/sh\ncat /tmp/said; cat /tmp/said >&2; exit 1\n' >/usr/local/bin/mkdir
            chmod 755 /usr/local/bin/mkdir`,
            { input: `the disk is ${evilText}\n` },
        ),
    );
    const { code, stdout, stderr } = await setting.workspace.attempt("synology", "up");
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(/the disk is \[2J[^]*could not be made on this NAS/);
    expect((stdout + stderr).replaceAll(/[\r\t]/g, "")).not.toMatch(unprintable);
});

test("up works after the mend", async () => {
    const nas = await setting.nas({ vendor: "synology", package: "stopped" });
    expect((await setting.workspace.attempt("synology", "up")).code).not.toBe(0);
    await nas.exec("/usr/syno/bin/synopkg start ContainerManager");
    await setting.workspace.operate("synology", "up");
    expect(Object.keys((await setting.workspace.operate("synology", "up")).changes)).toEqual(["same"]);
    await setting.workspace.operate("synology", "destroy", "--run-program");
});
