import type { CommandResult } from "../toolchain/process";
import type { Docker } from "./docker";
import { label } from "./names";

/**
 * Options of `docker create` under which a Docker Engine runs inside a container. Everything but SYS_RESOURCE, which the
 * lab's own host may lack itself; `--privileged` asks for it and fails there. A control group namespace of its own
 * keeps the inner engine's groups below the container's: they go when it goes.
 */
export function nestedEngineOptions(namespace: string): string[] {
    return [
        ["--label", `${label}=${namespace}`],
        ["--cap-add", "ALL", "--cap-drop", "SYS_RESOURCE"],
        ["--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined"],
        ["--device-cgroup-rule", "a *:* rwm"],
        ["--cgroupns", "private"],
        ["--tmpfs", "/run:exec"],
    ].flat();
}

/** Waits until PID 1 of a NAS or client says that everything it starts has started. */
export async function waitUntilReady(docker: Docker, container: string, seconds = 90): Promise<void> {
    const script = `tries=${seconds * 10}; while [ ! -e /run/nas-registry-lab/ready ]; do
    tries=$((tries - 1)); [ $tries -gt 0 ] || exit 1; sleep 0.1; done`;
    const { code, stderr } = await docker.try(["exec", container, "/bin/sh", "-c", script]);
    if (code !== 0) {
        const { stdout: out, stderr: err } = await docker.try(["logs", "--tail", "20", container]);
        throw new Error(`${container} is not ready after ${seconds} s: ${stderr.trim()}\n${out}${err}`);
    }
}

export interface ExecOptions {
    /** Written to the script's standard input. */
    readonly input?: string;
    /** Milliseconds after which it is cut off; none by default. */
    readonly timeout?: number;
    /** Run as this user. @default number 0 */
    readonly user?: string;
}

/** Runs a POSIX shell script in a container of the lab. */
export function execIn(
    docker: Docker,
    container: string,
    script: string,
    { user, ...options }: ExecOptions,
): Promise<CommandResult> {
    // The engine may lose the end of an input that is empty, and what reads it would wait for ever (moby/moby#37870).
    const interactive = options.input ? ["--interactive"] : [];
    const as = user === undefined ? [] : ["--user", user];
    return docker.try(["exec", ...interactive, ...as, container, "/bin/sh", "-c", script], options);
}
