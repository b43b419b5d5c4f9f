import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import { renderScript, type ScriptValues } from "../../../components/nas/script";
import { backupValues } from "../../../components/operations/backup/backup";
import type { BackupArgs } from "../../../components";
import type { Plain } from "../../../components/settings/section";
import { ensureRegistry, ensureRestic } from "../../../toolchain/goPrograms";
import { capture, type CommandResult } from "../../../toolchain/process";
import { contents, give, owner, RegistryFiles } from "../registryFiles";
import { ScriptHost } from "../shells";
import { password, writeQuickRepository } from "./quickRepository";

/** What Alpine, on which the images are, has from busybox. */
const APPLETS =
    "sh find stat cp mv rm rmdir sed awk grep xargs sort sha256sum wget cut head cat ls mkdir tr touch sync sleep wc".split(
        " ",
    );
const startFile = fs.readFileSync(path.join(__dirname, "../../../components/registry/start.sh"), "utf8");

const sha = (text: string) => createHash("sha256").update(text).digest("hex");

/** A registry on a NAS, its program of operations, and an engine whose containers have the rights and mounts that Docker would give. */
export class BackupNas {
    readonly host: ScriptHost;
    readonly files: RegistryFiles;
    readonly engine: string;
    readonly target: string;
    args: Plain<BackupArgs>;
    password = password;
    values: ScriptValues = {};
    /** Of the program, below `components/operations/`. */
    scripts = ["schedule/schedule.sh", "backup/backup.sh", "restore/restore.sh", "program.sh"];
    /** What the kernel says is mounted; the program asks it when empty. */
    mounts = "";

    private constructor(private readonly shell: string[]) {
        this.host = new ScriptHost(shell);
        this.files = new RegistryFiles(this.host);
        this.engine = this.host.path("engine");
        this.target = this.host.path("usb", "backup");
        this.args = { directory: this.target, check: false };
        fs.chmodSync(this.host.directory, 0o755);
    }

    static async make(shell: string[]): Promise<BackupNas> {
        const nas = new BackupNas(shell);
        const { engine, files } = nas;
        for (const name of ["", "bin", "stub"]) fs.mkdirSync(path.join(engine, name));
        fs.mkdirSync(nas.host.path("usb"));
        fs.copyFileSync(path.join(__dirname, "../../../lab/namespaces.sh"), path.join(engine, "docker"));
        fs.chmodSync(path.join(engine, "docker"), 0o755);
        for (const name of APPLETS) {
            for (const folder of ["bin", "stub"]) fs.symlinkSync("/usr/bin/busybox", path.join(engine, folder, name));
        }
        for (const program of [await ensureRestic(), await ensureRegistry()]) {
            fs.copyFileSync(program, path.join(engine, "bin", path.basename(program)));
        }
        fs.writeFileSync(path.join(engine, "stub", "registry"), "#!/bin/sh\n", { mode: 0o755 });
        const state = {
            running: "true",
            health: "healthy",
            owner: `${owner}:${owner}`,
            data: files.data,
            control: files.control,
        };
        for (const [name, text] of Object.entries(state)) nas.engineSays(name, text);
        await files.run("apply", contents({ "registry/config.yml": "version: 0.1\n", "registry/start.sh": startFile }));
        fs.mkdirSync(path.join(files.control, "operations", "results"), { recursive: true, mode: 0o700 });
        return nas;
    }

    engineSays(name: string, text: string): void {
        fs.writeFileSync(path.join(this.engine, name), `${text}\n`);
    }

    engineSaid(name: string): string {
        return fs.readFileSync(path.join(this.engine, name), "utf8").trim();
    }

    /** Puts shell text before a program of the containers, which is there as NAME.real. */
    wrap(name: string, text: string): void {
        const at = path.join(this.engine, "bin", name);
        let real = `${name}.real`;
        while (fs.existsSync(path.join(this.engine, "bin", real))) real += ".real";
        fs.renameSync(at, path.join(this.engine, "bin", real));
        fs.writeFileSync(at, `#!/bin/sh\n${text}\nexec ${real} "$@"\n`, { mode: 0o755 });
    }

    /** Puts shell text before what the program asks of the engine. */
    wrapEngine(text: string): void {
        const docker = this.host.path("docker");
        fs.writeFileSync(docker, `#!/bin/sh\n${text}\nexec ${this.engine}/docker "$@"\n`, { mode: 0o755 });
        this.values = { docker };
    }

    /** A new repository in a directory is one whose key takes no time. */
    beginsQuickly(): void {
        writeQuickRepository(path.join(this.engine, "bin", "quick"));
        this.wrap(
            "restic",
            `[ "$RESTIC_REPOSITORY $1" != "/backup init" ] || [ -e /backup/keys ] || exec cp -R /usr/local/bin/quick/. /backup`,
        );
    }

    /** Kills whoever calls the engine for the n-th time from now, with all that it has started but containers; 0: nobody. */
    killAt(calls: number): void {
        fs.rmSync(path.join(this.engine, "kill-at"), { force: true });
        if (calls > 0) this.engineSays("kill-at", String(calls));
    }

    /** Starts the registry's container. */
    start(): void {
        execFileSync(path.join(this.engine, "docker"), ["start", "registry"]);
    }

    /** As an engine that ends does with containers, and with what it was just asked for. */
    killTool(): void {
        const script = `
            asked=$(pgrep -f "^/bin/sh $PWD/docker ") || exit 0
            kill -STOP $asked || true
            for pid in $asked; do pkill -9 -P "$pid" || true; done
            kill -9 $asked || true
            rm -f tool`;
        execFileSync("sh", ["-c", script], { cwd: this.engine, stdio: "ignore" });
    }

    /** Writes the program anew, and runs words of it. */
    async run(...words: string[]): Promise<CommandResult> {
        const [command = "sh", ...args] = this.shell;
        fs.writeFileSync(this.program(), this.text(), { mode: 0o700 });
        return capture(command, [...args, this.program(), ...words], {
            env: { PATH: process.env.PATH, HOME: this.host.home, TMPDIR: this.host.directory },
        });
    }

    program(): string {
        return path.join(this.files.control, "operations", "run");
    }

    private text(): string {
        const { values } = this.files;
        return renderScript(
            {
                ...{ docker: path.join(this.engine, "docker"), docker_env: "", sudo: "", vendor_ground: "" },
                ...{ owner_label: "project/stack", component: "registry", container_name: "registry" },
                ...{
                    control_directory: this.files.control,
                    data_directory: this.files.data,
                    owner: values.owner ?? "",
                },
                ...{
                    drain_seconds: 5,
                    tool_limits: "--memory 512m --pids-limit 256",
                    cache_container: "",
                    cache_socket: "",
                    schedules: "",
                },
                ...{ restic_image: "restic", backup_password: this.password },
                ...backupValues(this.args),
                ...this.values,
            },
            "nas/lib.sh",
            "nas/vendor.sh",
            ...this.scripts.map((file) => `operations/${file}`),
        ).replace(/^mount_table\(\) .*$/m, this.mounts ? `mount_table() { printf '${this.mounts}\\n'; }` : "$&");
    }

    /** The result of an operation, and all that it has printed. @throws when it has none */
    result(operation: string): Record<string, string> {
        const at = path.join(this.files.control, "operations", "results", operation);
        const lines = fs.readFileSync(at, "utf8").split("\n").filter(Boolean);
        const named = lines.map((line) => line.split(/=(.*)/).slice(0, 2) as [string, string]);
        return { ...Object.fromEntries(named), output: fs.readFileSync(`${at}.output`, "utf8") };
    }

    /** Runs an operation; its result. */
    async perform(operation: string, ...options: string[]) {
        const { stdout, stderr } = await this.run("perform", operation, ...options);
        try {
            return this.result(operation + (options.includes("dry_run=yes") ? ".dry" : ""));
        } catch (error) {
            throw new Error(`${String(error)}: ${stdout}${stderr}`, { cause: error });
        }
    }

    v2(...names: string[]): string {
        return path.join(this.files.data, "docker", "registry", "v2", ...names);
    }

    /** What distribution writes of a push, in its order; each step gives others a turn. */
    async push(
        repository: string,
        tag: string,
        content: string,
        turn: () => Promise<unknown> = () => Promise.resolve(),
    ): Promise<string> {
        const layer = sha(content);
        const config = sha(`config of ${content}`);
        const manifest = JSON.stringify({
            schemaVersion: 2,
            mediaType: "application/vnd.oci.image.manifest.v1+json",
            config: {
                mediaType: "application/vnd.oci.image.config.v1+json",
                digest: `sha256:${config}`,
                size: content.length + 10,
            },
            layers: [
                {
                    mediaType: "application/vnd.oci.image.layer.v1.tar",
                    digest: `sha256:${layer}`,
                    size: content.length,
                },
            ],
            annotations: { content },
        });
        const digest = sha(manifest);
        const blob = (of: string) => `blobs/sha256/${of.slice(0, 2)}/${of}/data`;
        const of = `repositories/${repository}`;
        for (const [file, text] of [
            [blob(layer), content],
            [`${of}/_layers/sha256/${layer}/link`, `sha256:${layer}`],
            [blob(config), `config of ${content}`],
            [`${of}/_layers/sha256/${config}/link`, `sha256:${config}`],
            [blob(digest), manifest],
            [`${of}/_manifests/revisions/sha256/${digest}/link`, `sha256:${digest}`],
            [`${of}/_manifests/tags/${tag}/index/sha256/${digest}/link`, `sha256:${digest}`],
            [`${of}/_manifests/tags/${tag}/current/link`, `sha256:${digest}`],
        ] as const) {
            this.put(file, text);
            await turn();
        }
        return digest;
    }

    /** An index of images that were pushed. */
    pushIndex(repository: string, tag: string, ...images: string[]): void {
        const manifests = images.map((image) => ({
            mediaType: "application/vnd.oci.image.manifest.v1+json",
            digest: `sha256:${image}`,
            size: fs.statSync(this.v2("blobs/sha256", image.slice(0, 2), image, "data")).size,
        }));
        const mediaType = "application/vnd.oci.image.index.v1+json";
        const index = JSON.stringify({ schemaVersion: 2, mediaType, manifests });
        const digest = sha(index);
        const of = `repositories/${repository}/_manifests`;
        this.put(`blobs/sha256/${digest.slice(0, 2)}/${digest}/data`, index);
        for (const link of [`revisions/sha256/${digest}`, `tags/${tag}/index/sha256/${digest}`, `tags/${tag}/current`])
            this.put(`${of}/${link}/link`, `sha256:${digest}`);
    }

    /** As distribution does, which is never somebody else: what root makes gets its name when it is the registry's user's. */
    private put(file: string, text: string): void {
        const at = this.v2(file);
        if (file.startsWith("blobs") && fs.existsSync(at)) return;
        const made = fs.mkdtempSync(this.host.path("made-"));
        const directory = path.dirname(at);
        if (!fs.existsSync(directory)) {
            let top = directory;
            while (!fs.existsSync(path.dirname(top))) top = path.dirname(top);
            const tree = path.join(made, "tree");
            fs.mkdirSync(path.join(tree, path.relative(top, directory)), { recursive: true });
            give(tree);
            fs.renameSync(tree, top);
        }
        fs.writeFileSync(path.join(made, "file"), text);
        give(made);
        fs.renameSync(path.join(made, "file"), `${at}.1a2b.tmp`);
        fs.renameSync(`${at}.1a2b.tmp`, at);
        fs.rmdirSync(made);
    }

    /** The images below a data directory: by repository and tag the digest; throws when one is not complete. */
    images(data = this.files.data): Record<string, string> {
        const v2 = path.join(data, "docker", "registry", "v2");
        if (!fs.existsSync(path.join(v2, "repositories"))) return {};
        const links = fs
            .readdirSync(path.join(v2, "repositories"), { recursive: true, encoding: "utf8" })
            .filter((name) => name.endsWith("/current/link"));
        return Object.fromEntries(
            links.sort().map((link) => {
                const [, repository = "", tag = ""] = /^(.*)\/_manifests\/tags\/(.*)\/current\/link$/.exec(link) ?? [];
                const read = (of: string) =>
                    fs.readFileSync(path.join(v2, "blobs/sha256", of.slice(0, 2), of, "data"), "utf8");
                const digest = fs.readFileSync(path.join(v2, "repositories", link), "utf8").replace("sha256:", "");
                fs.accessSync(path.join(v2, "repositories", repository, "_manifests/revisions/sha256", digest, "link"));
                const { config, layers } = JSON.parse(read(digest)) as {
                    config: { digest: string };
                    layers: { digest: string }[];
                };
                for (const part of [config, ...layers].map((each) => each.digest.replace("sha256:", ""))) {
                    fs.accessSync(path.join(v2, "repositories", repository, "_layers/sha256", part, "link"));
                    if (sha(read(part)) !== part) throw new Error(`${repository}:${tag} has a damaged ${part}`);
                }
                return [`${repository}:${tag}`, digest];
            }),
        );
    }

    remove(): void {
        this.host.remove();
    }
}
