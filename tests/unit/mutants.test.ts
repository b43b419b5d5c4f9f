import * as fs from "node:fs";
import * as path from "node:path";

import { expect, test } from "vitest";

import { mutants } from "../mutants/mutants";

test.each(mutants)("the text that is changed for the fault '$fault' is in its file once", ({ file, find, replace }) => {
    const text = fs.readFileSync(path.join(__dirname, "../../components", file), "utf8");
    expect(text.split(find)).toHaveLength(2);
    expect(replace).not.toBe(find);
});
