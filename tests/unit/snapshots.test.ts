import { describe, expect, test } from "vitest";

import { operationValues, scheduleOf } from "../../components/operations/operations";
import { required } from "./arguments";
import { saidOf } from "./combinations";

const problemsOf = (snapshots: object) => saidOf({ ...required, operations: { snapshots } }).problems;

describe("snapshots by the NAS", () => {
    test("every six hours, eight of them, unless told", () => {
        expect(scheduleOf({ snapshots: {} })).toEqual({ snapshot: "0 0,6,12,18 * * *" });
        expect(operationValues({ snapshots: {} })).toMatchObject({ keep_snapshots: 8 });
        expect(operationValues({ snapshots: { keep: 20 } })).toMatchObject({ keep_snapshots: 20 });
        expect(operationValues({})).toMatchObject({ keep_snapshots: "" });
    });

    test("come first of what is due", () => {
        const all = { garbageCollection: {}, snapshots: {}, backup: { directory: "/volumeUSB1/usbshare/backup" } };
        expect(Object.keys(scheduleOf(all))[0]).toBe("snapshot");
    });

    test.each([
        ["keep", 0],
        ["keep", 251],
        ["keep", 1.5],
        ["schedule", "often"],
        ["lock", true],
    ])("%s: %j is refused", (name, value) => {
        expect(problemsOf({ [name]: value })).toEqual([expect.stringContaining(`operations.snapshots.${name}: `)]);
        expect(problemsOf({ schedule: "30 * * * *", keep: 250 })).toEqual([]);
    });
});
