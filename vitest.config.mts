import { defineConfig } from "vitest/config";

import LongestFirst from "./tests/longestFirst";

export default defineConfig({
    test: {
        // More than a small machine has cores: scripts wait, too, and the default leaves one of two cores idle.
        maxWorkers: 3,
        sequence: { sequencer: LongestFirst },
        reporters: ["default", "./tests/closingLine.ts"],
        projects: [
            {
                test: {
                    name: "unit",
                    include: ["tests/unit/**/*.test.ts"],
                    setupFiles: "tests/unit/home.ts",
                    // Pulumi's SDK takes longer to load than most files take to run.
                    isolate: false,
                    // Seconds on an idle machine; on a busy one no reason to fail.
                    testTimeout: 120_000,
                    hookTimeout: 120_000,
                },
            },
            // Some wait for restic, which derives its key anew each time; seconds on an idle machine.
            {
                test: {
                    name: "scripts",
                    include: ["tests/scripts/**/*.test.ts"],
                    testTimeout: 300_000,
                    hookTimeout: 300_000,
                },
            },
            "lab/providers",
            {
                test: {
                    name: "registry",
                    include: ["tests/registry/**/*.test.ts"],
                    globalSetup: "tests/registry/programs.ts",
                    setupFiles: "tests/registry/ended.ts",
                    // Small files that have the same modules: loading them anew for each would cost more than the tests.
                    isolate: false,
                    testTimeout: 60_000,
                },
            },
            {
                test: {
                    name: "e2e",
                    include: ["tests/e2e/**/*.test.ts"],
                    globalSetup: "tests/e2e/prepared.ts",
                    // Each file has a namespace of its own in the lab, and waits about as long as it computes.
                    maxWorkers: 4,
                    sequence: { groupOrder: 1 },
                    testTimeout: 600_000,
                    hookTimeout: 300_000,
                },
            },
        ],
    },
});
