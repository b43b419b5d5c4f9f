import * as fs from "node:fs";
import * as path from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { ScriptHost, shells } from "./shells";

const components = path.join(__dirname, "../../components");

describe.each(shells)("a script's verb in %s", (_, shell) => {
    let host: ScriptHost;
    beforeEach(() => (host = new ScriptHost(shell)));
    afterEach(() => host.remove());

    const run = async (functions: string[], verb?: string) => {
        const file = host.path("script.sh");
        const lines = functions.map((name) => `${name}() { echo "${name} $*"; }`);
        fs.writeFileSync(file, `${lines.join("\n")}\ndispatch "$@" </dev/null\n`);
        return host.run([path.relative(components, file)], {}, verb);
    };

    test("is the function that runs, after what the script prepares for it", async () => {
        expect(await run(["prepare", "apply", "revert"], "revert")).toMatchObject({
            code: 0,
            stdout: "prepare revert\nrevert \n",
        });
    });

    test("is apply when none is given", async () => {
        expect(await run(["apply"])).toMatchObject({ code: 0, stdout: "apply \n" });
    });

    test.each(["collect", "ls"])("that the script does not have, %s, is refused before anything runs", async (verb) => {
        expect(await run(["prepare", "apply"], verb)).toMatchObject({
            code: 1,
            stdout: "",
            stderr: `nas-registry: '${verb}' is not known: it is no verb of this script.\n`,
        });
    });
});
