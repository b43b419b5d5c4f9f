import * as fs from "node:fs";
import * as path from "node:path";

import { expect, test } from "vitest";

import type { CommandResult } from "../../toolchain/process";
import { dataScripts, give, owner, RegistryFiles, scripts, tree, type Values } from "./registryFiles";
import { ScriptHost } from "./shells";

/** Another user of the NAS. */
const stranger = 1027;

/**
 * Tries a script again and again, killed with all that it has started before its first command that changes something, its
 * second, and so on, also of those that find runs, until it comes to its end.
 *
 * @returns how many commands there are
 */
async function killedAtEvery(
    prepare: (nas: RegistryFiles) => { files: string[]; values: Values },
    expectFinished: (nas: RegistryFiles, again: () => Promise<CommandResult>) => Promise<void>,
): Promise<number> {
    for (let step = 1; step < 150; step += 1) {
        // With a process group of its own.
        const host = new ScriptHost(["setsid", "--wait", "dash"]);
        const nas = new RegistryFiles(host);
        const { files, values } = prepare(nas);
        const count = host.path("count");
        fs.writeFileSync(
            count,
            `#!/bin/sh\necho >>'${count}ed'; [ "$(wc -l <'${count}ed')" != ${step} ] || kill -9 0\n"$@"\n`,
            { mode: 0o755 },
        );
        const killing = `
            for command in mkdir chown chmod mv touch; do
                eval "$command() { '${count}' $command \\"\\$@\\"; }"
            done
            find() {
                for word; do
                    shift
                    set -- "$@" "$word"
                    [ "$word" != -exec ] || set -- "$@" '${count}'
                done
                command find "$@"
            }
`;
        const { code, stderr } = await host.run(files, values, "apply", killing);
        expect([0, 137], `at command ${step}: ${stderr}`).toContain(code);
        await expectFinished(nas, () => host.run(files, values, "apply"));
        host.remove();
        if (code === 0) {
            return step;
        }
    }
    return expect.fail("it never came to its end");
}

test.each([
    ["that makes the data directory", false],
    ["that finds images there", true],
])(
    "an update %s and was killed, at whatever command, is finished by the next one",
    async (_, finds) => {
        const steps = await killedAtEvery(
            (nas) => {
                if (finds) {
                    nas.images();
                }
                return { files: scripts, values: { ...nas.values, files: "registry/config.yml" } };
            },
            async (nas, again) => {
                expect(await again()).toEqual({ code: 0, stdout: "", stderr: "" });
                expect(fs.statSync(nas.data)).toMatchObject({ uid: owner });
                await nas.run("revert");
                expect(fs.readdirSync(nas.host.path("volume"))).toEqual(["share"]);
                expect(fs.readdirSync(nas.data)).toEqual(finds ? ["docker"] : []);
            },
        );
        // Fewer, and the commands were not those that are counted.
        expect(steps).toBeGreaterThan(15);
    },
    300_000,
);

test.runIf(process.getuid?.() === 0)(
    "a taking over that was killed, at whatever command, is finished by the next one",
    async () => {
        const steps = await killedAtEvery(
            (nas) => {
                nas.images();
                give(nas.data, stranger, 100);
                const values = { ...nas.values, take_over_from: `${stranger}:100` };
                return { files: [...dataScripts, "nas/takeOver.sh"], values };
            },
            async (nas, again) => {
                expect(await again()).toEqual({ code: 0, stdout: "", stderr: "" });
                await nas.run("apply");
                const owners = Object.entries(tree(nas.data)).filter(([name]) => name !== ".nas-registry");
                expect(owners.filter(([, said]) => !said.includes(` ${owner}:${owner} `))).toEqual([]);
                expect(fs.readFileSync(path.join(nas.data, "docker/registry/v2/blobs/image"), "utf8")).toBe("precious");
                expect(fs.readdirSync(nas.control)).not.toContain("data-claim");
            },
        );
        // Of each directory two.
        expect(steps).toBeGreaterThan(25);
    },
    300_000,
);
