import * as path from "node:path";

import { expect, test } from "vitest";

import { run } from "../../toolchain/process";

/** What loads Pulumi's SDK, before and after it is asked to turn a function into text. */
const program = `
    const pulumi = require("@pulumi/pulumi");
    const loaded = () => ["typescript/lib/typescript", "@npmcli/arborist/lib/arborist/index"].filter((name) =>
        Object.keys(require.cache).some((file) => file.endsWith(name + ".js")));
    const before = loaded();
    const { Arborist } = require("@npmcli/arborist");
    pulumi.runtime.serializeFunction(() => "some text").then(({ text }) =>
        console.log(JSON.stringify({ before, text, after: loaded(), path: new Arborist({ path: "/srv" }).path })));`;

test("the compiler and npm's resolver are loaded when they are needed, and are what they were", async () => {
    const cwd = path.join(__dirname, "../..");
    const [without, preloaded] = await Promise.all(
        [[], ["--require", "tsx/cjs", "--require", "./preload.ts"]].map(
            async (args) => JSON.parse(await run("node", [...args, "--eval", program], { cwd })) as object,
        ),
    );
    const both = ["typescript/lib/typescript", "@npmcli/arborist/lib/arborist/index"];
    expect(without).toMatchObject({ before: both, after: both, path: "/srv" });
    expect(preloaded).toEqual({ ...without, before: [] });
    expect(preloaded).toMatchObject({ text: expect.stringContaining("some text") as string });
});
