import * as path from "node:path";

import * as prettier from "prettier";

import { repositoryRoot } from ".";
import { argumentsPage } from "./reference/page";
import { tiersPage } from "./tiersPage";
import { vendorsPage } from "./vendorsPage";

const reference = path.join(repositoryRoot, "docs", "reference");

/** The pages under docs/ that are made of the code, by their path. */
export async function generatedPages(): Promise<Map<string, string>> {
    const pages = { "arguments.md": await argumentsPage(), "tiers.md": tiersPage(), "vendors.md": vendorsPage() };
    const formatted = Object.entries(pages).map(async ([name, text]) => {
        const file = path.join(reference, name);
        const options = { ...(await prettier.resolveConfig(file)), filepath: file };
        return [file, await prettier.format(text, options)] as const;
    });
    return new Map(await Promise.all(formatted));
}
