import { execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { renderScript, type ScriptValues } from "../../../components/nas/script";
import { verificationValues, type VerificationArgs } from "../../../components/operations/verification/verification";
import { scheduleValues } from "../../../components/operations/schedule/schedule";
import { capture, type CommandResult } from "../../../toolchain/process";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const hexOf = (content: Buffer | string) => createHash("sha256").update(content).digest("hex");

/** What `sh` and the small tools are in the registry's image: busybox's and no others. */
const tools = fs.mkdtempSync(path.join(os.tmpdir(), "busybox-"));
process.on("exit", () => fs.rmSync(tools, { recursive: true, force: true }));
for (const applet of execFileSync("busybox", ["--list"], { encoding: "utf8" }).trim().split("\n")) {
    fs.symlinkSync("/usr/bin/busybox", path.join(tools, applet));
}

/**
 * The engine: what the program asks of it is noted in `asked`; a container's command runs here, on the data directory. One that is to read an
 * empty input fails: of that the engine may lose the end.
 */
const docker = (directory: string, data: string) => `#!/bin/sh
cd ${directory}
case $1 in
inspect) case $3 in *Running*) cat running ;; *) echo image ;; esac ;;
ps) ;;
exec)
    case "$*" in
    *redis-cli*) echo flushed >>asked; cat >/dev/null; echo OK; echo OK ;;
    *" kill -HUP 1") ;;
    *" ps -o args")
        case $(cat control/registry/writes) in
        blocked*) echo "registry serve /etc/distribution/read-only.yml" ;;
        *) echo "registry serve /etc/distribution/config.yml" ;;
        esac ;;
    esac ;;
run)
    case "$*" in
    *" --interactive "*) [ -p /proc/self/fd/0 ] || [ -s /proc/self/fd/0 ] || exit 125 ;;
    *) exec </dev/null ;;
    esac
    access=rw
    case "$*" in *target=/var/lib/registry,readonly*) access=ro ;; esac
    until [ "$1" = /etc/distribution/start.sh ]; do shift; done
    shift 3
    program=$(printf '%s' "$1" | sed "s|/var/lib/registry|${data}|")
    shift
    echo "$access $2 $(cut -d' ' -f1 control/registry/writes 2>/dev/null)" >>asked
    PATH=${tools} exec /usr/bin/busybox ash -c "$program" "$@" ;;
esac
`;

/** A NAS with the images of a registry, and the program that verifies them. */
export class ImagesOnNas {
    readonly directory = fs.mkdtempSync(path.join(os.tmpdir(), "verification-"));
    readonly control = path.join(this.directory, "control");

    readonly data: string;

    /** @param data The data directory; without it one that has no images. */
    constructor(
        private readonly shell: readonly string[] = ["dash"],
        data?: string,
    ) {
        this.data = data ?? path.join(this.directory, "data");
        for (const name of ["registry", "operations/results"]) {
            fs.mkdirSync(path.join(this.control, name), { recursive: true, mode: 0o700 });
        }
        fs.mkdirSync(this.data, { recursive: true });
        fs.writeFileSync(path.join(this.directory, "docker"), docker(this.directory, this.data), { mode: 0o755 });
        fs.writeFileSync(path.join(this.directory, "running"), "true\n");
        this.install();
    }

    /** @param change Of the text that runs in the container. */
    install(args: VerificationArgs = {}, values: ScriptValues = {}, change = (program: string) => program): void {
        const own = verificationValues(args as Parameters<typeof verificationValues>[0]);
        const text = renderScript(
            {
                docker: path.join(this.directory, "docker"),
                owner: `${process.getuid?.()}:${process.getgid?.()}`,
                owner_label: "label",
                component: "registry",
                container_name: "registry",
                control_directory: this.control,
                data_directory: this.data,
                drain_seconds: 5,
                tool_limits: "",
                cache_container: "registry-redis",
                cache_socket: "",
                sparse_indexes: "",
                ...scheduleValues({ verify: "0 1 * * *" }),
                ...own,
                verify_program: change(String(own.verify_program)),
                ...values,
            },
            ...["nas/lib.sh", "nas/vendor.sh", "operations/verification/verification.sh"],
            ...["operations/schedule/schedule.sh", "operations/program.sh"],
        );
        fs.writeFileSync(path.join(this.control, "operations/run"), text.replaceAll("sleep 1 &&", "sleep 0.05 &&"), {
            mode: 0o700,
        });
    }

    private get command(): string[] {
        return [...this.shell, path.join(this.control, "operations/run"), "perform", "verify"];
    }

    /** Runs the operation to its end. */
    async verify(...options: string[]): Promise<Outcome> {
        const [command = "", ...args] = [...this.command, ...options];
        return this.outcome(await capture(command, args), options.includes("dry_run=yes") ? "verify.dry" : "verify");
    }

    /** Kills it, and what it started, as a NAS that loses its power. */
    async verifyForMilliseconds(time: number): Promise<void> {
        const [command = "", ...args] = this.command;
        const child = spawn(command, args, { detached: true, stdio: "ignore" });
        const ended = new Promise((resolve) => child.on("close", resolve));
        const timer = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, "SIGKILL"), time);
        await ended;
        clearTimeout(timer);
    }

    private outcome({ code, stderr }: CommandResult, record: string): Outcome {
        const read = (name: string) => fs.readFileSync(path.join(this.control, "operations/results", name), "utf8");
        const output = read(`${record}.output`);
        const lines = read(record).split("\n").filter(Boolean);
        return {
            code,
            output: output + stderr,
            result: Object.fromEntries(lines.map((line) => line.split(/=(.*)/).slice(0, 2) as [string, string])),
            broken: [...output.matchAll(/^(\S+) cannot be pulled whole: (\S+) is (\S+)$/gm)].map(
                ([, image, what, how]) => `${image} ${what} ${how}`,
            ),
        };
    }

    get asked(): string[] {
        const file = path.join(this.directory, "asked");
        return fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim().split("\n") : [];
    }

    v2(...names: string[]): string {
        return path.join(this.data, "docker/registry/v2", ...names);
    }

    blob(hex: string): string {
        return this.v2("blobs/sha256", hex.slice(0, 2), hex, "data");
    }

    blobs(): string[] {
        const all = fs.readdirSync(this.v2("blobs/sha256"), { recursive: true, encoding: "utf8" });
        return all.filter((file) => /^[0-9a-f]{2}\/[0-9a-f]{64}\/data$/.test(file)).map((file) => file.slice(3, 67));
    }

    /** Digests of what was put aside. */
    aside(): string[] {
        const names = fs.existsSync(this.v2("..")) ? fs.readdirSync(this.v2("..")) : [];
        return names.flatMap((name) => /^damaged-([0-9a-f]{64})/.exec(name)?.[1] ?? []).sort();
    }

    /** Every file, with what is in it. */
    content(): Map<string, string> {
        const files = fs.readdirSync(this.data, { recursive: true, withFileTypes: true });
        const named = files.filter((file) => file.isFile()).map((file) => path.join(file.parentPath, file.name));
        return new Map(named.map((file) => [path.relative(this.data, file), hexOf(fs.readFileSync(file))]));
    }

    // As distribution lays them out.

    putBlob(content: Buffer | string): string {
        const hex = hexOf(content);
        fs.mkdirSync(path.dirname(this.blob(hex)), { recursive: true });
        fs.writeFileSync(this.blob(hex), content);
        return hex;
    }

    private putLink(file: string, hex: string): void {
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, `sha256:${hex}`);
    }

    putManifest(repository: string, manifest: object, ...tags: string[]): string {
        const hex = this.putBlob(JSON.stringify(manifest, undefined, tags.length));
        const place = this.v2("repositories", repository, "_manifests");
        this.putLink(path.join(place, "revisions/sha256", hex, "link"), hex);
        for (const tag of tags) this.putLink(path.join(place, "tags", tag, "current/link"), hex);
        return hex;
    }

    putLayer(repository: string, content: Buffer | string): { mediaType: string; size: number; digest: string } {
        const hex = this.putBlob(content);
        this.putLink(this.layerLink(repository, hex), hex);
        return { mediaType: "application/vnd.oci.image.layer.v1.tar", size: content.length, digest: `sha256:${hex}` };
    }

    layerLink(repository: string, hex: string): string {
        return this.v2("repositories", repository, "_layers/sha256", hex, "link");
    }

    /** An image of some layers; its manifest has what else one can have. */
    putImage(repository: string, tags: string[], layers: (Buffer | string)[], besides: object = {}): Image {
        const config = this.putLayer(repository, `{"of":"${repository}","layers":"${randomBytes(8).toString("hex")}"}`);
        const made = layers.map((layer) => this.putLayer(repository, layer));
        const manifest = this.putManifest(
            repository,
            { schemaVersion: 2, mediaType: MANIFEST, config, layers: made, ...besides },
            ...tags,
        );
        const hexes = [config, ...made].map(({ digest }) => digest.slice("sha256:".length));
        return { manifest, blobs: [manifest, ...hexes] };
    }

    remove(): void {
        fs.rmSync(this.directory, { recursive: true, force: true });
    }
}

export interface Image {
    manifest: string;
    /** It and all that it names. */
    blobs: string[];
}

export interface Outcome {
    code: number;
    output: string;
    result: Record<string, string>;
    /** "IMAGE BLOB damaged|missing|unlinked" */
    broken: string[];
}
