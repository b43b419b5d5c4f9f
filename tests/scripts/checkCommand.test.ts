import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { capture } from "../../toolchain/process";
import { evilText, unprintable } from "../evilText";

let directory: string;
beforeEach(() => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), "nas-registry-check-"));
    fs.writeFileSync(path.join(directory, "evil"), evilText);
});
afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

/** A program on PATH that stands for another. */
const program = (name: string, script: string) =>
    fs.writeFileSync(path.join(directory, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

/** A stack of which one script is taken back, and one looks and said something before. */
function stack(user = "root"): void {
    const command = (name: string, create: string, stdin: string) => ({
        urn: `urn:pulumi:dev::home::nas-registry:index:NasRegistry$command:remote:Command::${name}`,
        type: "command:remote:Command",
        inputs: { connection: { host: "nas.lan", port: 22, user, hostKey: "ssh-ed25519 AAAA" }, create, stdin },
        outputs: { stdout: `docker=${evilText}\n` },
    });
    const resources = [
        command("files", "/bin/sh -s apply", "dispatch"),
        command("probe", "sudo -n /bin/sh -s apply", "dispatch"),
    ];
    fs.writeFileSync(path.join(directory, "state"), JSON.stringify({ deployment: { resources } }));
    program("pulumi", `cat ${directory}/state`);
}

async function check(): Promise<string> {
    const command = path.join(__dirname, "../../components/cli/main.ts");
    const { stdout, stderr } = await capture(process.execPath, ["--import", "tsx", command, "check"], {
        env: { ...process.env, PATH: `${directory}:${process.env.PATH}` },
    });
    expect(stdout + stderr).not.toMatch(unprintable);
    return stdout + stderr;
}

test("what a NAS says, now and before, reaches no terminal but as text", async () => {
    stack();
    program(
        "ssh",
        `case "$*" in
        *"echo connected; cat") echo connected; exec cat ;;
        *sudo*check) printf 'docker=/x%s\\n' "$(cat ${directory}/evil)" ;;
        *) printf 'file %s is gone\\n' "$(cat ${directory}/evil)" ;;
        esac`,
    );
    expect(await check()).toMatch(/finding +files +file .*dlrow .* is gone\n[^]*docker is '\/x.*, and was '.*dlrow/);
});

test("a directory service's user, blanks included, is one word for ssh", async () => {
    stack("DH-EXAMPLE\\anna maria");
    program(
        "ssh",
        `for word; do [ "\${before:-}" != -l ] || printf 'for %s' "$word" >&2; before=$word; done; exit 255`,
    );
    expect(await check()).toContain("cannot be reached: for DH-EXAMPLE\\anna maria.");
});

test("what a shell prints when it starts is not taken for a finding", async () => {
    stack();
    program("ssh", `echo Welcome; case "$*" in *"echo connected; cat") sleep 0.1; echo connected; exec cat ;; esac`);
    expect(await check()).toMatch(
        /unknown +connection connection\.user: the shell of this account prints text \('Welcome'\)/,
    );
});

test("what a NAS says when it fails is text, too", async () => {
    stack();
    program(
        "ssh",
        `case "$*" in *"echo connected; cat") echo connected; exec cat ;; esac
        printf 'nas-registry: no root%s.\\n' "$(cat ${directory}/evil)" >&2; exit 1`,
    );
    expect(await check()).toMatch(/unknown +files +no root.*dlrow/);
});

test("what ssh and pulumi say is text, too", async () => {
    stack();
    program("ssh", `cat ${directory}/evil >&2; exit 255`);
    expect(await check()).toMatch(/root@nas\.lan:22 cannot be reached: .*dlrow/);
    program("pulumi", `cat ${directory}/evil >&2; exit 1`);
    expect(await check()).toMatch(/nas-registry: 'pulumi .*' failed: .*dlrow/);
});
