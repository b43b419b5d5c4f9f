import * as fs from "node:fs";
import * as path from "node:path";

import { ScriptHost, type ScriptAction } from "./shells";

/** What lib.sh and a script of the data directory have between them. */
export const dataScripts = ["nas/data.sh"];
/** The scripts of NAME-files, without lib.sh. */
export const scripts = [...dataScripts, "nas/files.sh"];

/** Who the images belong to: only root can give files away. */
export const owner = process.getuid?.() === 0 ? 91_600 : (process.getuid?.() ?? 0);
const group = process.getuid?.() === 0 ? 91_600 : (process.getgid?.() ?? 0);

export type Values = Record<string, string>;

const KNOWN = ["registry/htpasswd", "registry/certificate.pem", "registry/private-key.pem", "registry/token-jwks.json"];

/** The values of a configuration's files. */
export function contents(files: Record<string, string>): Values {
    return {
        files: Object.keys(files).join(" "),
        known_files: [...new Set([...Object.keys(files), ...KNOWN, "redis/redis.conf"])].join(" "),
        ...Object.fromEntries(
            Object.entries(files).map(([name, text]) => [`file_${name.replaceAll(/[/.-]/g, "_")}`, text]),
        ),
    };
}

/** A NAS as the files of a registry see it: a volume with a shared folder, a control directory, and a docker command. */
export class RegistryFiles {
    readonly share: string;
    readonly control: string;
    readonly data: string;
    readonly values: Values;

    constructor(readonly host: ScriptHost) {
        this.share = host.path("volume", "share");
        this.control = host.path("volume", "@nas-registry", "registry");
        this.data = path.join(this.share, "registry-data");
        fs.mkdirSync(this.share, { recursive: true });
        this.values = {
            data_directory: this.data,
            data_directory_change: "refuse",
            lost_data_directory: "",
            control_directory: this.control,
            vendor_ground: "",
            owner: `${owner}:${group}`,
            docker: host.path("docker"),
            docker_env: "",
            container_name: "registry",
            network: "registry",
            ports: "0.0.0.0:9",
            owner_label: "project/stack",
            component: "registry",
            ...contents({
                "registry/config.yml": "version: 0.1\n\n",
                "registry/htpasswd": "admin:$2b$04$abc'def\n",
                "registry/certificate.pem": "CERTIFICATE\n",
                "registry/private-key.pem": "KEY\n",
                "redis/redis.conf": 'save ""\n',
            }),
        };
        this.engine("");
    }

    /** Puts a docker command in place that has the network, and answers what `answers`, the branches of a case over its arguments, say. */
    engine(answers: string): void {
        const script = `#!/bin/sh\ncase "$*" in\n${answers}\n"network ls"*) echo n1 ;;\n*) ;;\nesac\n`;
        fs.writeFileSync(this.host.path("docker"), script, { mode: 0o755 });
    }

    script(action: ScriptAction, changed: Values = {}) {
        return this.host.run(scripts, { ...this.values, ...changed }, action);
    }

    /** @throws with what the script said when it said anything */
    async run(action: "apply" | "revert", changed: Values = {}): Promise<void> {
        const { code, stdout, stderr } = await this.script(action, changed);
        if (code !== 0 || stdout + stderr !== "") {
            throw new Error(`${action} ended with ${code}: ${stdout}${stderr}`);
        }
    }

    /** What an update that must fail says. @throws when it did not fail, or has changed anything on the volume */
    async refused(changed: Values = {}): Promise<string> {
        const before = tree(this.host.path("volume"));
        const { code, stderr } = await this.script("apply", changed);
        const after = tree(this.host.path("volume"));
        if (code !== 1 || JSON.stringify(before) !== JSON.stringify(after)) {
            throw new Error(`ended with ${code}: ${stderr}\n${JSON.stringify({ before, after }, undefined, 1)}`);
        }
        return stderr.trim();
    }

    /** Images as distribution writes them, in a data directory; of the registry's user unless it is root's. */
    images(directory = this.data, repository = "team/app"): string {
        const uploads = path.join(directory, "docker/registry/v2/repositories", repository, "_uploads");
        fs.mkdirSync(uploads, { recursive: true });
        const blobs = path.join(directory, "docker/registry/v2/blobs");
        fs.mkdirSync(blobs, { recursive: true });
        fs.writeFileSync(path.join(blobs, "image"), "precious");
        give(directory);
        fs.chmodSync(directory, 0o700);
        return path.join(blobs, "image");
    }

    recorded(name: string): string {
        const record = fs.readFileSync(path.join(this.control, "data-record"), "utf8");
        return new RegExp(`^${name}=(.*)$`, "m").exec(record)?.[1] ?? "";
    }
}

/** A tree and all in it becomes the registry's user's. */
export function give(directory: string, user = owner, itsGroup = group): void {
    for (const name of ["", ...fs.readdirSync(directory, { recursive: true, encoding: "utf8" })]) {
        fs.lchownSync(path.join(directory, name), user, itsGroup);
    }
}

/** Everything below a directory, with what a change of it would change. */
export function tree(directory: string): Record<string, string> {
    const names = fs.readdirSync(directory, { recursive: true, encoding: "utf8" }).sort();
    return Object.fromEntries(
        names.map((name) => {
            const { mode, uid, gid, ino, size } = fs.lstatSync(path.join(directory, name));
            return [name, `${mode.toString(8)} ${uid}:${gid} ${ino} ${size}`];
        }),
    );
}
