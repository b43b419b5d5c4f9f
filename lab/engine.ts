import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Docker } from "./docker";
import { withLock } from "./lock";
import { keep, run } from "./paths";

export interface Engine {
    readonly docker: Docker;
    /** True for the lab's own engine, which stopEngine() ends; false for one that was there. */
    readonly own: boolean;
    /** Where it listens and what it is, for people. */
    readonly description: string;
}

const socket = path.join(run, "docker.sock");
const pidFile = path.join(run, "docker.pid");
const log = path.join(keep, "engine.log");

/**
 * The Docker Engine the lab runs on: the one that answers `docker info` (DOCKER_HOST and contexts honoured), else, as
 * root, an engine of the lab's own, which outlives this process.
 * @throws when there is none and none can be started; the message says what to do
 */
export async function ensureEngine(): Promise<Engine> {
    return withLock("engine", async () => {
        const running = await findEngine();
        if (running) return running;
        if (process.getuid?.() !== 0) {
            throw new Error(
                "no Docker Engine answers: start Docker, or run as root so that the lab can start one of its own",
            );
        }
        return startOwn();
    });
}

/** The engine the lab would use, if one runs; starts nothing. */
export async function findEngine(): Promise<Engine | undefined> {
    const own = (): Promise<Engine | undefined> => answering(new Docker(`unix://${socket}`), true);
    const given = (): Promise<Engine | undefined> => answering(new Docker(), false);
    // The lab's own engine is asked first, so that a lab stays on the engine it was started on.
    return process.env.DOCKER_HOST === undefined ? ((await own()) ?? given()) : ((await given()) ?? own());
}

/** Ends the lab's own engine, by its recorded process id; other engines are left alone. */
export async function stopEngine(): Promise<void> {
    await withLock("engine", async () => {
        const pid = recordedPid();
        if (pid === undefined) return;
        process.kill(pid, "SIGTERM");
        for (let tries = 0; tries < 300 && recordedPid() === pid; tries++) await sleep(100);
        if (recordedPid() === pid) process.kill(pid, "SIGKILL");
        fs.rmSync(run, { recursive: true, force: true });
    });
}

async function answering(docker: Docker, own: boolean): Promise<Engine | undefined> {
    if (own && !fs.existsSync(socket)) return undefined;
    const { code, stdout } = await docker.try(["info", "--format", "{{.ServerVersion}} {{.DockerRootDir}}"]);
    if (code !== 0 || stdout.trim() === "") return undefined;
    const [version] = stdout.trim().split(" ");
    const where = own ? `the lab's own, ${docker.host}` : (process.env.DOCKER_HOST ?? "the one of this machine");
    return { docker, own, description: `Docker Engine ${version} (${where})` };
}

async function startOwn(): Promise<Engine> {
    fs.mkdirSync(run, { recursive: true, mode: 0o700 });
    fs.mkdirSync(path.join(keep, "engine"), { recursive: true });
    fs.rmSync(pidFile, { force: true }); // answering() said that nothing runs; dockerd refuses a stale file
    const output = fs.openSync(log, "w");
    const engine = spawn(
        "dockerd",
        [
            ["--host", `unix://${socket}`],
            ["--data-root", path.join(keep, "engine")],
            ["--exec-root", path.join(run, "exec")],
            ["--pidfile", pidFile],
        ].flat(),
        { detached: true, stdio: ["ignore", output, output] },
    );
    let failure: string | undefined;
    engine.on("error", (error) => (failure = `${error.message}: install the package docker.io`));
    engine.on("exit", (code) => (failure ??= `it ended with exit code ${code}`));
    engine.unref();
    fs.closeSync(output);

    for (let tries = 0; tries < 300 && failure === undefined; tries++) {
        const ready = await answering(new Docker(`unix://${socket}`), true);
        if (ready) return ready;
        await sleep(200);
    }
    const tail = fs.readFileSync(log, "utf8").trim().split("\n").slice(-15).join("\n");
    throw new Error(
        `the lab's Docker Engine did not start (${failure ?? "no answer within 60 s"}); ${log} ends:\n${tail}`,
    );
}

/** The pid of the lab's engine, when that process is alive and really is a dockerd. */
function recordedPid(): number | undefined {
    try {
        const pid = Number(fs.readFileSync(pidFile, "utf8"));
        const command = fs.readFileSync(`/proc/${pid}/cmdline`, "utf8");
        return command.includes(pidFile) ? pid : undefined;
    } catch {
        return undefined;
    }
}
