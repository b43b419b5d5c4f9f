import { parse as parseToml } from "smol-toml";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { shells } from "../shells";
import { authority, insecure, LinuxClient, registry, script } from "./linuxClient";

const buildkitFile = "etc/buildkit/buildkitd.toml";

describe.each(shells)("BuildKit's buildkitd.toml under %s", (_, shell) => {
    let machine: LinuxClient;
    beforeEach(() => {
        machine = new LinuxClient(shell);
    });
    afterEach(() => machine.remove());

    test("has the CA", async () => {
        await machine.must(script("buildkit", authority));
        expect(parseToml(machine.read(buildkitFile))).toEqual({
            registry: { [registry]: { ca: ["/etc/buildkit/nas-registry/nas:9160.crt"] } },
        });
    });

    test.each([
        'debug = true\n[registry."docker.io"]\n  mirrors = ["m"]\n',
        "[worker.oci]\r\n  enabled = true\r\n",
        "root = '/x'",
        "",
    ])("with other tables keeps them, and gets every byte back: %j", async (foreign) => {
        machine.write(buildkitFile, foreign, 0o640);
        const before = machine.snapshot();
        await machine.must(script("buildkit", insecure));
        const meaning = parseToml(foreign) as { registry?: object };
        expect(parseToml(machine.read(buildkitFile))).toEqual({
            ...meaning,
            registry: { ...meaning.registry, [registry]: { http: true } },
        });
        await machine.must(script("buildkit", insecure), ["undo"]);
        expect(machine.snapshot()).toEqual(before);
    });

    test.each([
        '[registry."nas:9160"]\n  http = true\n',
        'registry."nas:9160".http = true\n',
        "registry = { }\n",
        "[registry]\n  a.http = true\n",
    ])("that cannot be added to is left alone: %j", async (foreign) => {
        machine.write(buildkitFile, foreign);
        expect(await machine.refused(script("buildkit", authority))).toContain(
            'add this to it by hand:\n[registry."nas',
        );
    });
});
