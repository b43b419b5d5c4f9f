import * as fs from "node:fs";
import * as path from "node:path";

import { describe, expect, test } from "vitest";

import { platforms, runSteps, workflow, workflowNames, workflowText, type Platform } from "../workflows";

const files = platforms.flatMap((platform) => workflowNames(platform).map((name) => [platform, name] as const));

/** `uses: owner/name@<commit> # v1.2.3`, for Gitea with the address in front. */
const PINNED = /^\s*-? ?uses: (https:\/\/github\.com\/)?[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;

test("both platforms have the same workflows", () => {
    expect(workflowNames(".github")).toEqual(["pull-request.yml", "up.yml"]);
    expect(workflowNames(".gitea")).toEqual(workflowNames(".github"));
});

describe.each(files)("%s/workflows/%s", (platform, name) => {
    const { on, permissions, jobs } = workflow(platform, name);
    const steps = Object.values(jobs).flatMap((job) => job.steps);

    test("pins every action by commit and says its version", () => {
        const uses = workflowText(platform, name)
            .split("\n")
            .filter((line) => /^\s*-?\s*['"]?uses\b/.test(line));
        expect(uses).toHaveLength(steps.filter((step) => step.uses).length);
        expect(uses.filter((line) => !PINNED.test(line))).toEqual([]);
    });

    test("gives no permission that a job does not name, and no more than a comment needs", () => {
        expect(permissions).toEqual({});
        for (const job of Object.values(jobs)) {
            const { contents, ...others } = job.permissions ?? {};
            expect(contents).toBe("read");
            expect([{}, { "pull-requests": "write" }]).toContainEqual(others);
        }
    });

    test("keeps the job's token out of the working copy", () => {
        const checkouts = steps.filter((step) => step.uses?.includes("actions/checkout@"));
        expect(checkouts.length).toBeGreaterThan(0);
        expect(checkouts.map((step) => step.with?.["persist-credentials"])).toEqual(checkouts.map(() => false));
    });

    test("runs no text that an event could have brought", () => {
        expect(steps.flatMap((step) => step.run ?? []).filter((run) => run.includes("${{"))).toEqual([]);
    });

    test("has secrets and tokens in the environment of single steps alone", () => {
        const withoutStepEnvironments = {
            on,
            jobs: Object.values(jobs).map((job) => ({
                ...job,
                steps: job.steps.map((step) => ({ ...step, env: {} })),
            })),
        };
        expect(JSON.stringify(withoutStepEnvironments)).not.toMatch(/secrets\.|github\.token|GITHUB_TOKEN/);
    });

    test("does not run a stranger's code with the repository's rights", () => {
        expect(JSON.stringify(on)).not.toMatch(/pull_request_target|workflow_run|issue_comment/);
        if (JSON.stringify(jobs).includes("secrets.") && on === "pull_request") {
            expect(jobs.preview?.if).toBe("github.event.pull_request.head.repo.full_name == github.repository");
        }
    });

    test("takes what is left off the machine, whatever came before, where Pulumi has run", () => {
        const withPulumi = Object.values(jobs)
            .map(runSteps)
            .filter((all) => all.some(({ run }) => /^ci\/(up|preview)\.sh/.test(run)));
        expect(withPulumi).toHaveLength(1);
        for (const all of withPulumi) {
            expect(all.at(-1)).toMatchObject({ run: "ci/forget.sh", if: "${{ always() }}" });
        }
    });

    test("names scripts that are there and can be run", () => {
        const scripts = steps.flatMap((step) => /^ci\/\S+/.exec(step.run ?? "")?.[0] ?? []);
        expect(scripts.length).toBeGreaterThan(0);
        for (const script of scripts) {
            fs.accessSync(path.join(__dirname, "..", "..", script), fs.constants.X_OK);
        }
    });
});

test("both platforms preview and update by the same steps", () => {
    const commands = (platform: Platform, file: string, job: string) =>
        runSteps(workflow(platform, file).jobs[job]).map(({ run, env, if: condition }) => ({ run, env, condition }));
    expect(commands(".gitea", "pull-request.yml", "preview")).toEqual(
        commands(".github", "pull-request.yml", "preview"),
    );
    expect(commands(".gitea", "up.yml", "up")).toEqual(commands(".github", "up.yml", "up"));
});

test("an update waits for the approval of its stack's environment", () => {
    expect(workflow(".github", "up.yml").jobs.up?.environment).toBe("${{ matrix.stack }}");
});
