import { afterAll, beforeAll, expect, test } from "vitest";

import type { Nas } from "../../lab";
import { must, RegistryView, Setting } from "./setting";

let setting: Setting;
let nas: Nas;
let replica: Nas;
let first: RegistryView;
let second: RegistryView;

beforeAll(async () => {
    setting = await Setting.open("replication");
    await setting.serveOperationsImages();
    replica = await setting.nas({ vendor: "qnap", name: "replica" }, { operations: {} });
    await setting.workspace.operate("replica", "up");
    const { url = "", username, password, caCertificate } = await setting.workspace.outputs("replica");
    const target = { registry: url.replace("https://", ""), username, password, caCertificate };
    nas = await setting.nas(
        { vendor: "synology", name: "source" },
        { operations: { replication: { target, exceptTags: ["pr-*"] } } },
    );
    await setting.workspace.operate("source", "up");
    const client = await setting.client("laptop");
    first = new RegistryView(client, await setting.workspace.outputs("source"));
    second = new RegistryView(client, await setting.workspace.outputs("replica"));
});
afterAll(() => setting.close());

const operate = (...args: string[]) => setting.workspace.command([...args, "--stack", "source"]);

test("what a Synology has gets to a QNAP, what is there already is not copied again, and nothing is deleted there", async () => {
    for (const name of ["team/app:1", "team/app:2", "team/app:pr-1", "other:latest"]) await first.push(name);
    await second.push("own:1");
    expect(await operate("replicate", "--dry-run")).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/would copy 3 tags to/) as string,
    });
    const done = await operate("replicate", "--json");
    expect({ code: done.code, ...(JSON.parse(done.stdout) as object) }).toMatchObject({
        code: 0,
        result: "ok",
        copied: "3",
    });
    const digest = async (view: RegistryView, tag: string) =>
        (await view.manifest("team/app", tag)).headers["docker-content-digest"];
    expect(await digest(second, "1")).toBe(await digest(first, "1"));
    expect((await second.manifest("team/app", "pr-1")).status).toBe(404);
    expect((await second.manifest("own", "1")).status).toBe(200);
    expect(await operate("replicate")).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/copied 0 tags/) as string,
    });
    expect(await nas.docker("ps", "--all", "--format", "{{.Names}}")).not.toContain("operation");
    expect(Object.keys((await setting.workspace.operate("source", "up")).changes)).toEqual(["same"]);
});

test("a replica that is off is said within a minute, and pulls from the first go on", async () => {
    await replica.docker("stop", "registry");
    const began = Date.now();
    expect(await operate("replicate")).toMatchObject({
        code: 2,
        stdout: expect.stringMatching(/does not answer as it should/) as string,
    });
    expect(Date.now() - began).toBeLessThan(90_000);
    expect((await first.manifest("team/app", "1")).status).toBe(200);
    await must(replica.exec("true"));
});
