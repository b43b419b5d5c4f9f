import * as fs from "node:fs";
import * as path from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { vendors } from "../../../components/nas/vendors";
import { ScriptHost, shells } from "../shells";

const title = "nas-registry my_registry.1";
const program = "/var/lib/nas-registry/my_registry.1/operations/run";
const command = `/bin/sh ${program} tick`;
const isRoot = process.getuid?.() === 0;

/** Hosts: where a person sees the entry, and its files, of which the last has the command. */
const hosts = {
    cron: {
        place: "/etc/cron.d",
        files: { "etc/cron.d/nas-registry-my__registry_d1": `*/5 * * * * root ${command}\n` },
    },
    systemd: {
        place: "systemctl list-timers",
        files: {
            "etc/systemd/system/nas-registry-my_registry.1.timer": `[Unit]\nDescription=${title}\n[Timer]\nOnCalendar=*:0/5\nPersistent=true\n[Install]\nWantedBy=timers.target\n`,
            "etc/systemd/system/nas-registry-my_registry.1.service": `[Unit]\nDescription=${title}\n[Service]\nType=oneshot\nExecStart=${command}\n`,
        },
    },
    unraid: {
        place: "/boot/config/plugins/dynamix",
        files: { "boot/config/plugins/dynamix/nas-registry-my_registry.1.cron": `*/5 * * * * ${command}\n` },
    },
} as const;

describe.runIf(isRoot).each(shells)("the scheduler of a Linux host under %s", (_, shell) => {
    let host: ScriptHost;
    beforeEach(() => {
        host = new ScriptHost(shell);
        const tools =
            "awk bash busybox cat chmod chown cp grep id jq ln ls mkdir mktemp mv readlink rm rmdir sed sh sleep tail touch tr";
        fs.mkdirSync(host.path("bin"));
        for (const tool of tools.split(" ")) fs.symlinkSync(path.join("/usr/bin", tool), host.path("bin", tool));
    });
    afterEach(() => host.remove());

    const put = (name: string, content: string, mode = 0o755) => {
        fs.mkdirSync(path.dirname(host.path(name)), { recursive: true });
        fs.writeFileSync(host.path(name), content, { mode });
    };
    const exists = (name: string) => fs.existsSync(host.path("root", name));
    const content = (name: string) => fs.readFileSync(host.path("root", name), "utf8");
    const asked = () => {
        const file = host.path("asked");
        const lines = fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim().split("\n") : [];
        fs.rmSync(file, { force: true });
        return lines.filter((line) => !/is-enabled|is-active|cronjob.query/.test(line));
    };
    const fake = (name: string, body: string) =>
        put(name, `#!/bin/sh\necho "\${0##*/} $*" >>'${host.path("asked")}'\n${body}\n`);

    const attempt = (action: "apply" | "revert" | "check", changed = {}) =>
        host.run(
            ["nas/linux/linux.sh", ...vendors.linux.schedulerScripts, "../tests/scripts/schedule/verbs.sh"],
            {
                ...{ root: host.path("root"), programs: host.path("bin"), only_programs: "yes", privilege: "root" },
                ...{ title, program, ...changed },
            },
            action,
        );
    const run = async (action: "apply" | "revert", changed = {}) => {
        expect(await attempt(action, changed)).toEqual({ code: 0, stdout: "", stderr: "" });
    };
    const problem = async (changed = {}) => {
        const { code, stdout, stderr } = await attempt("check", changed);
        expect({ code, stderr, asked: asked() }).toEqual({ code: 0, stderr: "", asked: [] });
        return stdout.trim();
    };
    const is = (kind: string) => {
        put("root/etc/cron.d/theirs", "0 1 * * * root echo\n", 0o644);
        put("root/etc/systemd/system/theirs.timer", "", 0o644);
        if (kind === "cron") put("bin/cron", "");
        if (kind === "systemd") {
            put("root/run/systemd/system/.keep", "");
            const enabled = host.path("enabled");
            fake(
                "bin/systemctl",
                `case $1 in enable) : >'${enabled}' ;; disable) rm -f '${enabled}' ;; is-*) [ -e '${enabled}' ] ;; esac`,
            );
        }
        if (kind === "unraid") {
            put("root/etc/unraid-version", 'version="7.0.1"\n');
            put("root/boot/config/plugins/dynamix/theirs.cron", "0 1 * * * echo\n", 0o600);
            const dynamix = host.path("root/boot/config/plugins/dynamix");
            fake("root/usr/local/sbin/update_cron", `cat '${dynamix}'/*.cron >'${host.path("root/etc/cron.d/root")}'`);
        }
    };

    describe.each(Object.entries(hosts))("with %s", (kind, { place, files }) => {
        const names = Object.keys(files);
        const last = names.at(-1) ?? "";
        const state = () => {
            const all = fs.readdirSync(host.path("root"), { recursive: true, encoding: "utf8" }).sort();
            return all.map((name) => [name, fs.statSync(host.path("root", name)).isFile() ? content(name) : ""]);
        };
        beforeEach(() => is(kind));

        test("root runs the program every five minutes, and what was there is back when it goes", async () => {
            if (kind === "unraid") put("root/etc/cron.d/root", "0 1 * * * echo\n", 0o644);
            const before = state();
            await run("apply");
            for (const [name, text] of Object.entries(files)) expect(content(name)).toBe(text);
            expect(fs.statSync(host.path("root", last)).mode & 0o777).toBe(kind === "unraid" ? 0o600 : 0o644);
            asked();
            expect(await problem()).toBe("");
            await run("revert");
            expect(state()).toEqual(before);
        });

        test("a second apply changes nothing", async () => {
            await run("apply");
            asked();
            const { ino, mtimeMs } = fs.statSync(host.path("root", last));
            await run("apply");
            expect(fs.statSync(host.path("root", last))).toMatchObject({ ino, mtimeMs });
            expect(asked()).toEqual([]);
        });

        test("a revert without apply does nothing, and takes nothing that runs something else", async () => {
            await run("revert");
            put(path.join("root", last), "theirs\n", 0o644);
            await run("revert");
            expect(content(last)).toBe("theirs\n");
            expect(asked()).toEqual([]);
        });

        test.each([
            ["is gone", () => fs.rmSync(host.path("root", last))],
            ["runs something else", () => put(path.join("root", last), "theirs\n", 0o644)],
            ["is not as this stack made it", () => put(path.join("root", last), `#${content(last)}`, 0o644)],
        ])("that the task %s is found, and put right", async (fault, change) => {
            await run("apply");
            change();
            asked();
            expect(await problem()).toBe(`the task '${title}' ${fault} (see ${place})`);
            await run("apply");
            asked();
            expect(await problem()).toBe("");
        });
    });

    test("systemd is told, and a timer that was turned off is found", async () => {
        is("systemd");
        await run("apply");
        const timer = "nas-registry-my_registry.1.timer";
        expect(asked()).toEqual([
            "systemctl daemon-reload",
            `systemctl enable --quiet ${timer}`,
            `systemctl restart ${timer}`,
        ]);
        fs.rmSync(host.path("enabled"));
        expect(await problem()).toBe(`the task '${title}' is disabled (see systemctl list-timers)`);
        await run("revert");
        expect(asked()).toEqual([`systemctl disable --now ${timer}`, "systemctl daemon-reload"]);
    });

    test("Unraid's cron table is made anew, and one without ours is found", async () => {
        is("unraid");
        await run("apply");
        expect(content("etc/cron.d/root")).toContain(`\n0 1 * * * echo\n`.trimStart());
        expect(content("etc/cron.d/root")).toContain(`*/5 * * * * ${command}\n`);
        put("root/etc/cron.d/root", "", 0o644);
        asked();
        expect(await problem()).toContain("is not in the table that cron works from");
        await run("apply");
        await run("revert");
        expect(content("etc/cron.d/root")).toBe("0 1 * * * echo\n");
    });

    test("neither systemd nor cron is said", async () => {
        is("none");
        expect((await attempt("apply")).stderr).toBe(
            "nas-registry: this NAS has neither systemd nor cron, of which one is needed to run what is scheduled: install cron ('apt install cron'), and run 'up' again.\n",
        );
        expect(exists("etc/cron.d/nas-registry-my__registry_d1")).toBe(false);
        await run("revert");
    });

    describe("with TrueNAS's cron jobs", () => {
        interface Job {
            id: number;
            description: string;
            command: string;
            enabled: boolean;
            schedule: Record<string, string>;
        }
        /** Its middleware, as far as filters, create, update and delete go. */
        beforeEach(() => {
            put("root/usr/bin/midclt", "");
            put("jobs", "[]");
            fake(
                "bin/midclt",
                `jobs='${host.path("jobs")}'
                change() { jq -c "$@" "$jobs" >"$jobs.new" && mv "$jobs.new" "$jobs"; }
                case $2 in
                cronjob.query) jq -c --argjson filters "$3" --argjson options "$4" 'map(select(. as $job | all($filters[];
                    . as [$name, $is, $value] | ($job | getpath($name / ".")) == $value)) | with_entries(select(.key | IN($options.select[]))))' "$jobs" ;;
                cronjob.create) change --argjson job "$3" '. + [$job + { id: (map(.id) | max // 0 | . + 1) }]'; echo '{"id":1}' ;;
                cronjob.update) change --argjson id "$3" --argjson job "$4" 'map(if .id == $id then . + $job else . end)'; echo '{"id":1}' ;;
                cronjob.delete) change --argjson id "$3" 'map(select(.id != $id))'; echo true ;;
                esac`,
            );
        });
        const jobs = () => JSON.parse(fs.readFileSync(host.path("jobs"), "utf8")) as Job[];
        const edit = (changed: Partial<Job>) =>
            put("jobs", JSON.stringify(jobs().map((job) => ({ ...job, ...changed }))));

        test("root runs the program every five minutes, ours goes alone", async () => {
            const other = { id: 7, description: "backup", command, enabled: true, user: "root" };
            put("jobs", JSON.stringify([other]));
            await run("apply");
            await run("apply");
            expect(jobs()).toEqual([
                other,
                {
                    ...{ id: 8, user: "root", description: title, command, enabled: true },
                    schedule: { minute: "*/5", hour: "*", dom: "*", month: "*", dow: "*" },
                },
            ]);
            expect(asked()).toHaveLength(1);
            expect(await problem()).toBe("");
            await run("revert");
            await run("revert");
            expect(jobs()).toEqual([other]);
        });

        test.each([
            ["is gone", () => put("jobs", "[]")],
            ["is disabled", () => edit({ enabled: false })],
            ["runs something else", () => edit({ command: "echo" })],
            [
                "does not run every five minutes as root",
                () => edit({ schedule: { minute: "00", hour: "*", dom: "*", month: "*", dow: "*" } }),
            ],
        ])("that the task %s is found, and put right", async (fault, change) => {
            await run("apply");
            change();
            asked();
            expect(await problem()).toBe(`the task '${title}' ${fault} (see System > Advanced Settings > Cron Jobs)`);
            await run("apply");
            asked();
            expect(await problem()).toBe("");
            expect(jobs()).toHaveLength(1);
        });

        test("a middleware that does not answer is said", async () => {
            fake("bin/midclt", "echo 'no connection' >&2; exit 1");
            expect(await attempt("apply")).toMatchObject({
                code: 1,
                stderr: "no connection\nnas-registry: TrueNAS does not show its cron jobs; the reason stands above.\n",
            });
        });
    });
});
