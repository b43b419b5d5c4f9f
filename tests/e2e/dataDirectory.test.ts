import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Client, Nas } from "../../lab";
import { check, identity, must, RegistryView, Setting } from "./setting";

const stack = "synology";
const share = "/volume1/docker";
const data = `${share}/registry-data`;
const stolen = "/volume1/@elsewhere";

let setting: Setting;
let client: Client;
let nas: Nas;
let registry: RegistryView;
let drainTimeout = 30;

const root = (script: string) => must(nas.exec(script));
/** All that an update could have written, and the containers as they run. */
const state = async () => [
    await root(
        `find /volume1 -xdev ! -path '/volume1/@docker*' -exec ls -ldin {} + | awk '{ print $1, $2, $4, $5, $10 }' | sort`,
    ),
    await identity(nas, "registry"),
    await identity(nas, "registry-redis"),
];
const tags = async () => (await registry.get("/v2/app/tags/list")).body;

/** An update for which the registry's container is replaced. */
async function changed(): Promise<string> {
    drainTimeout += 1;
    await setting.workspace.configure(stack, "registry.drainTimeout", `${drainTimeout}s`);
    const { stdout, stderr, code } = await setting.workspace.attempt(stack, "up");
    return code === 0 ? "" : stdout + stderr;
}

beforeAll(async () => {
    setting = await Setting.open("data-directory");
    client = await setting.client("laptop");
    nas = await setting.nas({ vendor: "synology" });
    await setting.workspace.operate(stack, "up");
    registry = new RegistryView(client, await setting.workspace.outputs(stack));
    await registry.push("app:1");
    expect(await changed()).toBe("");
    // An earlier state, as a backup has it.
    await root(`cp -a ${data} /volume1/@backup`);
    await registry.push("app:2");
    expect(await changed()).toBe("");
});
afterAll(() => setting.close());

describe.each<[string, string, () => Promise<unknown>, () => Promise<unknown>]>([
    ["a shared folder that is not there", "is not there", () => nas.unmountShare(), () => nas.mountShare()],
    [
        "an empty folder in its place, as an unmounted one leaves",
        "is not there",
        () => nas.unmountShare({ leavesDirectory: true }),
        () => nas.mountShare(),
    ],
    [
        "a directory with another registry's images",
        "is not the directory that holds the images of this registry",
        () => replace(`mkdir -p -m 700 ${data}/docker/registry/v2/repositories/other && chown -R 91600:91600 ${data}`),
        putBack,
    ],
    ["a copy of an earlier state", "is a copy", () => replace(`cp -a /volume1/@backup ${data}`), putBack],
    [
        "the same directory, emptied",
        "is empty",
        () => root(`mkdir ${stolen} && mv ${data}/docker ${data}/.nas-registry ${stolen}`),
        () => root(`mv ${stolen}/docker ${stolen}/.nas-registry ${data} && rmdir ${stolen}`),
    ],
])("%s", (_, sentence, takeAway, giveBack) => {
    test("is refused before anything is written or restarted, the check says it, and all is well when it is back", async () => {
        await takeAway();
        const before = await state();
        const said = await changed();
        expect(said).toMatch(new RegExp(`dataDirectory: '${data}'.* ${sentence}`));
        expect(said).toContain("set lostDataDirectory to '");
        expect(await state()).toEqual(before);
        const seen = await check(setting.workspace, stack);
        expect(seen).toMatchObject({
            code: 1,
            stdout: expect.stringMatching(`registry-files .*${sentence}`) as string,
        });
        await giveBack();
        expect(await tags()).toContain('"2"');
        expect(await check(setting.workspace, stack)).toMatchObject({ code: 0, stderr: "" });
    });
});

async function replace(script: string): Promise<void> {
    await root(`mv ${data} ${stolen}; ${script}`);
}

function putBack(): Promise<string> {
    return root(`rm -r ${data}; mv ${stolen} ${data}`);
}

test.each([
    ["is gone", false],
    ["is an empty directory", true],
])(
    "a NAS that starts while the shared folder is locked, so that it %s, writes nothing in its place",
    async (_, leavesDirectory) => {
        await nas.unmountShare({ leavesDirectory });
        await nas.reboot();
        expect(await root(`find ${share} -mindepth 1 2>/dev/null || true`)).toBe("");
        // An engine does not try again to mount what was not there.
        expect(await nas.docker("inspect", "--format", "{{.State.Status}} {{.State.ExitCode}}", "registry")).toMatch(
            /^exited 12\d\b/,
        );
        await nas.mountShare();
        setting.workspace.changeArguments(stack, { reapply: String(leavesDirectory) });
        await setting.workspace.operate(stack, "up");
        expect(await tags()).toContain('"2"');
        expect(await check(setting.workspace, stack)).toMatchObject({ code: 0, stderr: "" });
    },
);

test("after all that an update goes through, and serves what was there", async () => {
    expect(await changed()).toBe("");
    expect(await tags()).toContain('"2"');
});

test("one that is not coming back is given up by its name, and an empty one takes its place", async () => {
    await root(`mv ${data} ${stolen}`);
    const [, name = ""] = /set lostDataDirectory to '(\w+)'/.exec(await changed()) ?? [];
    setting.workspace.changeArguments(stack, { lostDataDirectory: name });
    expect(await changed()).toBe("");
    expect((await registry.get("/v2/_catalog")).body).toBe('{"repositories":[]}');
    // It stands for that one only.
    await root(`mv ${data} /volume1/@new`);
    expect(await changed()).toContain("is not there");
});
