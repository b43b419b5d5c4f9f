import { describe, expect, test } from "vitest";

import { nextRun } from "../../components/operations/schedule/schedule";

describe("the next run", () => {
    test.each([
        ["30 3 * * *", "2026-05-04T03:29:59Z", 0, "2026-05-04T03:30:00Z"],
        ["30 3 * * *", "2026-05-04T03:30:00Z", 0, "2026-05-05T03:30:00Z"],
        ["30 3 * * *", "2026-05-04T01:29:59Z", 120, "2026-05-04T01:30:00Z"],
        ["0 0 1 * *", "2026-12-31T18:14:00Z", 345, "2026-12-31T18:15:00Z"],
        ["0 0 29 2 *", "2096-03-01T00:00:00Z", 0, "2104-02-29T00:00:00Z"],
        ["0 0 31 * mon", "2026-05-30T00:00:00Z", 0, "2026-05-31T00:00:00Z"],
        ["0 0 31 * mon", "2026-05-31T00:00:00Z", 0, "2026-06-01T00:00:00Z"],
    ] as [string, string, number, string][])(
        "of %j after %s, %d minutes ahead of UTC",
        (expression, after, offset, next) =>
            expect(nextRun(expression, new Date(after), offset)).toEqual(new Date(next)),
    );

    test("is none where there is none", () => expect(nextRun("0 0 31 2 *", new Date(), 0)).toBeUndefined());
});
