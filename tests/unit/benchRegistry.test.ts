import { describe, expect, test } from "vitest";

import type { Sample } from "../../bench/registry";
import { bars, isHeld } from "../../bench/registry/bars";
import { conditions } from "../../bench/registry/conditions";
import { describeRegistry } from "../../bench/registry/describe";
import { LARGE, SMALL, type Load } from "../../bench/registry/load";
import { COST_10, DECLARED, GUIDE } from "../../bench/registry/names";
import { ratios } from "../../bench/statistics";

describe("the registry's own speed", () => {
    const taken = (seconds: number) => ({ seconds, client: 1, server: 3 });
    const sample = (load: Load, registry: string, round: number, push: number): Sample => ({
        condition: conditions[0]?.name ?? "",
        load: load.name,
        registry,
        round,
        push: taken(push),
        pull: taken(1),
    });
    // The second round comes first, and each ratio is one of a round.
    const samples = [
        sample(SMALL, GUIDE, 1, 2),
        sample(SMALL, GUIDE, 0, 1),
        sample(SMALL, DECLARED, 0, 1.5),
        sample(SMALL, DECLARED, 1, 3.2),
        sample(SMALL, COST_10, 0, 6),
        sample(SMALL, COST_10, 1, 9.6),
        sample(LARGE, GUIDE, 0, 10),
        sample(LARGE, DECLARED, 0, 12),
    ];

    test("is compared round by round, and a bar may be one that is to be passed", () => {
        const [small, large, cost10] = bars(samples);
        expect(small?.measured).toMatchObject({ median: 1.55, least: 1.5, most: 1.6 });
        expect([small, large, cost10].map((bar) => bar && isHeld(bar))).toEqual([true, false, false]);
        expect(cost10?.measured?.median).toBe(3.5);
    });

    test("is described with what was missed, and with what could not be measured", () => {
        const { text, plots } = describeRegistry({ samples, memory: [], leftOut: ["half a processor"] });
        expect(text).toMatch(/Push of 4 layers of 32 MiB .* at most 1.15 +\| +1.20 +\| +\*\*no\*\*/);
        expect(text).toContain("takes 25.0 % of the processor's time");
        expect(text).toContain("are needed): half a processor.");
        expect(plots["registry.svg"]).toContain("50 layers of 20 KB, this machine");
    });

    test("is not held where it was not measured", () => {
        expect(bars([]).some(isHeld)).toBe(false);
    });
});

test("a ratio needs as many rounds of both", () => {
    expect(() => ratios([1, 2], [1])).toThrow("2 runs cannot be compared with 1");
});
