import * as fs from "node:fs";
import * as path from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Nas } from "../../lab";
import { repositoryRoot } from "../../toolchain";
import { capture, type CommandResult } from "../../toolchain/process";
import { Forge, type Comment } from "../forge";
import { runSteps, workflow, type Platform, type Step } from "../workflows";
import { Setting } from "./setting";

/** Steps that prepare a runner; here the workspace has what they would install. */
const PREPARATION = ["npm ci"];
/** Nobody listens there. */
const UNREACHABLE = { host: "127.0.0.1", port: 1 };
const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINac5tHT4rEfdOQYcalxs7rk41DMvMwPsXobLs782iQp";

let setting: Setting;
let project: string;
let nas: Nas;

beforeAll(async () => {
    setting = await Setting.open("pull");
    project = path.join(setting.workspace.directory, "project");
    // The rest of a checkout that the workflow's steps use.
    for (const name of ["ci", "policy"]) {
        fs.symlinkSync(path.join(repositoryRoot, name), path.join(project, name));
    }
    nas = await setting.nas({ vendor: "synology" });
    await setting.workspace.operate("synology", "up", "--policy-pack", "policy");
    await nas.stop();
});
afterAll(() => setting.close());

/** What a platform puts in the place of the expressions in a step's environment; one that is not here fails the test. */
function expressions(forge: Forge): Record<string, string> {
    const { API_URL = "", REPOSITORY = "", PULL_REQUEST = "", COMMENT_TOKEN = "" } = forge.environment;
    const { PULUMI_BACKEND_URL = "", PULUMI_CONFIG_PASSPHRASE_FILE = "" } = setting.workspace.env;
    return {
        "vars.PULUMI_BACKEND_URL": PULUMI_BACKEND_URL,
        "secrets.PULUMI_CONFIG_PASSPHRASE": fs.readFileSync(PULUMI_CONFIG_PASSPHRASE_FILE, "utf8"),
        "secrets.STATE_READ_KEY_ID": "",
        "secrets.STATE_READ_KEY": "",
        "github.api_url": API_URL,
        "github.repository": REPOSITORY,
        "github.event.pull_request.number": PULL_REQUEST,
        "github.token": COMMENT_TOKEN,
    };
}

function evaluate(values: Record<string, string>, text: string): string {
    return text.replaceAll(/\$\{\{ ([^}]+) \}\}/g, (expression, name: string) => {
        const value = values[name];
        if (value === undefined) {
            throw new Error(`${expression} has no value here`);
        }
        return value;
    });
}

/** Runs one step as a runner does; no agent and no key of the NAS is near. */
function runStep(step: Step & { run: string }, values: Record<string, string>): Promise<CommandResult> {
    const { PATH, PULUMI_HOME, PULUMI_SKIP_UPDATE_CHECK } = setting.workspace.env;
    const env = Object.fromEntries(
        Object.entries(step.env ?? {}).map(([name, text]) => [name, evaluate(values, text)] as const),
    );
    return capture("bash", ["-e", "-c", step.run], {
        cwd: project,
        env: { PATH, PULUMI_HOME, PULUMI_SKIP_UPDATE_CHECK, HOME: setting.workspace.directory, ...env },
    });
}

/** The steps of the preview's job in order; the ones that follow a failure only when they say so. */
async function runPreviewJob(platform: Platform, forge: Forge): Promise<Record<string, CommandResult>> {
    const values = expressions(forge);
    const results: Record<string, CommandResult> = {};
    let failed = false;
    for (const step of runSteps(workflow(platform, "pull-request.yml").jobs.preview)) {
        const runsAfterFailure = ["${{ !cancelled() }}", "${{ always() }}"].includes(step.if ?? "");
        if (PREPARATION.includes(step.run) || (failed && !runsAfterFailure)) {
            continue;
        }
        const result = await runStep(step, values);
        results[step.run] = result;
        failed ||= result.code !== 0;
    }
    return results;
}

const synologyStep = "ci/preview.sh synology reports/synology.md";
const qnapStep = "ci/preview.sh qnap reports/qnap.md";
const commentStep = "ci/comment.sh reports/synology.md reports/qnap.md";
const forgetStep = "ci/forget.sh";

describe("with the NAS turned off", () => {
    test("nobody answers there", async () => {
        const { code } = await setting.workspace.attempt("synology", "refresh", "--run-program");
        expect(code).not.toBe(0);
    });

    const earlier = { id: 4, body: "<!-- nas-registry: preview -->\nof the push before" };

    test.each<[Platform, Comment[]]>([
        [".github", []],
        [".gitea", [earlier]],
    ])("%s: a changed setting is planned in one comment with the other stack", async (platform, comments) => {
        const forge = await Forge.start({ pages: platform === ".github", comments });
        try {
            // A stack that exists, and one that was never deployed.
            await setting.workspace.addStack(nas, { connection: { ...UNREACHABLE, hostKey } }, "qnap");
            setting.workspace.changeArguments("synology", { memory: "512m" });
            const first = await runPreviewJob(platform, forge);
            expect(Object.keys(first)).toEqual([synologyStep, qnapStep, commentStep, forgetStep]);
            for (const [step, { code, stdout, stderr }] of Object.entries(first)) {
                expect([step, code, stdout + stderr]).toEqual([step, 0, expect.any(String)]);
            }
            expect(forge.comments).toHaveLength(1);
            const [synology = "", qnap = ""] = (forge.comments[0]?.body ?? "").split("### qnap");
            expect(synology).toContain("### synology: preview succeeded");
            // Replaced, since the provider cannot change the limit of a container on every kernel.
            expect(synology).toMatch(/docker:index\/container:Container: \(replace\)/);
            expect(synology).toMatch(/memory\s*: 1024 =&gt; 512/);
            expect(synology).toMatch(/1 to replace/);
            expect(qnap).toMatch(/^: preview succeeded/);
            expect(qnap).toMatch(/docker:index\/container:Container: \(create\)[^]*\+ \d+ to create/);
            expect(forge.comments[0]?.body).not.toContain((await setting.workspace.outputs("synology")).password);
        } finally {
            await forge.stop();
        }
    });

    test("what the policy pack refuses fails the job, and the comment says which rule", async () => {
        const forge = await Forge.start({ pages: true });
        try {
            setting.workspace.changeArguments("synology", { memory: "1g", image: "registry:3" });
            const results = await runPreviewJob(".github", forge);
            expect(results[synologyStep]?.code).not.toBe(0);
            expect(results[qnapStep]?.code).toBe(0);
            expect(results[commentStep]?.code).toBe(0);
            expect(forge.comments[0]?.body).toContain("### synology: preview **failed**");
            expect(forge.comments[0]?.body).toMatch(
                /\[mandatory\] {2}registry-version-floor[^]*Image registry:3 is not certain/,
            );
            expect(forge.comments[0]?.body).toContain("### qnap: preview succeeded");
        } finally {
            await forge.stop();
        }
    });

    test("how a registry would be exposed is known, and refused, before a stack's first update", async () => {
        setting.workspace.changeArguments("qnap", { tls: "none", auth: "none" });
        const { code, stdout } = await setting.workspace.attempt("qnap", "preview", "--policy-pack", "policy");
        expect(code).not.toBe(0);
        expect(stdout).toMatch(/\[mandatory\] {2}registry-tls[^]*Other machines reach the registry on :5000/);
        expect(stdout).toMatch(/\[mandatory\] {2}registry-users/);
    });
});
