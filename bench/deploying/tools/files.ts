import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import * as bcrypt from "bcryptjs";

import { labImages } from "../../../lab/content";
import { makeCertificate, type Site } from "../site";
import type { Wanted } from "../tool";

const templates = path.join(__dirname, "files");

/** Where the others put things on the NAS. */
export const places = { control: "/var/lib/registry", data: "/srv/registry-data" };

/**
 * What somebody has on the own machine who deploys without Pulumi: configurations, users and a certificate. Making them is not measured,
 * though Pulumi does it in its time.
 */
export class RegistryFiles {
    readonly directory: string;
    private readonly hashes = [0, 1, 2].map(() => bcrypt.hashSync(randomBytes(24).toString("base64"), 5));

    constructor({ directory, host }: Site, name: string) {
        this.directory = path.join(directory, name);
        for (const each of ["registry", "redis"]) fs.mkdirSync(path.join(this.directory, each), { recursive: true });
        const secrets = {
            HTTP_SECRET: randomBytes(24).toString("hex"),
            REDIS_PASSWORD: randomBytes(24).toString("hex"),
        };
        for (const file of ["registry/config.yml", "redis/redis.conf"]) {
            const template = fs.readFileSync(path.join(templates, path.basename(file)), "utf8");
            this.write(
                file,
                template.replace(/HTTP_SECRET|REDIS_PASSWORD/g, (name) => secrets[name as keyof typeof secrets]),
            );
        }
        makeCertificate(path.join(this.directory, "registry"), host);
        fs.chmodSync(path.join(this.directory, "registry", "private-key.pem"), 0o640);
    }

    want({ rotation }: Wanted): void {
        this.write("registry/htpasswd", `admin:${this.hashes[0]}\nanna:${this.hashes[rotation]}\n`);
    }

    private write(file: string, content: string): void {
        fs.writeFileSync(path.join(this.directory, file), content, { mode: 0o640 });
    }
}

/** Variables of the scripts below. */
export function scriptVariables(files: RegistryFiles, { host }: Site, wanted: Wanted): Record<string, string> {
    return {
        HOST: host,
        FILES: files.directory,
        CONTROL_DIRECTORY: places.control,
        DATA_DIRECTORY: places.data,
        IMAGE: wanted.image,
        REDIS_IMAGE: labImages.redisImage,
        MEMORY: `${wanted.memory}m`,
        LOG_SIZE: wanted.logSize,
    };
}

/**
 * Where ssh is found with a configuration of its own, as in ~/.ssh/config: the NAS's host key, the own key, and one connection for all.
 *
 * @param programs Others that are to be found.
 * @returns PATH.
 */
export function sshOnPath({ directory, nas, host }: Site, ...programs: string[]): string {
    const folder = path.join(directory, "bin");
    fs.mkdirSync(folder, { recursive: true });
    for (const each of programs) {
        fs.rmSync(path.join(folder, path.basename(each)), { force: true });
        fs.symlinkSync(each, path.join(folder, path.basename(each)));
    }
    fs.writeFileSync(knownHosts(directory), `${host} ${nas.hostKey}\n`);
    const settings = [
        `IdentityFile ${nas.privateKeyFile}`,
        "IdentitiesOnly yes",
        "BatchMode yes",
        `UserKnownHostsFile ${knownHosts(directory)}`,
        "ControlMaster auto",
        `ControlPath ${directory}/ssh-%C`,
        "ControlPersist 60",
    ];
    const config = path.join(directory, "ssh_config");
    fs.writeFileSync(config, `Host *\n${settings.map((each) => `  ${each}\n`).join("")}`);
    fs.writeFileSync(path.join(folder, "ssh"), `#!/bin/sh\nexec /usr/bin/ssh -F '${config}' "$@"\n`, { mode: 0o755 });
    return `${folder}${path.delimiter}${process.env.PATH}`;
}

export function knownHosts(directory: string): string {
    return path.join(directory, "known_hosts");
}
