import type { Site } from "./site";

/** What is to be on the NAS; an operation changes a part of it. */
export interface Wanted {
    image: string;
    /** MiB. */
    memory: number;
    /** Another one makes another password for the second user. */
    rotation: number;
    /** Option of the daemon's log driver, such as "10m". */
    logSize: string;
}

/** What somebody types: `refresh` is a deployment that looks at everything first. */
export type Action = "deploy" | "refresh" | "destroy";

export interface Command {
    line: readonly string[];
    directory?: string;
    env?: NodeJS.ProcessEnv;
}

/** A way of deploying a registry. */
export interface Tool {
    readonly name: string;
    /** What it is with its version, for people. */
    readonly version: string;
    /** Whether it deploys a registry; one that deploys nothing shows what a tool takes for itself. @default true */
    readonly deploys?: boolean;
    /** Whether `refresh` is more than `deploy`; others always look. @default false */
    readonly refreshes?: boolean;
    /** Writes what is wanted into the files that somebody would edit. */
    want(wanted: Wanted): void;
    command(action: Action): Command;
    /** Forgets what it knows of the NAS, after an operation that failed. */
    forget?(): Promise<void>;
    close?(): void;
}

export type OpenTool = (site: Site) => Promise<Tool>;
