import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { renderClientSetup } from "../../components/clients/clientSetup";
import type { EngineGeneration } from "../../lab/engines";
import { ensureLab, type Client, type Lab, type Nas, type NasOptions } from "../../lab";
import { Workspace, type Arguments, type Program } from "../../lab/workspace";
import { ensureToolchain } from "../../toolchain";
import { ensureRegctl, ensureRegsync, ensureRestic } from "../../toolchain/goPrograms";
import type { CommandResult } from "../../toolchain/process";
import { shown } from "../pages";
import { Load, type LoadOptions } from "./load";

/** A lab and a Pulumi workspace for one test file; everything in it ends with close(). */
export class Setting {
    private constructor(
        readonly lab: Lab,
        readonly workspace: Workspace,
    ) {}

    /**
     * @param namespace Keeps the labs of two files apart.
     * @param program What is deployed; this repository's own program by default.
     */
    static async open(namespace: string, program?: Program): Promise<Setting> {
        const toolchain = await ensureToolchain();
        const lab = await ensureLab({ namespace, registryBinary: toolchain.registry });
        const directory = fs.mkdtempSync(path.join(os.tmpdir(), `${namespace}-`));
        const workspace = await Workspace.open(directory, toolchain, program, true);
        console.log(`${toolchain.description.join("; ")}; ${workspace.plugins}; ${lab.engine.description}`);
        return new Setting(lab, workspace);
    }

    /** A NAS with a stack for it, which is named as the NAS; its registry has these arguments besides. */
    async nas(options: NasOptions, args: Arguments = {}): Promise<Nas> {
        const nas = await this.lab.startNas(options);
        await this.workspace.addStack(nas, args, nas.name);
        return nas;
    }

    async client(name: string, engine?: EngineGeneration): Promise<Client> {
        const client = await this.lab.startClient({ name, engine });
        await client.loadImage("busybox:lab");
        return client;
    }

    /** Lets NASes pull the images of the programs that operations run. */
    async serveOperationsImages(): Promise<void> {
        const [restic, regctl, regsync] = await Promise.all([ensureRestic(), ensureRegctl(), ensureRegsync()]);
        await this.lab.serveOperationsImages({ restic, regctl, regsync });
    }

    /** Runs a command as a page shows it (see ../pages.ts), for this stack. */
    shown(command: string, stack: string, others?: Record<string, string>, input?: string): Promise<CommandResult> {
        return this.atDesk(shown(command, others).replace(/--stack \S+/, `--stack ${stack}`), stack, input);
    }

    /** Runs a script of a shell at a desk where this stack is selected. */
    atDesk(script: string, stack: string, input?: string): Promise<CommandResult> {
        const npx = `npx() { shift; '${process.execPath}' bin/components/cli/main.js "$@"; }`;
        return this.workspace.inProject("sh", ["-euc", `${npx}\n${script}`], { env: { PULUMI_STACK: stack }, input });
    }

    async close(): Promise<void> {
        this.workspace.close();
        await this.lab.down();
    }
}

export interface Answer {
    status: number;
    /** By their names in lower case. */
    headers: Record<string, string>;
    body: string;
}

/** A registry as curl sees it from a machine on the lab's network. */
export class RegistryView {
    constructor(
        readonly client: Client,
        readonly outputs: Record<string, string>,
    ) {}

    /** `host:port` as docker writes it. */
    get name(): string {
        return (this.outputs.url ?? "").replace(/^https?:\/\//, "");
    }

    /** HTTP status and body of a GET; with the first user's password unless told otherwise. */
    async get(
        address: string,
        password = this.outputs.password,
        username = this.outputs.username,
    ): Promise<{ status: number; body: string }> {
        const { status, body } = await this.send("GET", address, "", password, username);
        return { status, body: body.trim() };
    }

    /** The manifest of a tag, and its digest among the headers. */
    manifest(repository: string, tag: string): Promise<Answer> {
        return this.send("GET", `/v2/${repository}/manifests/${tag}`);
    }

    /** Any request, its body and its answer's being text; status 0 when there is no answer. */
    async send(
        method: string,
        address: string,
        body = "",
        password = this.outputs.password,
        username = this.outputs.username,
    ): Promise<Answer> {
        await this.client.exec("cat >/tmp/ca.crt", { input: this.outputs.caCertificate });
        const url = address.startsWith("/") ? `${this.outputs.url}${address}` : address;
        const options = [`-X ${method}`, ...(method === "HEAD" ? ["--head"] : [])];
        const content = body ? "-H 'Content-Type: application/octet-stream' --data-binary @/tmp/body" : "";
        // The password's line on standard input, and after it the body.
        const script = `IFS= read -r credentials; cat >/tmp/body; : >/tmp/headers; : >/tmp/answer
            printf '%s\\n' "$credentials" | curl -s --config - --cacert /tmp/ca.crt ${options.join(" ")} ${content} \\
                -H Expect: -D /tmp/headers -o /tmp/answer -w '%{http_code}\\n' '${url}'
            cat /tmp/headers /tmp/answer`;
        const credentials = password ? `user = "${username}:${password}"` : "";
        const text = await must(this.client.exec(script, { input: `${credentials}\n${body}` }));
        const [status = "", ...rest] = text.split("\n");
        const [headers = "", ...answer] = rest.join("\n").split("\r\n\r\n");
        const named = headers.split("\r\n").map((line) => line.split(/: (.*)/));
        return {
            status: Number(status),
            headers: Object.fromEntries(named.map(([name = "", value = ""]) => [name.toLowerCase(), value])),
            body: answer.join("\r\n\r\n"),
        };
    }

    /** Trusts the registry, and logs in. */
    async logIn(): Promise<void> {
        const { caCertificate, dockerLogin, password, url = "" } = this.outputs;
        const rendered = renderClientSetup(this.name, { caCertificate, insecure: url.startsWith("http:") });
        await must(this.client.exec("sh", { input: this.outputs.clientSetup ?? rendered.linux }));
        await must(this.client.exec(`${dockerLogin} --password-stdin`, { input: password }));
    }

    /** Logs in, and pushes the lab's image as `repository`. */
    async push(repository: string): Promise<void> {
        await this.logIn();
        const reference = `${this.name}/${repository}`;
        await must(
            this.client.exec(
                `docker tag busybox:lab ${reference} && docker push -q ${reference} && docker rmi ${reference}`,
            ),
        );
    }

    /** Logs in, pushes a layer of 1 GiB that nothing can compress, and pulls it again. @throws when it comes back changed */
    async carryLargeLayer(repository: string): Promise<void> {
        await this.logIn();
        const image = `${this.name}/${repository}`;
        await must(
            this.client.exec(`set -e
                id() { docker image inspect --format '{{.Id}}' ${image}; }
                mkdir /tmp/large
                head -c 1G /dev/urandom >/tmp/large/layer
                tar -C /tmp/large -c layer | docker import - ${image}
                rm -r /tmp/large
                pushed=$(id)
                docker push -q ${image}
                docker rmi ${image}
                docker pull -q ${image}
                [ "$(id)" = "$pushed" ]
                docker rmi ${image}`),
        );
    }

    pull(repository: string): Promise<CommandResult> {
        return this.client.exec(`docker pull -q ${this.name}/${repository}`);
    }
}

/** A load on the registry of a NAS, from this machine; the outputs are those of its stack. */
export function loadOn(
    nas: Nas,
    outputs: Record<string, string>,
    options: Pick<LoadOptions, "repositories" | "seed"> & Partial<LoadOptions>,
): Load {
    const { url = "", caCertificate: ca, username = "", password = "" } = outputs;
    return new Load({ url, address: nas.address, ca, username, password, ...options });
}

/** Runs `nas-registry check` for a stack. */
export function check(workspace: Workspace, stack: string, env?: NodeJS.ProcessEnv): Promise<CommandResult> {
    return workspace.command(["check", "--stack", stack], env);
}

/** The standard output of a command that must succeed. */
export async function must(command: Promise<CommandResult>): Promise<string> {
    const { code, stdout, stderr } = await command;
    if (code !== 0) {
        throw new Error(`ended with ${code}: ${stdout}${stderr}`);
    }
    return stdout;
}

/** Repeats until it neither throws nor returns false, once a second. */
export async function eventually(seconds: number, run: () => Promise<unknown>): Promise<void> {
    for (let left = seconds; ; left--) {
        const result = await run().catch((error: unknown) => error);
        if (!(result instanceof Error) && result !== false) {
            return;
        }
        if (left <= 0) {
            throw result instanceof Error ? result : new Error(`not so after ${seconds} s`);
        }
        await new Promise((resolve) => setTimeout(resolve, 1000));
    }
}

/** Files that an engine has in /tmp for a moment, whenever a health check runs. */
export const engineFiles = "runc-process*";

/** Id and start of a container, which change when it is replaced or restarted. */
export function identity(nas: Nas, container: string): Promise<string> {
    return nas.docker("inspect", "--format", "{{.Id}} {{.State.StartedAt}}", container);
}
