import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Standing } from "../../components/cli/operations/standing";
import type { Nas } from "../../lab";
import type { CommandResult } from "../../toolchain/process";
import { must, RegistryView, Setting } from "./setting";

const stack = "status";
const program = "/share/CACHEDEV1_DATA/.nas-registry/registry/operations";

let setting: Setting;
let nas: Nas;
let registry: RegistryView;

beforeAll(async () => {
    setting = await Setting.open("status");
    nas = await setting.nas(
        { vendor: "qnap", name: stack },
        {
            operations: {
                garbageCollection: { schedule: "30 3 * * sun", uploadPatience: "0" },
                // Nobody is there.
                notifications: { webhooks: [{ kind: "ntfy", token: "s3cret" }] },
            },
        },
    );
    await must(
        setting.shown(
            "pulumi config set --secret --path 'nas-registry:registry.operations.notifications.webhooks[0].url' --stack home",
            stack,
            {},
            "http://127.0.0.1:9/s3cret",
        ),
    );
    await setting.workspace.operate(stack, "up");
    registry = new RegistryView(await setting.client("laptop"), await setting.workspace.outputs(stack));
});
afterAll(() => setting.close());

const operate = (...args: string[]): Promise<CommandResult> => setting.workspace.command([...args, "--stack", stack]);

async function standing(code: number): Promise<Standing> {
    const result = await operate("status", "--json");
    expect(result).toMatchObject({ code, stderr: "" });
    return JSON.parse(result.stdout) as Standing;
}

describe("the status", () => {
    test("of a new registry is well, and its operation never ran", async () => {
        const { code, stdout, stderr } = await setting.shown("npx nas-registry status --stack home", stack);
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
        expect(stdout).toMatch(/\ngc +never +- +20\d\d-\d\d-\d\d 03:30\n/);
        expect(stdout).toMatch(/\nregistry +running, (healthy|starting), release 3\.1\.2\nscheduler +looked at /);
        expect(stdout).toMatch(/\ncertificate +'CN=[^']*' until 20\d\d-\d\d-\d\d, \d+ days\n/);
        expect(stdout).toMatch(/\nall is well\n$/);
        expect(stdout).not.toContain(registry.outputs.password);
        expect(await operate("logs", "gc")).toMatchObject({
            code: 2,
            stderr: expect.stringContaining("'gc' has printed nothing") as string,
        });
    });

    test("of a registry that is used has its repositories, its disk and what gc did", async () => {
        await registry.push("team/app:1");
        await registry.push("base:1");
        await must(operate("gc"));
        const { operations, images, disk, cache, findings } = await standing(0);
        expect(findings).toEqual([]);
        expect(operations).toMatchObject([{ operation: "gc", result: "ok", schedule: "30 3 * * sun" }]);
        expect(images?.repositories.map(({ name }) => name).sort()).toEqual(["base", "team/app"]);
        // All of it is shared.
        const [one, other] = images?.repositories ?? [];
        expect([one?.bytes, other?.bytes]).toEqual([images?.bytes, images?.bytes]);
        expect(disk?.freeBytes).toBeGreaterThan(0);
        expect(cache?.hits).toBeGreaterThan(0);
        expect(await setting.shown("npx nas-registry logs gc --stack home", stack)).toMatchObject({
            code: 0,
            stdout: expect.stringMatching(/^\d\d:\d\d:\d\d the collector looks for [^]* ok: /) as string,
        });
    });

    test("of an operation that failed is a finding, with what it said", async () => {
        await nas.docker("stop", "registry");
        expect((await operate("gc")).code).toBe(2);
        expect((await standing(1)).findings).toEqual([
            expect.stringMatching(/^gc failed: the registry 'registry' does not run/),
            "the registry is not well: its container is exited",
        ]);
        expect(await must(nas.exec("cat /var/log/event.log"))).toMatch(
            /^2 nas-registry registry: gc failed: the registry 'registry' does not run, .*\n$/,
        );
        const { stdout } = await operate("logs", "gc");
        expect(stdout).toContain("the webhook of the kind ntfy answered with status 000 (000: not at all)");
        expect(stdout + (await setting.workspace.export(stack))).not.toContain("s3cret");
        await nas.docker("start", "registry");
        await must(operate("gc"));
        expect((await standing(0)).findings).toEqual([]);
    });

    test("of a scheduler that stopped is a finding", async () => {
        await must(nas.exec(`touch -t 202601010000 ${program}/ticked`));
        expect((await standing(1)).findings).toEqual([
            "gc is overdue since 2026-01-04T03:30Z",
            expect.stringMatching(/^the NAS's scheduler has not looked since 2026-01-01T00:00Z/),
        ]);
        await must(nas.exec(`touch ${program}/ticked`));
        await standing(0);
    });

    test("of a scheduler that has lost its entry, as by an update of QTS, is a finding", async () => {
        await must(nas.exec("sed -i '/nas-registry/d' /etc/config/crontab && crontab /etc/config/crontab"));
        expect((await standing(1)).findings).toEqual([
            expect.stringMatching(/^the task 'nas-registry registry' is gone/),
        ]);
    });

    test("of a NAS that is off is no answer", async () => {
        await nas.stop();
        expect(await operate("status")).toMatchObject({
            code: 2,
            stdout: "",
            stderr: expect.stringContaining("cannot be reached") as string,
        });
    });
});
