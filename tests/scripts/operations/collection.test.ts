import * as fs from "node:fs";
import * as path from "node:path";

import { afterEach, describe, expect, test } from "vitest";

import { collectionValues } from "../../../components/operations/collection/collection";
import { shells } from "../shells";
import { BackupNas } from "./backupNas";

let nas: BackupNas;
afterEach(() => nas.remove());

/** A registry of three tags and four images, of which one has lost its tag. */
async function collects(shell: string[], pairs: number): Promise<Record<string, string>> {
    nas = await BackupNas.make(shell);
    fs.writeFileSync(
        path.join(nas.files.control, "registry/config.yml"),
        "version: 0.1\nlog: { level: warn }\nstorage: { filesystem: { rootdirectory: /var/lib/registry } }\n",
    );
    for (const applet of ["ps", "stat", "kill"]) {
        const at = path.join(nas.engine, "bin", applet);
        if (!fs.existsSync(at)) fs.symlinkSync("/usr/bin/busybox", at);
    }
    nas.scripts = ["collection/collection.sh", ...nas.scripts];
    nas.values = {
        ...collectionValues({ deleteUntagged: true, uploadPatience: "0s" }),
        untagged_pairs: pairs,
        drain_seconds: 5,
    };
    for (const [tag, content] of [
        ["1", "former"],
        ["1", "one"],
        ["2", "two"],
        ["3", "three"],
    ] as const) {
        await nas.push("team/app", tag, content);
    }
    return nas.perform("gc");
}

const revisions = () => fs.readdirSync(nas.v2("repositories/team/app/_manifests/revisions/sha256")).length;

describe("garbage collection with deleteUntagged", () => {
    test.each(shells)("deletes an image without a tag, under %s", async (_, shell) => {
        const { result, said, output } = await collects(shell, 12);
        expect({ result, said }, output).toMatchObject({
            result: "ok",
            said: expect.stringMatching(/^freed [1-9][\d.]* (bytes|KiB): \d/) as unknown,
        });
        expect(revisions()).toBe(3);
    });

    test("leaves them where the collector would take hours for a repository, and says which", async () => {
        const [, shell] = shells[1] ?? [];
        const { result, said, output } = await collects(shell ?? [], 11);
        expect({ result, said }, output).toMatchObject({
            result: "warning",
            said: expect.stringMatching(
                /^there was nothing to collect; images without a tag stay.*'team\/app'/,
            ) as unknown,
        });
        expect(revisions()).toBe(4);
    });
});
