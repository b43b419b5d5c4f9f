import { afterAll, beforeAll, expect, test } from "vitest";

import type { Nas } from "../../lab";
import { must, RegistryView, Setting } from "./setting";

const stack = "retention";
const links = "/volume1/docker/registry-data/docker/registry/v2/repositories";

let setting: Setting;
let nas: Nas;
let registry: RegistryView;

beforeAll(async () => {
    setting = await Setting.open("retention");
    await setting.serveOperationsImages();
    const rules = [{ repositories: ["ci/**"], keepNewest: 2 }];
    nas = await setting.nas(
        { vendor: "synology", name: stack },
        {
            // By this name the registry is known inside; its own address is one that others have, too.
            certificateNames: ["images.lan"],
            operations: {
                retention: { rules, maxShare: 40, apply: true },
                garbageCollection: { deleteUntagged: true },
            },
        },
    );
    await setting.workspace.operate(stack, "up");
    registry = new RegistryView(await setting.client("laptop"), await setting.workspace.outputs(stack));
    await registry.logIn();
});
afterAll(() => setting.close());

const operate = (...args: string[]) => setting.workspace.command([...args, "--stack", stack]);

/** Pushes an image of its own, as if that had been some days ago. */
async function push(repository: string, tag: string, days: number): Promise<void> {
    const reference = `${registry.name}/${repository}:${tag}`;
    await must(
        registry.client.exec(`set -e; mkdir -p /tmp/image; head -c 100000 /dev/urandom >/tmp/image/content
            tar -C /tmp/image -c content | docker import - ${reference} && docker push -q ${reference} && docker rmi ${reference}`),
    );
    await must(
        nas.exec(
            `touch -d @$(($(date +%s) - ${days} * 86400)) ${links}/${repository}/_manifests/tags/${tag}/current/link`,
        ),
    );
}

const tagsOf = async (repository: string): Promise<string[]> => {
    const { body } = await registry.get(`/v2/${repository}/tags/list`);
    return (JSON.parse(body) as { tags: string[] }).tags.sort();
};

test("on the NAS tags go by the rules, over the registry's own API, and garbage collection frees their space", async () => {
    for (const [tag, days] of [
        ["1", 9],
        ["2", 8],
        ["3", 7],
        ["latest", 20],
    ] as const)
        await push("ci/app", tag, days);
    await push("app", "1", 9);
    await push("app", "2", 9);
    const dry = await setting.shown("npx nas-registry prune --stack synology --dry-run", stack);
    expect(dry).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/ci\/app:1\n[^]*would delete 1 of 6 tags/) as string,
    });
    expect(await tagsOf("ci/app")).toEqual(["1", "2", "3", "latest"]);

    const done = await operate("prune", "--json");
    expect(done.code).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({ operation: "prune", result: "ok", deleted: "1", tags: "6" });
    expect(await tagsOf("ci/app")).toEqual(["2", "3", "latest"]);
    expect(await tagsOf("app")).toEqual(["1", "2"]);
    const logged = await must(setting.shown("npx nas-registry logs prune --stack synology", stack));
    expect(logged).toMatch(/ci\/app:1\n/);
    expect(await operate("gc")).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/freed (9|1\d\d)\d*\.\d KiB/) as string,
    });
    expect(await nas.docker("ps", "--all", "--format", "{{.Names}}")).not.toContain("operation");
    expect(await setting.shown("npx nas-registry prune --stack synology", stack)).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/all 5 tags stay/) as string,
    });
});

test("more than the share at once is refused, and the second up changes nothing", async () => {
    for (const tag of ["4", "5", "6"]) await push("ci/app", tag, 7 - Number(tag));
    const before = await tagsOf("ci/app");
    expect(await operate("prune")).toMatchObject({
        code: 2,
        stdout: expect.stringMatching(/would go, more than operations.retention.maxShare/) as string,
    });
    expect(await tagsOf("ci/app")).toEqual(before);
    expect(Object.keys((await setting.workspace.operate(stack, "up")).changes)).toEqual(["same"]);
});
