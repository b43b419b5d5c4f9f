import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const root = "/sys/fs/cgroup";
/** Of version 1, whose controllers are mounted one by one. */
const isFirstVersion = fs.existsSync(path.join(root, "cpuacct"));
const tree = isFirstVersion ? path.join(root, "cpuacct") : root;

/** A control group by which the processor's time of processes is counted, whoever their parents are. */
export class ControlGroup {
    private constructor(private readonly directory: string) {}

    /** A new one; what is left in one of the same name is ended. */
    static async make(name: string): Promise<ControlGroup> {
        const group = new ControlGroup(path.join(tree, name));
        await group.remove();
        fs.mkdirSync(group.directory);
        return group;
    }

    /** That of a process which runs in a container. */
    static of(pid: number): ControlGroup {
        const line = isFirstVersion ? /^\d+:(?:[^:]*,)?cpuacct(?:,[^:]*)?:(.*)$/m : /^0::(.*)$/m;
        const own = line.exec(fs.readFileSync(`/proc/${pid}/cgroup`, "utf8"))?.[1];
        if (own === undefined)
            throw new Error(`process ${pid} is in no control group that counts the processor's time`);
        // In the second version an engine puts number 1 into a group below its container's.
        return new ControlGroup(path.join(tree, own.replace(/\/init$/, "")));
    }

    /** Seconds of the processor, of all its processes since it was made. */
    get seconds(): number {
        if (isFirstVersion) return Number(this.read("cpuacct.usage")) / 1e9;
        return Number(/^usage_usec (\d+)$/m.exec(this.read("cpu.stat"))?.[1]) / 1e6;
    }

    /** A command line that runs another one in this group. */
    within(command: readonly string[]): string[] {
        return ["sh", "-c", 'echo $$ >"$0" && exec "$@"', path.join(this.directory, "cgroup.procs"), ...command];
    }

    /** Ends what runs in it: connections that ssh keeps open, or what a benchmark that was interrupted was doing. */
    async end(): Promise<void> {
        for (let tries = 0; this.processes.length > 0; tries++) {
            if (tries === 200) throw new Error(`processes in ${this.directory} do not end`);
            for (const pid of this.processes) {
                try {
                    process.kill(pid, tries < 100 ? "SIGTERM" : "SIGKILL");
                } catch {
                    // It has ended already.
                }
            }
            await sleep(20);
        }
    }

    async remove(): Promise<void> {
        if (!fs.existsSync(this.directory)) return;
        await this.end();
        fs.rmdirSync(this.directory);
    }

    private get processes(): number[] {
        return this.read("cgroup.procs").split("\n").filter(Boolean).map(Number);
    }

    private read(name: string): string {
        return fs.readFileSync(path.join(this.directory, name), "utf8");
    }
}
