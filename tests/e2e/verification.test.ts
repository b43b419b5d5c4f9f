import { afterAll, beforeAll, expect, test } from "vitest";

import type { Nas } from "../../lab";
import type { CommandResult } from "../../toolchain/process";
import { must, RegistryView, Setting } from "./setting";

const stack = "verification";
const blobs = "/volume1/docker/registry-data/docker/registry/v2/blobs/sha256";
const program = "/volume1/@nas-registry/registry/operations/run";

let setting: Setting;
let nas: Nas;
let registry: RegistryView;

beforeAll(async () => {
    setting = await Setting.open("verification");
    nas = await setting.nas(
        { vendor: "synology", name: stack },
        { operations: { verification: { schedule: "0 1 * * *", rate: "500m" } } },
    );
    await setting.workspace.operate(stack, "up");
    registry = new RegistryView(await setting.client("laptop"), await setting.workspace.outputs(stack));
    await registry.push("app:1");
    await registry.push("team/app:2");
});
afterAll(() => setting.close());

const verify = (...args: string[]): Promise<CommandResult> =>
    setting.workspace.command(["verify", ...args, "--stack", stack]);
const largest = async () => (await must(nas.exec(`ls -S ${blobs}/*/*/data | head -n 1`))).trim();
const layer = async () => registry.send("HEAD", `/v2/app/blobs/sha256:${(await largest()).split("/").at(-2)}`);

test("whole images are told to be whole", async () => {
    expect(await setting.shown("npx nas-registry verify --stack synology", stack)).toMatchObject({
        code: 0,
        stdout: expect.stringContaining("no image lacks anything") as string,
    });
});

test("a damaged layer is put aside, the cache forgets it, and the next push heals it", async () => {
    const file = await largest();
    const digest = file.split("/").at(-2) ?? "";
    expect((await layer()).status).toBe(200);
    await must(nas.exec(`printf 'flipped by a disk' | dd of=${file} bs=1 seek=5000 conv=notrunc`));
    const dry = await setting.shown("npx nas-registry verify --stack synology --dry-run", stack);
    expect(dry.code).toBe(1);
    for (const image of ["app:1", "team/app:2"]) {
        expect(dry.stdout).toContain(`${image} cannot be pulled whole: sha256:${digest} is damaged`);
    }
    expect(await largest()).toBe(file);

    const { code, stdout } = await verify("--json");
    expect([code, JSON.parse(stdout)]).toEqual([
        1,
        expect.objectContaining({ operation: "verify", result: "warning", damaged: "1", broken_images: "2" }),
    ]);
    expect((await registry.send("HEAD", `/v2/app/blobs/sha256:${digest}`)).status).toBe(404);
    expect(await must(nas.exec(`ls ${blobs}/../../..`))).toContain(`damaged-${digest}`);
    await registry.push("app:1");
    // From here alone; the layer is the same in both.
    await must(registry.client.exec("docker rmi --force $(docker images --quiet)"));
    await must(registry.pull("app:1"));
    await must(registry.pull("team/app:2"));
    expect(await setting.shown("npx nas-registry verify --stack synology --all", stack)).toMatchObject({ code: 0 });
});

test("what the NAS runs by itself is known afterwards", async () => {
    const ticked = program.replace(/run$/, "ticked");
    await must(nas.exec(`echo $(($(date +%s) - 90000)) >${ticked}; /bin/sh ${program} tick`));
    const status = await must(nas.exec(`/bin/sh ${program} status`));
    expect(status).toContain("verify.result=ok");
    expect(status).toContain("verify.round_complete=yes");
});
