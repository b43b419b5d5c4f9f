import { describe, expect, test } from "vitest";

import { duration, size } from "../../components/settings/is";
import { bytesIn, mebibytesIn, secondsIn } from "../../components/settings/units";

describe("a size", () => {
    test.each([
        ["0", 0],
        ["64k", 65_536],
        ["512m", 536_870_912],
        ["1g", 1_073_741_824],
    ])("%s is %d bytes", (text, bytes) => expect(bytesIn(text)).toBe(bytes));

    test.each(["", "m", "5", "-1", "5x", "1.5g", "5 m", "5mb", " 5m", "1e3m", "5m\n"])("%j is none", (text) =>
        expect(bytesIn(text)).toBeNaN(),
    );

    test("is counted in whole MiB", () => expect(mebibytesIn("66000k")).toBe(64));

    test.each([
        ["63m", false],
        ["64m", true],
        ["1g", true],
        ["1025m", false],
        ["x", false],
    ])("%s is from 64m to 1g: %s", (text, isRight) => expect(size("64m..1g").isRight(text)).toBe(isRight));
});

describe("a duration", () => {
    test.each([
        ["0", 0],
        ["0s", 0],
        ["90s", 90],
        ["1h30m", 5400],
        ["1.5h", 5400],
        ["500ms", 0.5],
    ])("%s is %d seconds", (text, seconds) => expect(secondsIn(text)).toBe(seconds));

    test.each(["", "s", "5", "-1s", "5x", "5 s", "1d", "1h 30m", "5s\n"])("%j is none", (text) =>
        expect(secondsIn(text)).toBeNaN(),
    );

    test.each([
        ["999us", false],
        ["1ms", true],
        ["60m", true],
        ["60m1s", false],
        ["x", false],
    ])("%s is from 1ms to 1h: %s", (text, isRight) => expect(duration("1ms..1h").isRight(text)).toBe(isRight));
});
