import { describe, expect, test } from "vitest";

import type { Sample } from "../../bench/growth";
import { describeGrowth, growthOf } from "../../bench/growth/describe";
import { descendants } from "../../bench/growth/memory";
import { describeOperating } from "../../bench/operating/describe";

describe("growth", () => {
    const sample = (registries: number, round: number, seconds: number): Sample => ({
        kind: "first",
        registries,
        round,
        seconds,
        memory: 100,
    });
    const samples = [sample(4, 0, 8), sample(4, 1, 16), sample(16, 1, 64), sample(16, 0, 48)];

    test("is what each of the most takes, of what each of fewer takes in the same round", () => {
        expect(growthOf(samples, "first", "seconds")).toEqual({ median: 1.25, least: 1, most: 1.5 });
        expect(growthOf(samples, "first", "memory")?.median).toBe(0.25);
        expect(growthOf(samples, "mocks", "seconds")).toBeUndefined();
    });

    test("beyond a fifth is said", () => {
        const { text } = describeGrowth({ samples, plugins: "" });
        expect(text).toMatch(/the first `pulumi up`: seconds for each NAS with 16, .*1.25 .*\*\*no\*\*/);
        expect(text).toMatch(/Under mocks.*: memory for each NAS with 200.*not measured/);
    });

    test("counts the memory of processes of any depth, and of no others", () => {
        const all = [
            { pid: 2, parent: 1 },
            { pid: 3, parent: 2 },
            { pid: 4, parent: 3 },
            { pid: 5, parent: 1 },
        ];
        expect(descendants(all, 2)).toEqual([3, 4]);
    });
});

test("operations have a row for each size, the smallest first", () => {
    const figures = { processor: 2, memory: 46 };
    const { text } = describeOperating([
        { operation: "gc", blobs: 10_000, elapsed: 8, round: 0, ...figures },
        { operation: "gc", blobs: 1000, elapsed: 3, round: 0, ...figures },
        { operation: "gc", blobs: 1000, elapsed: 5, round: 1, ...figures },
    ]);
    expect(text).toMatch(/\| gc +\| +1000 \| +4.00 \(3.00–5.00\) .*\n\| gc +\| +10000 \| +8.00 /);
});
