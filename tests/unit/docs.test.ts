import * as fs from "node:fs";

import { expect, test } from "vitest";

import { engines } from "../../lab/engines";
import { generatedPages } from "../../toolchain/docs";

test("the pages that are made of the code are what it says; `npm run docs` writes them", async () => {
    const pages = await generatedPages();
    expect(pages.size).toBe(3);
    for (const [file, text] of pages) {
        expect(fs.readFileSync(file, "utf8"), file).toBe(text);
    }
}, 120_000);

test("the engines that are said to be tested are those of the lab", () => {
    const page = fs.readFileSync("docs/reference/engines.md", "utf8");
    const said = [...page.matchAll(/^\| `([^`]+)` +\| (\w+) /gm)].map(([, name, suite]) => [name, suite]);
    expect(said).toEqual(Object.entries(engines).map(([name, { suite }]) => [name, suite]));
});
