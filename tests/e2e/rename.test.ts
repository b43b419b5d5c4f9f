import { afterAll, beforeAll, expect, test } from "vitest";

import type { Client, Nas } from "../../lab";
import type { Operation } from "../../lab/workspace";
import { programWithPackage } from "../installedPackage";
import { RegistryView, Setting } from "./setting";

const stack = "rename";

let setting: Setting;
let client: Client;
let nas: Nas;
let before: RegistryView;
let after: RegistryView;
let networksBefore: string;
let renamed: Operation;

const networks = () => nas.docker("network", "ls", "--no-trunc", "--quiet", "--filter", "name=registry");

/** A registry named `images`, which becomes `packages` with its earlier name as an alias. */
beforeAll(async () => {
    setting = await Setting.open("rename", programWithPackage("tests/rename"));
    client = await setting.client("laptop");
    nas = await setting.lab.startNas({ vendor: "synology" });
    const connection = { host: nas.address, port: nas.sshPort, user: nas.user, hostKey: nas.hostKey };
    await setting.workspace.initStack(stack, { "rename:name": "images", "rename:connection": connection }, [nas]);
    await setting.workspace.operate(stack, "up");
    before = new RegistryView(client, await setting.workspace.outputs(stack));
    await before.push("team/app:1");
    networksBefore = await networks();
    setting.workspace.change(stack, { name: "packages", earlierName: "images" });
    renamed = await setting.workspace.operate(stack, "up");
    after = new RegistryView(client, await setting.workspace.outputs(stack));
});
afterAll(() => setting.close());

test("the two containers are replaced, for their labels, and nothing else is made or removed", async () => {
    expect(renamed.changes).toMatchObject({ replace: 2 });
    expect(Object.keys(renamed.changes)).not.toEqual(expect.arrayContaining(["create"]));
    expect(Object.keys(renamed.changes)).not.toEqual(expect.arrayContaining(["delete"]));
    expect(await networks()).toBe(networksBefore);
});

test("images, passwords and the authority that clients trust stay", async () => {
    expect(after.outputs.password).toBe(before.outputs.password);
    expect(after.outputs.caCertificate).toBe(before.outputs.caCertificate);
    expect((await after.get("/v2/team/app/tags/list")).status).toBe(200);
});

test("a second up changes nothing", async () => {
    expect(Object.keys((await setting.workspace.operate(stack, "up")).changes)).toEqual(["same"]);
});
