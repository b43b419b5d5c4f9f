import * as path from "node:path";

import * as prettier from "prettier";

import { repositoryRoot } from ".";
import { tiersPage } from "./tiersPage";

/** The pages under docs/ that are made of the code, by their path. */
export async function generatedPages(): Promise<Map<string, string>> {
    const file = path.join(repositoryRoot, "docs", "reference", "tiers.md");
    const options = { ...(await prettier.resolveConfig(file)), filepath: file };
    return new Map([[file, await prettier.format(tiersPage(), options)]]);
}
