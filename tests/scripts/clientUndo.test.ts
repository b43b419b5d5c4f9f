import * as path from "node:path";

import { expect, test } from "vitest";

import { clientKinds, renderClientUndo } from "../../components/clients/clientSetup";
import { capture } from "../../toolchain/process";

const command = (...args: string[]) =>
    capture(process.execPath, [
        "--import",
        "tsx",
        path.join(__dirname, "../../components/cli/main.ts"),
        "client-undo",
        ...args,
    ]);

test.each(clientKinds)("prints what takes back a setup of %s", async (kind) => {
    expect(await command("[fd00::1]:5000", kind)).toEqual({
        code: 0,
        stdout: renderClientUndo("[fd00::1]:5000", kind),
        stderr: "",
    });
});

test.each([
    [[], "'' is not allowed as the registry; give host:port"],
    [["nas", "linux"], "'nas' is not allowed as the registry; give host:port"],
    [["nas:9160/x';reboot", "linux"], "is not allowed as the registry; give host:port"],
    [["nas:9160"], "'' is not allowed as the kind of client; give one of linux, podman,"],
    [["nas:9160", "toString"], "'toString' is not allowed as the kind of client"],
    [["nas:9160", "linux", "more"], "'linux more' is not allowed as the kind of client"],
])("%j is refused in one sentence", async (args, sentence) => {
    const { code, stdout, stderr } = await command(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^nas-registry: [^\n]*\.\n$/);
    expect(stderr).toContain(sentence);
});
