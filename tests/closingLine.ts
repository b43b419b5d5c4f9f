import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with the names of what failed, a line each, and one line that says how many tests passed, failed and were skipped. */
export default class ClosingLine implements Reporter {
    onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
        const tests = modules.flatMap((module) => [...module.children.allTests()]);
        const count = (state: string) => tests.filter((test) => test.result().state === state).length;
        // A file that could not be read has no tests, and a fault outside of any test is one too.
        const brokenFiles = modules.filter((module) => module.errors().length > 0).length;
        const failed = count("failed") + brokenFiles + unhandledErrors.length;
        const lines = [
            ...modules.map((file) => ({ name: file.relativeModuleId, errors: file.errors() })),
            ...tests.map((test) => ({
                name: `${test.module.relativeModuleId} > ${test.fullName}`,
                errors: test.result().errors ?? [],
            })),
        ].filter(({ errors }) => errors.length > 0);
        for (const { name, errors } of lines)
            console.log(`failed: ${name}: ${errors[0]?.message.split("\n")[0] ?? ""}`);
        console.log(`${count("passed")} passed, ${failed} failed, ${count("skipped") + count("pending")} skipped`);
    }
}
