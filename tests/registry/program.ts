/** The program that runs operations on a NAS, here, with the real registry, and with the real programs that its containers run. */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { renderScript, type ScriptValues } from "../../components/nas/script";
import { capture, type CommandResult } from "../../toolchain/process";
import type { Registry } from "./server";

const made: OperationsProgram[] = [];

/** Takes away what a test left, also one that failed. */
export function removePrograms(): void {
    made.splice(0).forEach((each) => each.remove());
}

const COMMON = {
    docker_env: "",
    sudo: "",
    vendor_ground: "",
    owner: "0:0",
    container_name: "registry",
    owner_label: "project/stack",
    component: "registry",
    drain_seconds: 5,
    tool_limits: "",
    cache_container: "",
    cache_socket: "",
    schedules: "",
    due_program: "",
};

const APPLETS = [
    "awk",
    "cat",
    "dd",
    "echo",
    "find",
    "grep",
    "ls",
    "mv",
    "sed",
    "sh",
    "sha256sum",
    "stat",
    "sync",
    "xargs",
];

export class OperationsProgram {
    readonly directory = fs.mkdtempSync(path.join(os.tmpdir(), "registry-test-"));

    /**
     * @param scripts Below `components/operations/`.
     * @param images Programs by the names of their images.
     */
    constructor(
        registry: Registry,
        config: string,
        scripts: string[],
        values: ScriptValues,
        images: Record<string, string>,
    ) {
        made.push(this);
        for (const name of ["bin", "images", "control/registry", "control/operations/results"]) {
            fs.mkdirSync(this.path(name), { recursive: true, mode: 0o700 });
        }
        for (const applet of APPLETS) {
            fs.symlinkSync("/usr/bin/busybox", this.path("bin", applet));
        }
        for (const [name, program] of Object.entries(images)) {
            fs.symlinkSync(program, this.path("images", name));
        }
        fs.symlinkSync(registry.data, this.path("data"));
        fs.copyFileSync(path.join(__dirname, "docker.sh"), this.path("docker"));
        fs.writeFileSync(this.path("control/registry/config.yml"), config);
        const own = {
            docker: this.path("docker"),
            control_directory: this.path("control"),
            data_directory: registry.data,
        };
        const operations = [...scripts, "regclient.sh", "schedule/schedule.sh", "program.sh"];
        const files = ["nas/lib.sh", "nas/vendor.sh", ...operations.map((file) => `operations/${file}`)];
        fs.writeFileSync(this.path("control/operations/run"), renderScript({ ...COMMON, ...own, ...values }, ...files));
    }

    path(...names: string[]): string {
        return path.join(this.directory, ...names);
    }

    /** @returns what the operation says of itself, by its names; `output` is all that it printed */
    async perform([command = "", ...args]: string[], operation: string, ...options: string[]) {
        const ended: CommandResult = await capture(
            command,
            [...args, this.path("control/operations/run"), "perform", operation, ...options],
            { env: { PATH: process.env.PATH } },
        );
        const read = (file: string) => fs.readFileSync(this.path("control/operations/results", file), "utf8");
        const record = `${operation}${options.includes("dry_run=yes") ? ".dry" : ""}`;
        const lines = read(record).trim().split("\n");
        const said = Object.fromEntries(lines.map((line) => line.split(/=(.*)/).slice(0, 2) as [string, string]));
        const { code } = ended;
        return { code, output: read(`${record}.output`), said: "", ...said } as { code: number } & Record<
            "output" | "said" | "result",
            string
        >;
    }

    /** What docker was asked for. */
    get asked(): string {
        return fs.readFileSync(this.path("asked"), "utf8");
    }

    remove(): void {
        fs.rmSync(this.directory, { recursive: true, force: true });
    }
}
