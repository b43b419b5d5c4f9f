import * as fc from "fast-check";
import { expect, test } from "vitest";

import { printable, printableName } from "../../components/settings/printable";
import { evilText, unprintable } from "../evilText";

test("nothing that a terminal obeys is left of any text, however it is put together", () => {
    const piece = fc.constantFrom("\x1b", "[", "\x9b", "2J", "\x1b]0;", "\x07", "\u202e", "\t", "\r", "\n", "a", "ä");
    fc.assert(
        fc.property(fc.array(piece), (pieces) => {
            expect(printable(pieces.join(""))).not.toMatch(unprintable);
        }),
    );
    expect(printable(evilText)).not.toMatch(unprintable);
});

test("lines stay lines, and all other text as it is", () => {
    const text = "error: 'Grüße' \u4f60\u597d 👍 [0m\n\n  next\n";
    expect(printable(text)).toBe(text);
    expect(printable("one\r\n\ttwo\r\n")).toBe("one\n two\n");
});

test("of an escape sequence the rest is seen", () => {
    expect(printable("\x1b[31mred\x1b[0m")).toBe("[31mred[0m");
});

test("a certificate's name is on one line", () => {
    expect(printableName("CN=\x9bnas\nO=home")).toBe("CN=nas, O=home");
});
