import { capture, type CommandOptions, type CommandResult } from "../toolchain/process";
import type { Program } from "./pipe";

/** Milliseconds after which a command hangs: less than a test has, so that it fails by the command's name. */
export const LONGEST = 540_000;

/** The Docker CLI, against one engine. */
export class Docker {
    private readonly env: NodeJS.ProcessEnv;

    /** @param host the engine's address; by default whatever DOCKER_HOST or the current context says */
    constructor(readonly host?: string) {
        this.env = host === undefined ? {} : { DOCKER_HOST: host, DOCKER_CONTEXT: undefined };
    }

    /** `docker …` as a program for pipe(). */
    program(args: readonly string[]): Program {
        return { command: "docker", args, env: this.env };
    }

    /** Runs `docker …` and gives back exit code and output; `options.env` is added to the environment. */
    try(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
        return capture("docker", args, {
            timeout: LONGEST,
            ...options,
            env: { ...process.env, ...this.env, ...options.env },
        });
    }

    /** Runs `docker …`; gives back trimmed standard output, or throws with what docker said. */
    async run(args: readonly string[], options: CommandOptions = {}): Promise<string> {
        const { code, stdout, stderr } = await this.try(args, options);
        if (code !== 0) {
            throw new Error(`docker ${args.slice(0, 6).join(" ")} … failed (${code}): ${(stderr || stdout).trim()}`);
        }
        return stdout.trim();
    }

    /** Runs `docker …` and gives back the lines of its output. */
    async lines(args: readonly string[]): Promise<string[]> {
        return (await this.run(args)).split("\n").filter((line) => line !== "");
    }
}
