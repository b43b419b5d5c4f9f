import { randomInt } from "node:crypto";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Client, Nas, NasOptions } from "../../lab";
import type { Arguments } from "../../lab/workspace";
import { killUp, random, upAfterKill } from "./killUp";
import { identity, must, RegistryView, Setting } from "./setting";

/** Kills on each engine, of which there are four. */
const rounds = Number(process.env.KILL_ROUNDS ?? 1);
const seed = Number(process.env.KILL_SEED ?? randomInt(2 ** 31));
const numbers = random(seed);

let setting: Setting;
let client: Client;

beforeAll(async () => {
    setting = await Setting.open("kills");
    client = await setting.client("laptop");
    console.log(`KILL_SEED=${seed}`);
});
afterAll(() => setting.close());

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe.each<NasOptions & { files: string; args?: Arguments }>([
    { vendor: "synology", engine: "20.10", files: "/volume1/@nas-registry" },
    { vendor: "qnap", engine: "26.1", files: "/share/CACHEDEV1_DATA/.nas-registry" },
    { vendor: "synology", engine: "28.5", name: "newer", files: "/volume1/@nas-registry" },
    {
        ...{ vendor: "linux", engine: "28.5-containerd", files: "/var/lib/nas-registry" },
        args: { hostName: "homeserver.local" },
    },
])("$vendor with engine $engine", ({ files, args, ...options }) => {
    let nas: Nas;
    let photos: string;
    let untouched: string;
    let whole: number;

    const engineHas = async () =>
        [
            await nas.docker("ps", "--all", "--format", "{{.Names}}"),
            await nas.docker("network", "ls", "--format", "{{.Name}}"),
            await nas.docker("volume", "ls", "--quiet"),
        ].join();

    beforeAll(async () => {
        nas = await setting.nas({ ...options, foreignContainer: "photos" }, args);
        photos = await identity(nas, "photos");
    });
    afterAll(() => nas.remove());

    test("a whole update, with an image", async () => {
        untouched = await engineHas();
        const began = Date.now();
        await setting.workspace.operate(nas.name, "up");
        whole = Date.now() - began;
        await new RegistryView(client, await setting.workspace.outputs(nas.name)).push("app:1");
        await setting.workspace.operate(nas.name, "destroy", "--run-program");
        expect(await engineHas()).toBe(untouched);
    });

    test(`the first up is killed at ${rounds === 1 ? "a moment" : `${rounds} moments`}, and each time one up and one destroy leave nothing`, async () => {
        for (let round = 0; round < rounds; round++) {
            const moment = ((round + numbers.next().value) / rounds) * whole;
            await killUp(setting.workspace, nas.name, () => sleep(moment));
            await upAfterKill(setting.workspace, nas.name);
            await setting.workspace.operate(nas.name, "destroy", "--run-program");
            expect(await engineHas(), `killed after ${Math.round(moment)} ms`).toBe(untouched);
            expect(await must(nas.exec(`ls -A ${files} 2>/dev/null || true`))).toBe("");
        }
        expect(await identity(nas, "photos")).toBe(photos);
    }, 3_600_000);

    test("the image is still there", async () => {
        await setting.workspace.operate(nas.name, "up");
        const registry = new RegistryView(client, await setting.workspace.outputs(nas.name));
        await registry.logIn();
        expect((await registry.pull("app:1")).code).toBe(0);
    });

    test.each([
        ["the registry's container", "container:Container::registry"],
        ["the files, the network, and all that is in it", "remote:Command::registry-files"],
    ])("an up whose state knows nothing of %s puts it there again", async (_, resource) => {
        await setting.workspace.forget(nas.name, resource);
        await setting.workspace.operate(nas.name, "up");
        expect(Object.keys((await setting.workspace.operate(nas.name, "up")).changes)).toEqual(["same"]);
        expect(await identity(nas, "photos")).toBe(photos);
    });

    test("a destroy whose state knows nothing of the registry's container leaves nothing but the images", async () => {
        await setting.workspace.forget(nas.name, "container:Container::registry");
        await setting.workspace.operate(nas.name, "destroy", "--run-program");
        expect(await engineHas()).toBe(untouched);
    });
});
