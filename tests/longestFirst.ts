import * as path from "node:path";

import { BaseSequencer, type TestSpecification } from "vitest/node";

/** End-to-end files of three minutes and more. */
const longest = [
    "everyForm",
    "backup",
    "kills",
    "daemonKills",
    "daemonConfig",
    "registry",
    "scaling",
    "badInput",
    "operations",
    "forms",
    "soak",
];

/** What takes longest begins first, so that no file is alone at the end; without times of an earlier run vitest goes by size. */
export default class LongestFirst extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
        const rank = ({ moduleId }: TestSpecification) => {
            const at = longest.indexOf(path.basename(moduleId, ".test.ts"));
            return moduleId.includes("/e2e/") && at >= 0 ? at : longest.length;
        };
        return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
    }
}
