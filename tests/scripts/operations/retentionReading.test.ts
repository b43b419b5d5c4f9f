import * as fs from "node:fs";
import * as path from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { retentionValues } from "../../../components/operations/retention/retention";
import { shells } from "../shells";
import { Program } from "./program";

const busybox = "/usr/bin/busybox";

describe.each(shells)("tags are read, under %s,", (_, shell) => {
    let program: Program;
    beforeEach(() => {
        program = new Program(shell);
        for (const each of ["grep", "xargs", "tail"]) fs.symlinkSync(busybox, program.host.path("bin", each));
        for (let tag = 1; tag < 10; tag++) push(tag);
    });
    afterEach(() => program.host.remove());

    const tags = () => path.join(program.data, "docker/registry/v2/repositories/team/app/_manifests/tags");
    const push = (tag: number, link = `sha256:${String(tag).repeat(64)}`) => {
        const current = path.join(tags(), `t${tag}`, "current");
        fs.mkdirSync(current, { recursive: true });
        fs.writeFileSync(path.join(current, "link"), link);
        fs.utimesSync(path.join(current, "link"), tag, tag);
    };
    /** What another program does beside one of the registry's container. */
    const beside = (name: string, script: string) => {
        fs.rmSync(program.host.path("bin", name));
        fs.writeFileSync(program.host.path("bin", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    };
    /** What would be deleted, when the newest stays. */
    const prune = async () => {
        const values = { ...retentionValues({ rules: [{ keepNewest: 1 }], maxShare: 100 }), retention_apply: "" };
        const words = ["perform", "prune"];
        const { code } = await program.run(words, ["regclient.sh", "retention/retention.sh"], values);
        const said = /^said=(.*)$/m.exec(program.read("results/prune"))?.[1];
        return { code, said };
    };

    test("whatever clients delete meanwhile", async () => {
        beside("find", `${busybox} find "$@"; cd '${tags()}'; for tag in t*; do ${busybox} rm -r "$tag"; break; done`);
        expect((await prune()).said).toMatch(/^would delete 7 of 8 tags/);
    });

    test("but for a link with nothing in it, which is the registry's own fault", async () => {
        push(5, "");
        expect((await prune()).said).toMatch(/^would delete 7 of 8 tags/);
    });

    test.each(["stat", "grep"])("or none goes: one that is there and that %s does not read", async (name) => {
        beside(
            name,
            `for word; do shift; case $word in */t5/*) ;; *) set -- "$@" "$word" ;; esac; done; exec ${busybox} ${name} "$@"`,
        );
        expect(await prune()).toEqual({
            code: 1,
            said: "the tags could not all be read, so none was deleted; the reason stands above.",
        });
    });
});
