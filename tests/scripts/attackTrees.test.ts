import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { AttackedNas, type Attacker } from "./attacked/nas";
import { has, kinds, shares } from "./attacked/trees";
import { shells } from "./shells";

/** Of all shells together. */
const trees = 500;

const attackers = fc.constantFrom<Attacker[]>("mallory", "mallory", "the registry's user");
const isLater = fc.constantFrom(false, false, true);

describe.concurrent.each(shells)("whatever others put into the shared folder, under %s", (_, shell) => {
    let nas: AttackedNas;
    beforeAll(async () => {
        nas = await AttackedNas.open(shell);
    });
    afterAll(() => nas.close());

    /** What root does, one after another, whether it succeeds or not. */
    const steps = (by: Attacker, later: boolean) => ({
        apply: nas.apply,
        check: nas.check,
        move: () => {
            nas.serve();
            return nas.move();
        },
        ...(later && { "apply after the images were given up": nas.giveUp }),
        ...(!later && by === "mallory" && { "take over": nas.takeOver, "apply after that": nas.apply }),
        revert: nas.revert,
    });

    test("root writes, deletes and gives away nothing outside, and waits for nothing", async () => {
        const shown = new Set<string>();
        const claim = fc.asyncProperty(shares(nas.outside), attackers, isLater, async (tree, by, later) => {
            nas.clear();
            if (later) {
                expect(await nas.apply()).toMatchObject({ code: 0, stderr: "" });
                nas.serve();
            }
            const data = tree["registry-data"];
            if (later && by === "the registry's user" && data?.kind === "directory") {
                await nas.plantInData(data.children);
            } else {
                await nas.plant(tree, by);
            }
            kinds.filter((kind) => has(tree, kind)).forEach((kind) => shown.add(kind));
            const before = nas.snapshot();
            for (const [name, step] of Object.entries(steps(by, later))) {
                const { code, stderr } = await step();
                expect(code, `${name} was held up`).not.toBe(137);
                expect(nas.snapshot(), `${name}: ${stderr}`).toEqual(before);
                expect(nas.leaked(), name).toEqual([]);
            }
        });
        await fc.assert(claim, { numRuns: Math.ceil(trees / shells.length) });
        expect([...shown].sort()).toEqual([...kinds].sort());
    }, 900_000);
});
