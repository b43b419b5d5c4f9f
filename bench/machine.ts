import * as os from "node:os";

import { capture } from "../toolchain/process";

/** What something was measured on. */
export interface Machine {
    /** Such as 2026-11-29. */
    date: string;
    processor: string;
    memory: string;
    system: string;
    node: string;
    commit: string;
    /** Processes that wanted a processor in the minute before the end; what is beyond the number of processors disturbed. */
    load: string;
}

export async function machine(): Promise<Machine> {
    const commit = (await capture("git", ["rev-parse", "--short", "HEAD"])).stdout.trim();
    return {
        date: new Date().toISOString().slice(0, 10),
        processor: `${os.availableParallelism()} × ${os.cpus()[0]?.model ?? "unknown"}`,
        memory: `${Math.round(os.totalmem() / 1024 ** 3)} GiB`,
        system: `${os.type()} ${os.release().replace(/-.*/, "")}`,
        node: process.version,
        commit,
        load: os.loadavg()[0]?.toFixed(1) ?? "",
    };
}
