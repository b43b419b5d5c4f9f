import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { renderScript, type ScriptValues } from "../../components/nas/script";
import { capture, type CommandResult } from "../../toolchain/process";

/** The shells that the scripts meet: Synology's ash is busybox's, QNAP's sh is bash, Debian's is dash. */
export const shells: [string, string[]][] = [
    ["dash", ["dash"]],
    ["busybox ash", ["busybox", "ash"]],
    ["bash as sh", ["bash", "--posix"]],
];

export type ScriptAction = "apply" | "revert" | "check";

/** Runs remote scripts as the product does, on this machine with another HOME. */
export class ScriptHost {
    readonly directory = fs.mkdtempSync(path.join(os.tmpdir(), "nas-registry-test-"));
    readonly home = path.join(this.directory, "home");

    readonly runtime = path.join(this.directory, "run");

    constructor(private readonly shell: string[]) {
        fs.mkdirSync(this.home);
        fs.mkdirSync(this.runtime);
    }

    /** @param before Shell text that is run first, to change how commands behave. */
    run(files: string[], values: ScriptValues, action?: string, before = ""): Promise<CommandResult> {
        const [command = "sh", ...args] = this.shell;
        return capture(command, [...args, "-s", ...(action?.split(" ") ?? [])], {
            input: before + this.text(files, values),
            env: { PATH: process.env.PATH, HOME: this.home, TMPDIR: this.directory },
        });
    }

    /** What {@link run} runs. */
    text(files: string[], values: ScriptValues): string {
        // Locks where no other test's are.
        return renderScript({ runtime_directory: this.runtime, ...values }, "nas/lib.sh", "nas/vendor.sh", ...files);
    }

    path(...names: string[]): string {
        return path.join(this.directory, ...names);
    }

    remove(): void {
        fs.rmSync(this.directory, { recursive: true, force: true });
    }
}
