import { afterAll, beforeAll, expect, test } from "vitest";

import type { Nas } from "../../lab";
import { identity, RegistryView, Setting } from "./setting";

const stack = "upgrade";

let setting: Setting;
let nas: Nas;
let registry: RegistryView;

beforeAll(async () => {
    setting = await Setting.open("upgrade");
    nas = await setting.nas({ vendor: "synology", name: stack });
    await setting.workspace.operate(stack, "up");
    registry = new RegistryView(await setting.client("laptop"), await setting.workspace.outputs(stack));
    await registry.push("app:1");
});
afterAll(() => setting.close());

const names = async () => (await nas.docker("ps", "--all", "--format", "{{.Names}}")).split("\n").sort().join("\n");
const pulls = async () => (await registry.pull("app:1")).code;

test("an image that does not serve the registry's images is found before the one that does is stopped", async () => {
    const before = await identity(nas, "registry");
    setting.workspace.changeArguments(stack, { image: "busybox:lab" });
    await expect(setting.workspace.operate(stack, "up")).rejects.toThrow(
        /image: 'busybox:lab' does not serve this registry's images[^]*registry: not found/,
    );
    expect(await identity(nas, "registry")).toBe(before);
    expect(await names()).toBe("registry\nregistry-redis");
    expect(await pulls()).toBe(0);
});

test("one that serves them takes its place, with the same images and users", async () => {
    setting.workspace.changeArguments(stack, { image: "registry:3" });
    await setting.workspace.operate(stack, "up");
    expect(await nas.docker("inspect", "--format", "{{.Config.Image}}", "registry")).toBe("registry:3");
    expect(await names()).toBe("registry\nregistry-redis");
    expect(await pulls()).toBe(0);
    expect(Object.keys((await setting.workspace.operate(stack, "up")).changes)).toEqual(["same"]);
});
