import * as fs from "node:fs";
import * as path from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { shellQuote } from "../../../components/nas/script";
import { ScriptHost, shells } from "../shells";

const TEXT = `gc failed: it "said" $(x) 'y'`;

describe.each(shells)("what the NAS itself is told, under %s,", (_, shell) => {
    let host: ScriptHost;
    beforeEach(() => (host = new ScriptHost(shell)));
    afterEach(() => host.remove());

    /** The words that each of the vendor's commands, which are at these paths, was called with. */
    const told = async (vendor: string, severity: string, commands: string[], files: string[] = []) => {
        for (const each of files) put(each, "");
        for (const each of commands) {
            put(each, `#!/bin/sh\n{ echo "\${0##*/}"; printf '%s\\n' "$@"; } >>${host.path("told")}\n`);
        }
        const script = host.path(`${severity}.sh`);
        fs.writeFileSync(
            script,
            `verbs=told\ntold() { nas_notify ${severity} title ${shellQuote(TEXT)}; }\ndispatch told\n`,
        );
        const relative = path.relative(path.join(__dirname, "../../../components"), script);
        const before = `PATH=${host.path("bin")}:$PATH\n`;
        const values = { root: host.directory, docker_env: "" };
        const { code } = await host.run([`nas/${vendor}/${vendor}.sh`, relative], values, undefined, before);
        return [code, fs.readFileSync(host.path("told"), "utf8").trim().split("\n")];
    };
    const put = (name: string, text: string) => {
        fs.mkdirSync(path.dirname(host.path(name)), { recursive: true });
        fs.writeFileSync(host.path(name), text, { mode: 0o755 });
    };

    const dsm = ["usr/syno/bin/synologset1", "usr/syno/bin/synodsmnotify"];
    test("Synology's log and desktop", async () => {
        const desktop = ["synodsmnotify", "@administrators", "title", TEXT];
        expect(await told("synology", "err", dsm)).toEqual([
            0,
            [...desktop, "synologset1", "sys", "err", "0x11100000", `title: ${TEXT}`],
        ]);
        expect((await told("synology", "warning", dsm))[1]?.toString()).toContain("sys,warn,0x11100000");
    });

    test("Synology's log, where the desktop takes nothing", async () => {
        put(dsm[1] ?? "", "#!/bin/sh\nexit 1\n");
        expect(await told("synology", "err", dsm.slice(0, 1))).toMatchObject([
            0,
            expect.arrayContaining(["synologset1"]),
        ]);
    });

    test.each([
        ["err", "2"],
        ["warning", "1"],
    ])("QNAP's event log: %s", async (severity, kind) => {
        expect(await told("qnap", severity, ["sbin/log_tool"])).toEqual([
            0,
            ["log_tool", "-t", kind, "-a", `title: ${TEXT}`],
        ]);
    });

    test("Unraid's own notifications", async () => {
        const notify = "usr/local/emhttp/webGui/scripts/notify";
        expect(await told("linux", "err", [notify], ["etc/unraid-version"])).toEqual([
            0,
            ["notify", "-e", "title", "-s", "title", "-d", TEXT, "-i", "alert"],
        ]);
    });
});
