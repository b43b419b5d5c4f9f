import { describe, expect, test } from "vitest";

import { verificationSchedule } from "../../components/operations/verification/verification";
import { required } from "./arguments";
import { saidOf } from "./combinations";

const problemsOf = (verification: object) => saidOf({ ...required, operations: { verification } }).problems;

describe("when the images of a registry are verified", () => {
    test.each([
        [{}, "0 5 * * *"],
        [{ hours: "1-6" }, "0 1 * * *"],
        [{ hours: "22-4" }, "0 22 * * *"],
        [{ hours: "22-4", schedule: "0 23 * * 1-5" }, "0 23 * * 1-5"],
    ])("with %j it begins at %s", (args, schedule) => {
        expect(verificationSchedule(args)).toBe(schedule);
    });

    test.each([
        ["0 1 * * *", "1-6"],
        ["59 5 * * *", "1-6"],
        ["0 3,12 * * *", "1-6"],
        ["0 23 * * *", "22-4"],
        ["0 3 * * *", "22-4"],
        ["0 12 * * *", "5-5"],
        ["0 12 * * *", "0-24"],
    ])("%s is within %s", (schedule, hours) => {
        expect(problemsOf({ schedule, hours })).toEqual([]);
    });

    test.each([
        ["hours", "6"],
        ["hours", "24-6"],
        ["hours", "1-25"],
        ["rate", "20 MB"],
        ["rate", "500k"],
        ["everyDays", 0],
    ])("%s: %j is refused", (name, value) => {
        expect(problemsOf({ [name]: value })).toEqual([
            expect.stringContaining(`operations.verification.${name}: ${JSON.stringify(value)} is not allowed`),
        ]);
    });

    test.each([
        ["0 0 * * *", "1-6"],
        ["0 6 * * *", "1-6"],
        ["0 12,21 * * *", "22-4"],
        ["0 4 * * *", "22-4"],
    ])("%s is never within %s, which is refused", (schedule, hours) => {
        expect(problemsOf({ schedule, hours })).toEqual([
            expect.stringContaining(`operations.verification.hours: "${hours}" has none of the times of schedule`),
        ]);
    });
});
