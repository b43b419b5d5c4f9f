import * as fs from "node:fs";
import * as path from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { connected } from "../../components/cli/check/session";
import type { Nas } from "../../lab";
import type { CommandResult } from "../../toolchain/process";
import { linkedProgram } from "../linkedProgram";
import { check, engineFiles, identity, must, Setting } from "./setting";

const stack = "drift";
const daemonFile = "/var/packages/ContainerManager/etc/dockerd.json";

let setting: Setting;
let nas: Nas;
let privateKey: string;
let secrets: string[];
/** By the first `up`. */
let said: string;

beforeAll(async () => {
    setting = await Setting.open("drift", linkedProgram("tests/drift"));
    nas = await setting.lab.startNas({ vendor: "synology", packageStart: "resets" });
    const connection = { host: nas.address, port: nas.sshPort, user: nas.user, hostKey: nas.hostKey };
    await setting.workspace.initStack(stack, { "drift:vendor": "synology", "drift:connection": connection }, [nas]);
    privateKey = fs.readFileSync(nas.privateKeyFile, "utf8");
    await setting.workspace.useKey(stack, privateKey);
    ({ stdout: said } = await setting.workspace.operate(stack, "up"));
    const { password = "" } = await setting.workspace.outputs(stack);
    secrets = [password, ...privateKey.trim().split("\n").slice(1, -1)];
});
afterAll(() => setting.close());

/** Whatever the check says, no secret is in it, and it leaves no file. */
async function checked(ofStack = stack): Promise<CommandResult> {
    const temporary = path.join(setting.workspace.directory, "tmp");
    fs.mkdirSync(temporary, { recursive: true });
    const result = await check(setting.workspace, ofStack, { TMPDIR: temporary });
    expect(fs.readdirSync(temporary).filter((name) => name.startsWith("nas-"))).toEqual([]);
    expect(secrets.filter((secret) => (result.stdout + result.stderr).includes(secret))).toEqual([]);
    return result;
}

/** Does what the command says below a thing, word for word but for the questions; the arguments `reapply` are configuration. */
async function mend(stdout: string, name: string): Promise<void> {
    const [, remedy = ""] = new RegExp(`finding +${name} [^]*?\n +to mend: (.*)`).exec(stdout) ?? [];
    const [, component, reapply = "", commands = ""] = /^set reapply of (.*) to "(\S+)", then (.*)$/.exec(remedy) ?? [];
    expect(component).toMatch(/^NasRegistry 'registry'$|^NasDaemonConfig 'daemon'$/);
    await setting.workspace.configure(stack, "reapply", reapply);
    const command = commands.replace(/pulumi (up|refresh)/g, "pulumi $1 --yes --skip-preview");
    await must(setting.workspace.inProject("sh", ["-c", command]));
}

const expectWell = async () =>
    expect(await checked()).toMatchObject({ code: 0, stdout: expect.stringContaining("nothing found;") as string });

test("a key in the configuration, without an ssh-agent, is a secret everywhere, and changes nothing the second time", async () => {
    expect(secrets.length).toBeGreaterThan(3);
    const seen = said + (await setting.workspace.export(stack));
    expect(secrets.filter((secret) => seen.includes(secret))).toEqual([]);
    expect(Object.keys((await setting.workspace.operate(stack, "up")).changes)).toEqual(["same"]);
});

test("a stack that is as it was left is well, and nothing of it is changed or left on the NAS", async () => {
    const files = () =>
        must(
            nas.exec(`cat ${daemonFile} ~/.ssh/authorized_keys
                ls -AR --ignore='${engineFiles}' ~/.ssh /tmp ${path.dirname(daemonFile)}/`),
        );
    const before = [await files(), await identity(nas, "registry")];
    const { code, stdout, stderr } = await checked();
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/ok +certificate of \S+:9160 until 20\d\d-/);
    expect(stdout).toMatch(/\nnothing found; 8 things on 1 machine\.\n$/);
    expect([await files(), await identity(nas, "registry")]).toEqual(before);
});

test("what a start of the package and a firmware took away is found, and the remedy puts it back", async () => {
    await must(nas.exec("/usr/syno/bin/synopkg restart ContainerManager"));
    await must(nas.exec("sed -i /nas-registry/d ~/.ssh/authorized_keys"));
    const { code, stdout } = await checked();
    expect(code).toBe(1);
    expect(stdout).toMatch(
        /finding +daemon-daemon +'insecure-registries' in '\S+dockerd.json' is not as this stack set/,
    );
    expect(stdout).toContain(`the running Docker daemon does not have insecure-registries "nas.example:5000"`);
    expect(stdout).toMatch(/finding +registry-transport +'\S+authorized_keys' has no line that lets this stack/);
    await mend(stdout, "daemon-daemon");
    await expectWell();
    expect(await must(nas.exec(`cat ${daemonFile}`))).toContain("nas.example:5000");
});

test("a registry whose container, network and configuration are gone is found, and the remedies bring it back", async () => {
    await must(nas.exec("rm -r /volume1/@nas-registry/registry/registry"));
    await nas.docker("rm", "--force", "registry");
    await nas.docker("network", "rm", "registry");
    const { code, stdout } = await checked();
    expect(code).toBe(1);
    expect(stdout).toMatch(/finding +registry-files .*\n? *.*the network 'registry' is gone/);
    expect(stdout).toMatch(
        /finding +registry-smoke-test +the registry does not answer on https:\S+ \(tried \S+: status 000, .*127\.0\.0\.1: status 000.*\)\n/,
    );
    await mend(stdout, "registry-smoke-test");
    await expectWell();
});

test("an up that meets no network says what brings it back, and that does", async () => {
    await nas.docker("rm", "--force", "registry");
    await nas.docker("network", "rm", "registry");
    const { code, stdout, stderr } = await setting.workspace.attempt(stack, "up", "--refresh");
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain("the network 'registry' is gone from the NAS: set reapply to another text");
    await setting.workspace.configure(stack, "reapply", "for the network");
    await setting.workspace.operate(stack, "up");
    await expectWell();
});

test("a NAS with another host key gets nothing", async () => {
    const { hostKey: _, ...machine } = {
        host: nas.address,
        port: nas.sshPort,
        user: nas.user,
        hostKey: "",
        privateKey,
    };
    const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINac5tHT4rEfdOQYcalxs7rk41DMvMwPsXobLs782iQp";
    await expect(connected({ ...machine, hostKey }, () => Promise.resolve())).rejects.toThrow(
        "Host key verification failed",
    );
});

test("a NAS that does not answer, and a stack that is not there, cannot be looked at", async () => {
    await nas.stop();
    const { code, stdout } = await checked();
    expect(code).toBe(2);
    expect(stdout).toMatch(/unknown +connection root@\S+ cannot be reached: .*refused/);
    expect(await checked("nowhere")).toMatchObject({
        code: 2,
        stdout: "",
        stderr: expect.stringContaining("no stack named 'nowhere'") as string,
    });
});
