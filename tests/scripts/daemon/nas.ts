import * as fs from "node:fs";
import * as path from "node:path";

import { renderScript, type ScriptValues } from "../../../components/nas/script";
import { which, type CommandResult } from "../../../toolchain/process";
import { ScriptHost, type ScriptAction } from "../shells";

/** The awks that the scripts meet: Debian's mawk stands for none, Synology has gawk, QNAP busybox's. */
export const awks: [string, string[]][] = [
    ["mawk", ["mawk"]],
    ["busybox awk", ["busybox", "awk"]],
    ["gawk", ["gawk"]],
];

export const program = fs.readFileSync(
    path.join(__dirname, "..", "..", "..", "components", "nas", "daemon", "daemon.awk"),
    "utf8",
);

export const settings = {
    "insecure-registries": ["nas.local:5000", "10.0.0.0/8"],
    "registry-mirrors": ["https://mirror.local"],
    "log-driver": "json-file",
    "log-opts": { "max-size": "10m" },
};

/** As Container Manager delivers it. */
export const delivered =
    '{"data-root":"/var/packages/ContainerManager/var/docker","log-driver":"db","registry-mirrors":[],"storage-driver":"btrfs"}';

/** The NAS of vendor.sh, with its daemon's file. */
export class FakeNas {
    private readonly host: ScriptHost;
    readonly directory: string;

    constructor(shell: string[], awk: string[], daemonFile = delivered) {
        this.host = new ScriptHost(shell);
        this.directory = this.host.directory;
        fs.mkdirSync(this.path("bin"));
        fs.mkdirSync(this.path("engine"));
        fs.copyFileSync(path.join(__dirname, "docker.sh"), this.path("bin", "docker"));
        this.command("awk", `exec ${awk.map((word) => which(word) ?? word).join(" ")} "$@"`);
        this.write("dockerd.json", daemonFile);
        fs.chmodSync(this.path("dockerd.json"), 0o640);
        this.write("docker-info", '{"log-driver":"db","registry-mirrors":null,"insecure-registries":[""]}');
        this.write("docker.pid", "0");
    }

    /** Puts a command before this machine's. */
    command(name: string, script: string): void {
        fs.writeFileSync(this.path("bin", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }

    values(stack = "one", wanted: object = settings, changed: ScriptValues = {}): ScriptValues {
        return {
            fake: this.directory,
            uid: 0,
            docker: this.path("bin", "docker"),
            docker_env: "",
            daemon_config: this.path("dockerd.json"),
            settings: JSON.stringify(wanted),
            id: stack,
            stack: JSON.stringify(`project/${stack}/registry`),
            restart_timeout: 2,
            merge_program: program,
            ...changed,
        };
    }

    run(action: ScriptAction, values = this.values()): Promise<CommandResult> {
        return this.host.run(["../tests/scripts/daemon/vendor.sh", "nas/daemon/daemon.sh"], values, action);
    }

    /** The text that `sh -s` reads, for a test that runs it in a way of its own. */
    script(values = this.values()): string {
        return renderScript(values, "nas/lib.sh", "../tests/scripts/daemon/vendor.sh", "nas/daemon/daemon.sh");
    }

    /** @throws unless it succeeds */
    async succeed(action: ScriptAction, values = this.values()): Promise<string> {
        const { code, stdout, stderr } = await this.run(action, values);
        if (code !== 0 || stderr !== "") {
            throw new Error(`${action} ended with ${code}: ${stdout}${stderr}`);
        }
        return stdout;
    }

    get daemonFile(): string {
        return this.read("dockerd.json");
    }

    get restarts(): number {
        return this.has("restarts") ? this.read("restarts").length : 0;
    }

    /** Everything beside the daemon's file that is not of the fake itself. */
    get leftovers(): string[] {
        return fs.readdirSync(this.directory).filter((name) => /nas-registry|^tmp\./.test(name));
    }

    path(...names: string[]): string {
        return this.host.path(...names);
    }

    has(...names: string[]): boolean {
        return fs.existsSync(this.path(...names));
    }

    read(...names: string[]): string {
        return fs.readFileSync(this.path(...names), "utf8");
    }

    write(name: string, text: string, mode = 0o644): void {
        fs.writeFileSync(this.path(name), text, { mode });
    }

    remove(): void {
        this.host.remove();
    }
}
