import * as fs from "node:fs";
import * as path from "node:path";

import { labImages } from "../../../lab/content";
import { composeVersion, ensureCompose } from "../../../toolchain/goPrograms";
import { run } from "../../../toolchain/process";
import type { Site } from "../site";
import type { Action, Command, Tool, Wanted } from "../tool";
import { places, RegistryFiles, scriptVariables, sshOnPath } from "./files";

/** Debian's Ansible, with pipelining and one connection for all. */
export async function ansible(site: Site): Promise<Tool> {
    const { directory, nas, host } = site;
    const files = new RegistryFiles(site, "ansible");
    const env = {
        ...process.env,
        PATH: sshOnPath(site),
        HOME: directory,
        ANSIBLE_CONFIG: path.join(directory, "ansible.cfg"),
    };
    const inventory = path.join(directory, "inventory");
    fs.writeFileSync(
        inventory,
        `[nas]\n${host} ansible_user=${nas.user} ansible_python_interpreter=/usr/bin/python3\n`,
    );
    fs.writeFileSync(
        env.ANSIBLE_CONFIG,
        `[defaults]
inventory = ${inventory}
[ssh_connection]
pipelining = True
ssh_args = -F ${directory}/ssh_config -o ControlMaster=auto -o ControlPersist=60s
control_path_dir = ${directory}
`,
    );
    const variables = path.join(directory, "variables.json");
    const playbooks = path.join(__dirname, "ansible");
    const version = /core ([\d.]+)/.exec(await run("ansible", ["--version"], { env }))?.[1];
    const collections = await run("ansible-galaxy", ["collection", "list", "community.docker"], { env });
    const collection = /community\.docker +([\d.]+)/.exec(collections)?.[1];
    return {
        name: "Ansible",
        version: `Ansible ${version} of Debian with community.docker ${collection}`,
        want: (wanted) => {
            files.want(wanted);
            const values = ansibleVariables(files, wanted);
            fs.writeFileSync(variables, JSON.stringify(values));
        },
        command: (action) => ({
            line: [
                "ansible-playbook",
                "-e",
                `@${variables}`,
                path.join(playbooks, action === "destroy" ? "absent.yml" : "site.yml"),
            ],
            env,
        }),
    };
}

function ansibleVariables(files: RegistryFiles, { image, memory, logSize }: Wanted): Record<string, unknown> {
    return {
        files: files.directory,
        control_directory: places.control,
        data_directory: places.data,
        image,
        redis_image: labImages.redisImage,
        memory: `${memory}M`,
        daemon_settings: { "log-driver": "json-file", "log-opts": { "max-size": logSize, "max-file": "3" } },
    };
}

/** Docker Compose against the NAS's engine, and a script for what it cannot do. */
export async function compose(site: Site): Promise<Tool> {
    const PATH = sshOnPath(site, await ensureCompose());
    return byScript(site, "Compose", `Docker Compose ${composeVersion} over ssh://`, "compose", PATH);
}

/** One script for all, in one connection: as little as it can take. */
export function shell(site: Site): Promise<Tool> {
    return Promise.resolve(byScript(site, "shell", "a shell script over one SSH connection", "shell", sshOnPath(site)));
}

function byScript(site: Site, name: string, version: string, folder: string, PATH: string): Tool {
    const files = new RegistryFiles(site, folder);
    const script = path.join(__dirname, folder, "deploy.sh");
    let env: NodeJS.ProcessEnv = {};
    return {
        name,
        version,
        want: (wanted) => {
            files.want(wanted);
            env = { ...process.env, PATH, ...scriptVariables(files, site, wanted) };
        },
        command: (action: Action): Command => ({ line: [script, action === "destroy" ? "down" : "up"], env }),
    };
}
