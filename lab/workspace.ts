import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { parse, stringify } from "yaml";

import { repositoryRoot, type Toolchain } from "../toolchain";
import { ensurePlugins } from "../toolchain/plugins";
import { capture, run, type CommandResult } from "../toolchain/process";
import { labImages } from "./content";
import { LONGEST } from "./docker";
import type { Nas } from "./nas";
import { attachSubstitutes } from "./providers/install";

/** What a `pulumi` command did: its output, and how many resources it created, updated, left unchanged, … */
export interface Operation extends CommandResult {
    changes: Partial<Record<"create" | "update" | "delete" | "replace" | "same" | "refresh", number>>;
}

/** Arguments of a registry, as a stack file has them; bad ones, too. */
export type Arguments = Record<string, unknown> & { connection?: object };

interface StackFile {
    config: Record<string, unknown>;
}

/** The setting of this repository's own program. */
const ARGUMENTS = "nas-registry:registry";

/** Arguments with others in their place, of the connection part by part. */
function override(args: Arguments, others: Arguments): Arguments {
    return { ...args, ...others, connection: { ...args.connection, ...others.connection } };
}

/** Lays a Pulumi project into an empty folder. */
export type Program = (project: string) => void | Promise<void>;

/** This repository's own program, as it is compiled. */
function stackProgram(project: string): void {
    fs.copyFileSync(path.join(repositoryRoot, "Pulumi.yaml"), path.join(project, "Pulumi.yaml"));
    for (const name of ["bin", "node_modules", "package.json"]) {
        fs.symlinkSync(path.join(repositoryRoot, name), path.join(project, name));
    }
}

/**
 * A Pulumi workspace of a program, by default this repository's, that leaves no trace: plugins, state, passphrase and stack files are in
 * one directory, the committed stack files are copied and never written, and an ssh-agent of its own holds the key.
 */
export class Workspace {
    private readonly stacks = new Set<string>();
    private readonly transports = new Set<string>();

    private constructor(
        readonly directory: string,
        readonly env: NodeJS.ProcessEnv,
        /** The agent, and the substitutes that serve all engines. */
        readonly pids: readonly number[],
        /** What the plugins are, one line. */
        readonly plugins: string,
    ) {}

    /**
     * @param directory Made here; an ssh-agent's socket is in it, so its path must be short.
     * @param attach Whether substitutes of plugins may serve all commands until {@link close}; otherwise each command starts its own.
     */
    static async open(
        directory: string,
        toolchain: Toolchain,
        program: Program = stackProgram,
        attach = false,
    ): Promise<Workspace> {
        fs.rmSync(directory, { recursive: true, force: true });
        for (const name of ["project", "state", "home"]) {
            fs.mkdirSync(path.join(directory, name), { recursive: true, mode: 0o700 });
        }
        await program(path.join(directory, "project"));
        const passphraseFile = path.join(directory, "passphrase");
        fs.writeFileSync(passphraseFile, randomBytes(24).toString("hex"), { mode: 0o600 });
        const socket = path.join(directory, "agent");
        const agent = await run("ssh-agent", ["-s", "-a", socket]);
        const env: NodeJS.ProcessEnv = {
            ...toolchain.env,
            PULUMI_HOME: path.join(directory, "home"),
            PULUMI_BACKEND_URL: `file://${path.join(directory, "state")}`,
            PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile,
            PULUMI_SKIP_UPDATE_CHECK: "true",
            SSH_AUTH_SOCK: socket,
            // They would override the NAS's address, and the passphrase its file.
            DOCKER_HOST: undefined,
            DOCKER_TLS_VERIFY: undefined,
            DOCKER_CERT_PATH: undefined,
            DOCKER_CONTEXT: undefined,
            PULUMI_CONFIG_PASSPHRASE: undefined,
        };
        const pids = [Number(/SSH_AGENT_PID=(\d+)/.exec(agent)?.[1])];
        const { description, substitutes } = await ensurePlugins(env);
        if (attach && substitutes.length > 0) {
            const { variables, pid } = await attachSubstitutes(substitutes, env);
            Object.assign(env, variables);
            pids.push(pid);
        }
        return new Workspace(directory, env, pids, description);
    }

    /**
     * Makes a stack of this repository's own program for a NAS, from the stack file of its vendor, if it has one; `args` override
     * the arguments in it, and an earlier stack of that name is forgotten.
     */
    async addStack(nas: Nas, args: Arguments = {}, stack: string = nas.vendor): Promise<void> {
        const file = path.join(repositoryRoot, `Pulumi.${nas.vendor}.yaml`);
        const { config } = fs.existsSync(file)
            ? (parse(fs.readFileSync(file, "utf8")) as StackFile)
            : { config: { [ARGUMENTS]: { vendor: nas.vendor } } as StackFile["config"] };
        const connection = { host: nas.address, port: nas.sshPort, user: nas.user, hostKey: nas.hostKey };
        config[ARGUMENTS] = override(config[ARGUMENTS] as Arguments, { ...labImages, connection });
        config[ARGUMENTS] = override(config[ARGUMENTS] as Arguments, args);
        await this.makeStack(stack, config, [nas]);
    }

    /**
     * Makes a stack of another program with this configuration and the settings `image` and `redisImage`, which name the lab's
     * images; the program finds the keys of the NASes in the ssh-agent.
     */
    async initStack(stack: string, config: Record<string, unknown>, nases: readonly Nas[]): Promise<void> {
        const all = { ...config };
        for (const [name, image] of Object.entries(labImages)) {
            all[`${this.projectName()}:${name}`] ??= image;
        }
        await this.makeStack(stack, all, nases);
    }

    private async makeStack(stack: string, config: StackFile["config"], nases: readonly Nas[]): Promise<void> {
        fs.writeFileSync(this.stackFile(stack), stringify({ config }));
        for (const nas of nases) {
            await run("ssh-add", ["-q", nas.privateKeyFile], { env: this.env });
        }
        if (this.stacks.has(stack)) {
            transportIds(path.join(this.directory, "state")).forEach((id) => this.transports.add(id));
            await this.run(stack, ["stack", "rm", "--yes", "--force", "--preserve-config"]);
        }
        this.stacks.add(stack);
        await this.run(stack, ["stack", "init"]);
    }

    /** Changes one value of a stack's configuration, by its path: "readOnly", "registry.connection.user". */
    async configure(stack: string, path: string, value: string): Promise<void> {
        await this.run(stack, ["config", "set", "--path", path, value]);
    }

    /** The same, as a secret: "registry.users[0].password". */
    async configureSecret(stack: string, path: string, value: string): Promise<void> {
        await this.run(stack, ["config", "set", "--secret", "--path", path], value);
    }

    /** Changes settings of another program's stack, groups and lists included. */
    change(stack: string, settings: Record<string, unknown>): void {
        this.edit(stack, (config) => {
            for (const [name, value] of Object.entries(settings)) {
                config[`${this.projectName()}:${name}`] = value;
            }
        });
    }

    /** Changes arguments of the registry of a stack of this repository's own program; undefined takes one out. */
    changeArguments(stack: string, args: Arguments): void {
        this.edit(stack, (config) => {
            config[ARGUMENTS] = override(config[ARGUMENTS] as Arguments, args);
        });
    }

    private edit(stack: string, change: (config: StackFile["config"]) => void): void {
        const file = parse(fs.readFileSync(this.stackFile(stack), "utf8")) as StackFile;
        change(file.config);
        fs.writeFileSync(this.stackFile(stack), stringify(file));
    }

    private stackFile(stack: string): string {
        return path.join(this.directory, "project", `Pulumi.${stack}.yaml`);
    }

    /** What the names of the program's settings begin with. */
    private projectName(): string {
        const file = path.join(this.directory, "project", "Pulumi.yaml");
        return (parse(fs.readFileSync(file, "utf8")) as { name: string }).name;
    }

    /** Gives a stack the key itself, as a secret of its configuration, and takes it from the agent. */
    async useKey(stack: string, privateKey: string, path = "privateKey"): Promise<void> {
        await run("ssh-add", ["-q", "-D"], { env: this.env });
        await this.configureSecret(stack, path, privateKey);
    }

    /** `pulumi up`, `preview`, `refresh` or `destroy`, without questions; rejects when it fails. */
    async operate(stack: string, ...args: string[]): Promise<Operation> {
        const operation = await this.attempt(stack, ...args);
        if (operation.code !== 0) {
            throw new Error(`pulumi ${args.join(" ")} of ${stack} failed:\n${operation.stdout}${operation.stderr}`);
        }
        return operation;
    }

    /** As operate, and a failure is returned like a success. */
    async attempt(stack: string, ...args: string[]): Promise<Operation> {
        const events = path.join(this.directory, `${stack}-events.json`);
        fs.rmSync(events, { force: true });
        const questions = args[0] === "preview" ? [] : ["--yes", "--skip-preview"];
        const result = await this.capture(stack, [...args, ...questions, "--event-log", events, "--color", "never"]);
        return { ...result, changes: changesIn(events) };
    }

    /** Runs a program in the project's folder, where it finds state, passphrase and keys as pulumi does. */
    inProject(
        command: string,
        args: string[],
        { env, input }: { env?: NodeJS.ProcessEnv; input?: string } = {},
    ): Promise<CommandResult> {
        return capture(command, args, {
            input,
            timeout: LONGEST,
            cwd: path.join(this.directory, "project"),
            env: { ...this.env, ...env },
        });
    }

    /** Runs `nas-registry` in the project's folder. */
    command(args: string[], env?: NodeJS.ProcessEnv): Promise<CommandResult> {
        return this.inProject(process.execPath, ["bin/components/cli/main.js", ...args], { env });
    }

    /** Takes away the lock of an update that was killed. */
    async cancel(stack: string): Promise<void> {
        await this.run(stack, ["cancel", "--yes"]);
    }

    /** The stack's outputs, secrets included. */
    async outputs(stack: string): Promise<Record<string, string>> {
        return JSON.parse(await this.run(stack, ["stack", "output", "--json", "--show-secrets"])) as Record<
            string,
            string
        >;
    }

    /** Takes a resource, and what depends on it, out of the state and leaves it on the NAS, as a killed update does. */
    async forget(stack: string, typeAndName: string): Promise<void> {
        const urn = new RegExp(`"(urn:[^"]*::[^"]*${typeAndName})"`).exec(await this.export(stack))?.[1] ?? typeAndName;
        await this.run(stack, ["state", "delete", urn, "--target-dependents", "--yes"]);
    }

    /** The whole state as `pulumi stack export` prints it. */
    export(stack: string): Promise<string> {
        return this.run(stack, ["stack", "export"]);
    }

    /** Puts a state in place of the stack's own, as `pulumi stack import` does. */
    async import(stack: string, state: string): Promise<void> {
        const file = path.join(this.directory, `${stack}-state.json`);
        fs.writeFileSync(file, state, { mode: 0o600 });
        await this.run(stack, ["stack", "import", "--file", file]);
    }

    /** Ends its processes and removes everything, the transport keys of its stacks included. */
    close(): void {
        removeTransports(this.transports);
        Workspace.remove(this.directory, this.pids);
    }

    /** As close, for a workspace that another process opened. */
    static remove(directory: string, pids: readonly number[] = []): void {
        for (const pid of pids) {
            try {
                process.kill(pid);
            } catch {
                // It has ended already.
            }
        }
        removeTransports(transportIds(path.join(directory, "state")));
        fs.rmSync(directory, { recursive: true, force: true });
    }

    private async run(stack: string, args: string[], input?: string): Promise<string> {
        const { code, stdout, stderr } = await this.capture(stack, args, input);
        if (code !== 0) {
            throw new Error(`pulumi ${args.join(" ")} of ${stack} failed:\n${stdout}${stderr}`);
        }
        return stdout;
    }

    private capture(stack: string, args: string[], input?: string): Promise<CommandResult> {
        return this.inProject("pulumi", [...args, "--stack", stack, "--non-interactive"], {
            input,
            // Without it, the CLI does not know --event-log.
            env: { PULUMI_DEBUG_COMMANDS: "true" },
        });
    }
}

function changesIn(eventLog: string): Operation["changes"] {
    if (!fs.existsSync(eventLog)) {
        return {};
    }
    const events = fs.readFileSync(eventLog, "utf8").split("\n").filter(Boolean);
    const summaries = events
        .map((line) => JSON.parse(line) as { summaryEvent?: { resourceChanges: Operation["changes"] } })
        .flatMap(({ summaryEvent }) => (summaryEvent ? [summaryEvent.resourceChanges] : []));
    return summaries.at(-1) ?? {};
}

/** Takes transport keys out of the user's home, and the folder that held them when it is empty. */
function removeTransports(ids: Iterable<string>): void {
    const folder = path.join(os.userInfo().homedir, ".nas-registry");
    for (const id of ids) {
        fs.rmSync(path.join(folder, id), { recursive: true, force: true });
    }
    try {
        fs.rmdirSync(folder);
    } catch {
        // It holds others', or is not there.
    }
}

/** Names of the transport keys that a file backend's states mention. */
function transportIds(stateDirectory: string): Set<string> {
    const ids = new Set<string>();
    const files = fs.existsSync(stateDirectory)
        ? fs.readdirSync(stateDirectory, { recursive: true, withFileTypes: true })
        : [];
    for (const file of files.filter((each) => each.isFile())) {
        const text = fs.readFileSync(path.join(file.parentPath, file.name), "utf8");
        for (const [, id] of text.matchAll(/~\/\.nas-registry\/([0-9a-f]{12})\//g)) {
            ids.add(id ?? "");
        }
    }
    return ids;
}
