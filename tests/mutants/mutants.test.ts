import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";

import { afterAll, expect, test } from "vitest";

import { mutants, type Mutant } from "./mutants";

/** What vitest's JSON reporter says of a run. */
interface Report {
    testResults: { message: string; assertionResults: { title: string; status: string }[] }[];
}

const root = path.join(__dirname, "../..");
const work = fs.mkdtempSync(path.join(os.tmpdir(), "nas-registry-mutants-"));
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

/** What the unit tests read or import. */
const COPIED = [
    ...["components", "toolchain", "tests/unit", "lab/providers/tls"],
    ...fs.readdirSync(path.join(root, "tests")).flatMap((name) => (name.endsWith(".ts") ? [`tests/${name}`] : [])),
    ...["package.json", "schema.json", "tsconfig.json"],
];

/** A copy of what the unit tests need, with one fault in it; the checkout itself is never changed. */
function copyWith(mutant: Mutant | undefined): string {
    const copy = fs.mkdtempSync(path.join(work, "copy-"));
    for (const each of COPIED) {
        fs.cpSync(path.join(root, each), path.join(copy, each), { recursive: true });
    }
    fs.symlinkSync(path.join(root, "node_modules"), path.join(copy, "node_modules"));
    fs.mkdirSync(path.join(copy, "tmp"));
    if (mutant) {
        const file = path.join(copy, "components", mutant.file);
        const [before, after, ...more] = fs.readFileSync(file, "utf8").split(mutant.find);
        if (before === undefined || after === undefined || more.length > 0) {
            throw new Error(
                `${mutant.file} must have ${JSON.stringify(mutant.find)} once: bring the mutant up to date`,
            );
        }
        fs.writeFileSync(file, before + mutant.replace + after);
    }
    return copy;
}

/** Runs unit tests in a copy, until one fails. */
async function run(copy: string, tests: readonly string[]): Promise<Report> {
    const report = path.join(copy, "report.json");
    // Without what tells a program that it runs in vitest; with temporary files of its own.
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST"));
    const vitest = [
        path.join(root, "node_modules/vitest/vitest.mjs"),
        "run",
        ...["--root", copy, "--bail", "1", "--maxWorkers", "1"],
        ...["--reporter", "json", "--outputFile", report],
        ...tests.map((file) => `tests/unit/${file}`),
    ];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, vitest, {
        env: { ...Object.fromEntries(inherited), TMPDIR: path.join(copy, "tmp") },
    }).catch((error: unknown) => error as { stdout: string; stderr: string });
    if (!fs.existsSync(report)) {
        throw new Error(`vitest did not run:\n${stdout}${stderr}`);
    }
    return JSON.parse(fs.readFileSync(report, "utf8")) as Report;
}

/** Titles of the tests that failed. A file that could not even be read shows nothing of what its tests are worth. */
function failuresIn({ testResults }: Report): string[] {
    return testResults.flatMap(({ assertionResults, message }) => {
        if (assertionResults.length === 0) {
            throw new Error(`a file of tests did not run: ${message}`);
        }
        return assertionResults.filter(({ status }) => status === "failed").map(({ title }) => title);
    });
}

test("without a fault the tests pass", async () => {
    const tests = new Set(mutants.flatMap((mutant) => mutant.tests));
    const report = await run(copyWith(undefined), [...tests]);
    expect(failuresIn(report)).toEqual([]);
    expect(report.testResults).toHaveLength(tests.size);
});

test.concurrent.for(mutants.map((mutant) => [mutant.fault, mutant] as const))(
    "noticed: %s",
    async ([, mutant], { expect }) => {
        const failures = failuresIn(await run(copyWith(mutant), mutant.tests));
        expect(failures, `no test of ${mutant.tests.join(", ")} fails`).not.toEqual([]);
    },
);
