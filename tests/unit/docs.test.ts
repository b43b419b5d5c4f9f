import * as fs from "node:fs";

import { expect, test } from "vitest";

import { generatedPages } from "../../toolchain/docs";

test("the pages that are made of the code are what it says; `npm run docs` writes them", async () => {
    const pages = await generatedPages();
    expect(pages.size).toBe(3);
    for (const [file, text] of pages) {
        expect(fs.readFileSync(file, "utf8"), file).toBe(text);
    }
}, 120_000);
