import * as fs from "node:fs";
import * as path from "node:path";

import { parse } from "yaml";

/** The parts of a workflow file that the tests look at. */
export interface Workflow {
    on: unknown;
    permissions?: Record<string, string>;
    jobs: Record<string, Job>;
}

export interface Job {
    if?: string;
    permissions?: Record<string, string>;
    environment?: string;
    env?: Record<string, string>;
    steps: Step[];
}

export interface Step {
    name?: string;
    uses?: string;
    if?: string;
    run?: string;
    with?: Record<string, unknown>;
    env?: Record<string, string>;
}

const repository = path.join(__dirname, "..");

/** The folders that GitHub and Gitea read; both have the same files. */
export const platforms = [".github", ".gitea"] as const;
export type Platform = (typeof platforms)[number];

export function workflowNames(platform: Platform): string[] {
    return fs.readdirSync(path.join(repository, platform, "workflows")).sort();
}

export function workflowText(platform: Platform, name: string): string {
    return fs.readFileSync(path.join(repository, platform, "workflows", name), "utf8");
}

export function workflow(platform: Platform, name: string): Workflow {
    return parse(workflowText(platform, name)) as Workflow;
}

/** The `run:` steps of a job. */
export function runSteps(job: Job | undefined): (Step & { run: string })[] {
    return (job?.steps ?? []).filter((step): step is Step & { run: string } => step.run !== undefined);
}
