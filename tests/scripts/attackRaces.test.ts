import { expect, test } from "vitest";

import { AttackedNas } from "./attacked/nas";
import { shells } from "./shells";

test.each(shells)(
    "whoever races root in the shared folder wins nothing, and holds up nobody, under %s",
    async (_, shell) => {
        const nas = await AttackedNas.open(shell);
        try {
            const before = nas.snapshot();
            const { said, loot } = await nas.race(40);
            expect(nas.snapshot()).toEqual(before);
            const outcomes = said.map((line) => line.split(" ").slice(0, 3).join(" "));
            expect(outcomes.filter((outcome) => outcome.endsWith("137"))).toEqual([]);
            // Some updates got past mallory, and some did not.
            expect(outcomes).toEqual(expect.arrayContaining(["apply apply 0", "apply apply 1"]));
            expect(loot).not.toMatch(/of-root-and|[0-9a-f]{32}/);
        } finally {
            nas.close();
        }
    },
    300_000,
);
