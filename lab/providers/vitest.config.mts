import { defineConfig } from "vitest/config";

export default defineConfig({
    test: {
        name: "contract",
        include: ["tests/**/*.test.ts"],
        globalSetup: "tests/compiled.ts",
        testTimeout: 60_000,
    },
});
