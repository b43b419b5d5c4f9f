import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Nas, NasOptions } from "../../lab";
import type { Arguments } from "../../lab/workspace";
import { identity, must, RegistryView, Setting } from "./setting";

let setting: Setting;

beforeAll(async () => {
    setting = await Setting.open("forms");
});
afterAll(() => setting.close());

describe.each<[string, NasOptions, Arguments]>([
    [
        "an administrator who may open QNAP's Docker socket",
        { vendor: "qnap", login: { user: "anna", sudo: "none" } },
        {},
    ],
    // Container Manager's daemon reads the certificates in its package's directory here, elsewhere those in /etc/docker.
    ["an sshd that admits few at once", { vendor: "synology", maxStartups: "10:50:100" }, { daemonTrust: true }],
])("%s", (_, options, args) => {
    test("serves, stays, goes, and other people's containers run on", async () => {
        const nas = await setting.nas({ ...options, foreignContainer: "photos" }, args);
        const foreign = await identity(nas, "photos");
        await setting.workspace.operate(nas.name, "up");
        const client = await setting.client("laptop");
        await new RegistryView(client, await setting.workspace.outputs(nas.name)).push("app:1");
        expect(Object.keys((await setting.workspace.operate(nas.name, "up")).changes)).toEqual(["same"]);
        await setting.workspace.operate(nas.name, "destroy", "--run-program");
        expect(await identity(nas, "photos")).toBe(foreign);
        await nas.remove();
    });
});

test("without TLS the NAS's own daemon is told that the registry is insecure, until destroy", async () => {
    const nas = await setting.nas({ vendor: "synology" }, { daemonTrust: true, tls: "none" });
    const settings = () => nas.docker("info", "--format", "{{json .RegistryConfig}}");
    const before = await settings();
    await setting.workspace.operate("synology", "up");
    expect(await settings()).toContain('"diskstation.local:9160":{');
    expect(Object.keys((await setting.workspace.operate("synology", "up")).changes)).toEqual(["same"]);
    await setting.workspace.operate("synology", "destroy", "--run-program");
    expect(await settings()).toBe(before);
});

describe("a NAS whose kernel has no CPU quota, with the images of a registry that ran as another user", () => {
    let nas: Nas;
    let said: string;
    beforeAll(async () => {
        nas = await setting.nas({ vendor: "synology", cpuQuota: false }, { takeOverDataFrom: "1026:100" });
        const data = "/volume1/docker/registry-data";
        await must(nas.exec(`mkdir -p ${data}/docker/registry/v2/repositories && chown -R 1026:100 ${data}`));
        const { stdout, stderr } = await setting.workspace.operate("synology", "up");
        said = stdout + stderr;
    });
    afterAll(() => setting.workspace.operate("synology", "destroy", "--run-program"));

    test("the CPU limit is left out, said, and everything else stays", async () => {
        expect(said).toContain("the NAS's kernel has no CPU quota (CFS), so the containers run without a CPU limit");
        const format = "{{.HostConfig.NanoCpus}} {{.HostConfig.Memory}}";
        const limits = await nas.docker("inspect", "--format", format, "registry");
        expect(limits.trim()).toBe(`0 ${1024 * 1024 * 1024}`);
        expect(Object.keys((await setting.workspace.operate("synology", "up")).changes)).toEqual(["same"]);
    });

    test("the images can be pushed to", async () => {
        const client = await setting.client("laptop");
        await new RegistryView(client, await setting.workspace.outputs("synology")).push("app:1");
    });
});

test("another user: the line goes from the old user's authorized_keys to the new one's", async () => {
    const nas = await setting.nas({ vendor: "synology", login: { user: "anna", sudo: "nopasswd" } });
    await must(
        nas.exec("mkdir -p -m 700 /root/.ssh && cp ~anna/.ssh/authorized_keys /root/.ssh/ && chmod 600 /root/.ssh/*"),
    );
    const keysOf = (home: string) => must(nas.exec(`cat ${home}/.ssh/authorized_keys`));
    const before = await keysOf("~anna");
    await setting.workspace.operate("synology", "up");
    expect(await keysOf("~anna")).toContain("nas-registry:");
    await setting.workspace.configure("synology", "registry.connection.user", "root");
    await setting.workspace.operate("synology", "up");
    expect(await keysOf("~anna")).toBe(before);
    expect(await keysOf("/root")).toContain("nas-registry:");
    await setting.workspace.operate("synology", "destroy", "--run-program");
    expect(await keysOf("/root")).toBe(before);
});

test("a port that is taken only when the container starts: the next up after the mend makes it whole", async () => {
    const nas = await setting.nas({ vendor: "synology" });
    await setting.workspace.operate("synology", "up");
    await nas.docker("rm", "--force", "registry");
    await nas.docker("run", "--detach", "--name", "thief", "--publish", "9160:9160", "busybox:lab", "sleep", "600");
    await setting.workspace.operate("synology", "refresh", "--run-program");
    expect((await setting.workspace.attempt("synology", "up")).code).not.toBe(0);
    await nas.docker("rm", "--force", "thief");
    await setting.workspace.operate("synology", "up");
    expect((await nas.docker("inspect", "--format", "{{.State.Running}}", "registry")).trim()).toBe("true");
    await setting.workspace.operate("synology", "destroy", "--run-program");
});
