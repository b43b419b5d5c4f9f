import * as fs from "node:fs";
import * as path from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { vendors } from "../../../components/nas/vendors";
import { ScriptHost, shells } from "../shells";

const title = "nas-registry registry.1";
const program = "/share/CACHEDEV1_DATA/.nas-registry/registry.1/operations/run";
const command = `/bin/sh ${program} tick`;
const line = `*/5 * * * * ${command} # ${title}\n`;
const place = "(see /etc/config/crontab)";

describe.each(shells)("the cron of QTS under %s", (_, shell) => {
    let host: ScriptHost;
    let table: string;
    beforeEach(() => {
        host = new ScriptHost(shell);
        table = host.path("root/mnt/.config/crontab");
        fs.mkdirSync(path.dirname(table), { recursive: true });
        fs.mkdirSync(host.path("root/etc/init.d"), { recursive: true });
        fs.mkdirSync(host.path("bin"));
        // As on QTS: the directory is behind a link, and cron works from a copy.
        fs.symlinkSync("../mnt/.config", host.path("root/etc/config"));
        command_("bin/crontab", `case $1 in -l) cat '${installed()}' ;; *) cp "$1" '${installed()}' ;; esac`);
        command_("root/etc/init.d/crond.sh", `echo restarted; echo "$1" >>'${host.path("restarts")}'`);
        given("0 4 * * * /sbin/hwclock -s\n");
    });
    afterEach(() => host.remove());

    const installed = () => host.path("installed");
    const command_ = (name: string, body: string) =>
        fs.writeFileSync(host.path(name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    const given = (text: string | Buffer, mode = 0o644) => {
        fs.writeFileSync(table, text);
        fs.chmodSync(table, mode);
        fs.copyFileSync(table, installed());
    };
    const content = () => fs.readFileSync(table, "latin1");
    const restarts = () => (fs.existsSync(host.path("restarts")) ? fs.readFileSync(host.path("restarts"), "utf8") : "");

    const attempt = (action: "apply" | "revert" | "check", changed = {}) =>
        host.run(
            [...vendors.qnap.schedulerScripts, "../tests/scripts/schedule/verbs.sh"],
            {
                ...{ root: host.path("root"), programs: host.path("bin"), privilege: "root", vendor_ground: "" },
                ...{ title, program, ...changed },
            },
            action,
        );
    const run = async (action: "apply" | "revert", changed = {}) => {
        expect(await attempt(action, changed)).toEqual({ code: 0, stdout: "", stderr: "" });
    };
    const problem = async (changed = {}) => {
        const before = [content(), restarts()];
        const { code, stdout, stderr } = await attempt("check", changed);
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
        expect([content(), restarts()]).toEqual(before);
        return stdout.trim();
    };

    test.each([
        "",
        "0 4 * * * /sbin/hwclock -s\n",
        "0 4 * * * no newline",
        "# only a comment\n\n\n",
        "a\r\nb\r\n",
        "@reboot \\t 'quo\"ted' $HOME `x` %\\n &&\t\n",
        Buffer.from("0 0 * * * /caf\xe9 \x80\xff\n", "latin1").toString("latin1"),
        line.replaceAll("registry.1", "registry-1"),
        `*/5 * * * * /bin/sh /share/other/run tick # ${title}2\n*/5 * * * * x # ${title} \n`,
        `*/5 * * * * ${command} # nas-registry registry_1\n`,
    ])("apply and revert leave %j as it was", async (before) => {
        given(Buffer.from(before, "latin1"), 0o640);
        await run("apply");
        expect(content()).toBe(line + before);
        expect(fs.readFileSync(installed(), "latin1")).toBe(content());
        await run("revert");
        expect(content()).toBe(before);
        expect(fs.readFileSync(installed(), "latin1")).toBe(before);
        expect(fs.statSync(table).mode & 0o777).toBe(0o640);
        expect(restarts()).toBe("restart\nrestart\n");
        expect(fs.readdirSync(path.dirname(table))).toEqual(["crontab"]);
        expect(fs.lstatSync(host.path("root/etc/config")).isSymbolicLink()).toBe(true);
    });

    test("a second apply touches nothing", async () => {
        await run("apply");
        const { ino, mtimeMs } = fs.statSync(table);
        await run("apply");
        expect(fs.statSync(table)).toMatchObject({ ino, mtimeMs });
        expect(restarts()).toBe("restart\n");
    });

    test("another program comes into the place of the first", async () => {
        await run("apply");
        await run("apply", { program: "/share/run" });
        expect(content()).toBe(`${line.replace(program, "/share/run")}0 4 * * * /sbin/hwclock -s\n`);
    });

    test("two registries of one NAS, at the same moment, go one by one", async () => {
        const other = { title: "nas-registry mirror", program: "/share/mirror/run" };
        await Promise.all([run("apply"), run("apply", other)]);
        expect([await problem(), await problem(other)]).toEqual(["", ""]);
        await run("revert");
        expect([await problem(), await problem(other)]).toEqual([`the task '${title}' is gone ${place}`, ""]);
    });

    test("a line with our title that runs something else is not taken away, nor replaced beside ours", async () => {
        const theirs = `0 1 * * * echo mine # ${title}\n`;
        await run("apply");
        fs.appendFileSync(table, theirs);
        await run("apply");
        await run("revert");
        expect(content()).toBe(`0 4 * * * /sbin/hwclock -s\n${theirs}`);
    });

    test.each([
        ["is gone", () => given("")],
        ["is disabled", () => given(`#${line}`)],
        ["runs something else", () => given(line.replace(program, "/share/run"))],
        ["does not run once every five minutes", () => given(line.replace("*/5", "*"))],
        ["does not run once every five minutes", () => given(line + line)],
        ["is not in the table that cron works from", () => fs.writeFileSync(installed(), "")],
    ])("that the task %s is found, and put right", async (fault, change) => {
        await run("apply");
        change();
        expect(await problem()).toBe(`the task '${title}' ${fault} ${place}`);
        await run("apply");
        expect(await problem()).toBe("");
        expect(content().match(/tick/g)).toHaveLength(1);
    });

    test("no table of cron's is said", async () => {
        fs.rmSync(table);
        await run("revert");
        const { code, stderr } = await attempt("apply");
        expect({ code, stderr }).toEqual({
            code: 1,
            stderr: "nas-registry: '/etc/config/crontab', from which QTS makes its cron table, is not there on this NAS: restart the NAS, and run 'up' again.\n",
        });
    });

    test("a cron that takes no table is said, and the next run tries again", async () => {
        command_("bin/crontab", "echo bad table >&2; exit 1");
        const { code, stderr } = await attempt("apply");
        expect(code).toBe(1);
        expect(stderr).toBe(
            `bad table\nnas-registry: cron of this NAS did not take the task '${title}': the reason stands above. Run 'crontab /etc/config/crontab && /etc/init.d/crond.sh restart' there, and 'up' again.\n`,
        );
        command_("bin/crontab", `cp "$1" '${installed()}' 2>/dev/null || cat '${installed()}'`);
        await run("apply");
        expect(fs.readFileSync(installed(), "latin1")).toBe(content());
    });
});
