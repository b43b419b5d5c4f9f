import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { capture, which, type CommandResult } from "../../toolchain/process";

/** What the scripts may use: POSIX, mktemp, and readlink -f. */
const tools =
    "awk cat chmod cp cut grep head id ls mkdir mktemp mv printf readlink rm rmdir sed sh sort tail test touch tr uname".split(
        " ",
    );

/** Runs its arguments with this machine's own /etc, and nothing of the real machine in /run. */
const enter = `
    mount --bind "$1/etc" /etc
    mount -t tmpfs none /run
    shift
    exec "$@"`;

const anybody = 1234;

/**
 * A machine for scripts that write below /etc: this one in a mount namespace where /etc is a folder of the test, with no
 * command on the PATH but the tools above and what the test puts there.
 */
export class ClientMachine {
    readonly directory = fs.mkdtempSync(path.join(os.tmpdir(), "nas-registry-client-"));
    readonly home = this.path("home");

    constructor(private readonly shell: string[]) {
        for (const folder of ["etc", "home", "bin"]) {
            fs.mkdirSync(this.path(folder));
        }
        fs.chmodSync(this.directory, 0o755);
        this.giveHome();
        tools.forEach((tool) => this.link(tool));
    }

    path(...names: string[]): string {
        return path.join(this.directory, ...names);
    }

    /** Puts a real command on the PATH. */
    link(tool: string): void {
        const real = which(tool);
        if (!real) {
            throw new Error(`${tool} is not on this machine: install it`);
        }
        fs.symlinkSync(fs.realpathSync(real), this.path("bin", tool));
    }

    unlink(tool: string): void {
        fs.rmSync(this.path("bin", tool));
    }

    /** Puts a command on the PATH that does what the script says. */
    fake(name: string, script = "exit 0"): void {
        fs.writeFileSync(this.path("bin", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }

    /** A file below /etc or in the home, with its directories. */
    write(name: string, content: string | Buffer, mode = 0o644): void {
        fs.mkdirSync(path.dirname(this.path(name)), { recursive: true });
        fs.writeFileSync(this.path(name), content, { mode });
        this.giveHome();
    }

    read(name: string): string {
        return fs.readFileSync(this.path(name), "utf8");
    }

    exists(name: string): boolean {
        return fs.existsSync(this.path(name));
    }

    /** @param user root, or somebody else, whose home this machine's is then */
    async run(script: string, args: readonly string[] = [], user: "root" | "anybody" = "root"): Promise<CommandResult> {
        const isRoot = process.getuid?.() === 0;
        const namespace = isRoot ? [] : [user === "root" ? "--map-root-user" : "--map-current-user"];
        const as =
            isRoot && user === "anybody"
                ? ["setpriv", `--reuid=${anybody}`, `--regid=${anybody}`, "--clear-groups", "--"]
                : [];
        return capture(
            "unshare",
            [
                ...["--mount", ...namespace, "--", "sh", "-euc", enter, "sh", this.directory, ...as],
                ...["env", "-i", `PATH=${this.path("bin")}`, `HOME=${this.home}`],
                ...this.shellCommand(),
                ...["-s", ...args],
            ],
            { input: script },
        );
    }

    /** Every file and directory that a script could have changed: its mode, owner, and content or target. */
    snapshot(): Record<string, string> {
        const found: Record<string, string> = {};
        for (const folder of ["etc", "home"]) {
            for (const name of fs.readdirSync(this.path(folder), { recursive: true, encoding: "utf8" })) {
                const file = this.path(folder, name);
                const { mode, uid, gid } = fs.lstatSync(file);
                const rights = `${mode.toString(8)} ${uid}:${gid}`;
                const type = fs.lstatSync(file);
                const content = type.isFile() ? this.read(path.join(folder, name)) : "";
                found[path.join(folder, name)] = `${rights} ${type.isSymbolicLink() ? fs.readlinkSync(file) : content}`;
            }
        }
        return found;
    }

    /** As snapshot, for finding out whether files were written again. */
    times(): Record<string, string> {
        const names = Object.keys(this.snapshot());
        return Object.fromEntries(
            names.map((name) => {
                const { ino, mtimeMs } = fs.lstatSync(this.path(name));
                return [name, `${ino} ${mtimeMs}`];
            }),
        );
    }

    remove(): void {
        fs.rmSync(this.directory, { recursive: true, force: true });
    }

    private shellCommand(): string[] {
        const [command = "sh", ...args] = this.shell;
        return [which(command) ?? command, ...args];
    }

    private giveHome(): void {
        if (process.getuid?.() !== 0) {
            return;
        }
        for (const name of ["", ...fs.readdirSync(this.home, { recursive: true, encoding: "utf8" })]) {
            fs.lchownSync(path.join(this.home, name), anybody, anybody);
        }
    }
}
