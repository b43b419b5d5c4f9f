import * as fs from "node:fs";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { vendors } from "../../../components/nas/vendors";
import { FakeDsm } from "../dsm";
import { ScriptHost, shells } from "../shells";

interface Task {
    id: number;
    name: string;
    owner: string;
    enable: boolean;
    type: string;
    extra: { script: string; notify_mail: string };
    schedule: Record<string, unknown>;
}

const api = "SYNO.Core.TaskScheduler";
const title = "nas-registry registry";
const program = "/volume1/@nas-registry/registry/operations/run";
const command = `/bin/sh ${program} tick`;
const place = "(see Control Panel > Task Scheduler)";
const forms = shells.map(([shell, of], index) => [shell, ["7.2", "6.2", "7.1"][index] ?? "7.2", of] as const);

describe.each(forms)("DSM's Task Scheduler under %s, DSM %s", (_, dsm, shell) => {
    const is6 = dsm === "6.2";
    const [list, get, set] = is6 ? [`${api}/2`, `${api}/2`, `${api}/2`] : [`${api}/3`, `${api}/4`, `${api}.Root/4`];
    let host: ScriptHost;
    let fake: FakeDsm;
    beforeEach(async () => {
        host = new ScriptHost([...shell]);
        fake = await FakeDsm.start(host, dsm);
    });
    afterEach(() => {
        fake.close();
        host.remove();
    });

    const attempt = (action: "apply" | "revert" | "check", changed = {}) =>
        host.run(
            [...vendors.synology.schedulerScripts, "../tests/scripts/schedule/verbs.sh"],
            {
                ...{ synowebapi: fake.command, task_files: host.path("dsm/usr/syno/etc/synoschedule.d/root") },
                ...{ privilege: "root", title, program, ...changed },
            },
            action,
        );
    const run = async (action: "apply" | "revert", changed = {}) => {
        expect(await attempt(action, changed)).toEqual({ code: 0, stdout: "", stderr: "" });
    };
    const problem = async (changed = {}) => {
        fake.changes();
        const { code, stdout, stderr } = await attempt("check", changed);
        expect({ code, stderr, changes: fake.changes() }).toEqual({ code: 0, stderr: "", changes: [] });
        return stdout.trim();
    };
    const tasks = async () => {
        const { tasks } = (await fake.call(list, "list", "limit=-1")) as { tasks: Task[] };
        return Promise.all(
            tasks.map(({ id }) => fake.call(get, "get", `id=${id}`, "real_owner=root") as Promise<Task>),
        );
    };
    const schedule = (changed: Record<string, unknown> = {}) => {
        const fields = {
            date_type: 0,
            week_day: "0,1,2,3,4,5,6",
            repeat_date: 1001,
            hour: 0,
            minute: 0,
            repeat_hour: 0,
        };
        const monthly = dsm === "7.1" ? { monthly_week: [] } : {};
        return `schedule=${JSON.stringify({ ...fields, repeat_min: 5, last_work_hour: 23, ...monthly, ...changed })}`;
    };
    /** As somebody else makes one, or changes ours. */
    const write = (method: "create" | "set", script: string, name: string, ...others: string[]) =>
        fake.call(
            set,
            method,
            ...[`name=${JSON.stringify(name)}`, 'owner="root"', 'real_owner="root"', "type=script", "enable=true"],
            ...[`extra=${JSON.stringify({ script })}`, schedule(), ...others],
        );

    /** What DSM keeps of all tasks, by another way than its web API. */
    const edit = (changed: object) => {
        const store = host.path("dsm/usr/syno/etc/scheduled-tasks.json");
        const kept = JSON.parse(fs.readFileSync(store, "utf8")) as Task[];
        const edited = kept.map((task) => (task.name === title ? { ...task, ...changed } : task));
        return fs.promises.writeFile(store, JSON.stringify(edited));
    };

    test("root runs the program every five minutes, all day long", async () => {
        await run("apply");
        expect(await tasks()).toMatchObject([
            {
                ...{ name: title, owner: "root", enable: true, type: "script" },
                extra: { script: command, notify_mail: "" },
                schedule: { hour: 0, minute: 0, repeat_min: 5, last_work_hour: 23, week_day: "0,1,2,3,4,5,6" },
            },
        ]);
        expect(await problem()).toBe("");
    });

    test("a second apply changes nothing", async () => {
        await run("apply");
        fake.changes();
        await run("apply");
        expect(fake.changes()).toEqual([]);
    });

    test("another program comes into the place of the first", async () => {
        await run("apply");
        await run("apply", { program: "/volume2/run" });
        expect((await tasks()).map(({ extra }) => extra.script)).toEqual(["/bin/sh /volume2/run tick"]);
    });

    const others = [
        ["echo 'it\\'s \"mine\"' | sed 's/$/%\\n/'\n", 'backup ü "quoted"'],
        [command, "somebody else's"],
        ["/bin/sh /volume1/other/run tick", "nas-registry registry-2"],
    ] as const;

    test("tasks of others stay as they are, and ours goes alone", async () => {
        for (const [script, name] of others) await write("create", script, name);
        const before = await tasks();
        await run("apply");
        expect((await tasks()).slice(0, -1)).toEqual(before);
        // Names are not unique.
        await write("create", "echo mine", title);
        await run("apply");
        await run("revert");
        const [last, ...rest] = (await tasks()).reverse();
        expect(last).toMatchObject({ name: title, extra: { script: "echo mine" } });
        expect(rest.reverse()).toEqual(before);
        fake.changes();
        await run("revert");
        expect(fake.changes()).toEqual([]);
    });

    test("two registries of one NAS go one by one", async () => {
        const other = { title: "nas-registry mirror", program: "/volume1/@nas-registry/mirror/operations/run" };
        await run("apply");
        await run("apply", other);
        await run("revert");
        expect((await tasks()).map(({ name }) => name)).toEqual([other.title]);
        expect(await problem(other)).toBe("");
    });

    // The same in every shell and on every DSM, and seconds each.
    if (dsm === "7.2") {
        const id = async () => `id=${(await tasks()).find(({ name }) => name === title)?.id}`;
        test.each([
            ["is gone", async () => run("revert")],
            ["runs something else", async () => write("set", "echo mine", title, await id())],
            ["is disabled", async () => write("set", command, title, await id(), "enable=false")],
            [
                "does not run every five minutes",
                async () => write("set", `${command}\n`, title, await id(), schedule({ last_work_hour: 0 })),
            ],
            [
                "does not run every five minutes",
                async () => write("set", command, title, await id(), schedule({ repeat_min: 30 })),
            ],
            ["does not run every five minutes", () => edit({ schedule: { date_type: 1, date: "2026/9/11" } })],
            ["does not run every five minutes", () => edit({ schedule: "daily" })],
            ["runs something else", () => edit({ extra: null })],
        ])("that the task %s is found, and put right", async (fault, change) => {
            await write("create", "echo other", "other");
            await run("apply");
            await change();
            expect(await problem()).toBe(`the task '${title}' ${fault} ${place}`);
            await run("apply");
            expect(await problem()).toBe("");
            expect(await tasks()).toHaveLength(2);
        });
    }

    test.each([
        ["105", "may not do this (code 105)"],
        ["119", "there is no session (code 119)"],
        ["no-effect", "the task is gone all the same"],
        ["4154", "another rule has this description (code 4154)"],
    ])("what DSM does not do (%s) ends with its reason and the steps", async (webApi, reason) => {
        fake.behave(dsm, webApi);
        const { code, stderr } = await attempt("apply");
        expect(code).toBe(1);
        expect(stderr).toContain(`nas-registry: DSM did not enter the task in its Task Scheduler: `);
        expect(stderr).toContain(`${reason}. Do this by hand and run 'up' again:\n  1. Control Panel`);
        expect(stderr).toContain(`\n  4. Task Settings > Run command: ${command}\n`);
    });

    test("what a person has entered by hand is right, where DSM shows no tasks", async () => {
        await write("create", `${command}\n`, title);
        fake.behave(dsm, "105");
        await run("apply");
        expect(await problem()).toBe("");
        expect((await attempt("revert")).stderr).toContain("Remove the task 'nas-registry registry' there");
        fake.behave(dsm, "works");
        await run("revert");
        fake.behave(dsm, "105");
        await run("revert");
    });

    test("a task that DSM does not take out is said", async () => {
        await run("apply");
        fake.behave(dsm, "no-effect");
        const { code, stderr } = await attempt("revert");
        expect(code).toBe(1);
        expect(stderr).toContain(
            "it said that it is done, and it is not. Remove the task 'nas-registry registry' there",
        );
    });

    test("without root nothing is asked", async () => {
        await run("revert", { privilege: "group", synowebapi: "/bin/false" });
        const { code, stderr } = await attempt("apply", { privilege: "group" });
        expect(code).toBe(1);
        expect(stderr).toContain("only root can change the NAS's scheduler");
    });
});
