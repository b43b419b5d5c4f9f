import { parse as parseToml } from "smol-toml";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { asOwnerReads } from "../owner";
import { shells } from "../shells";
import { authority, insecure, LinuxClient, registry, script } from "./linuxClient";

interface Buildkitd {
    Registries: Record<string, object> | null;
}

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
        "# mine\n\n",
        // Tables of registries, in the spellings of TOML.
        "[registry]\n",
        '[registry]\n  "a".http = true\n[worker.oci]\n',
        '[ registry . "a" ] # [here]\nhttp = true\n["registry".\'b\']\n',
        '[registry."a"]\n  http = true\n[registry]\n',
        'registry."a".http = true\n\n[worker.oci]\n  enabled = true\n',
        '[[registry."a".keypair]]\n  key = "k"\n  cert = "c"\n',
        // The registry's name, and what looks like a table, elsewhere.
        '[registry."docker.io"]\n  mirrors = [\n    "nas:9160",\n    "nas:9160"\n  ]\n',
        '[registry."xnas:9160"]\n[registry."nas:91600"]\n# [registry."nas:9160"]\n',
        'root = """\n[registry."nas:9160"]\n""" # """\n',
        "root = '''\n[registry]\nregistry = 1\n'''\n",
        'root = "a\\\\b = [registry]"\n',
        '[worker.oci]\n  snapshotter = "x"\n  registry = "y"\n',
        'root\t=\t"/x"\t# a tab\n\t[worker.oci]\n',
        'root = "ä\\u00e4"\nunknown = { a = [ 1, [ 2 ] ], "b" = 1979-05-27 }\n',
    ])("with other tables keeps them, and gets every byte back: %j", async (foreign) => {
        machine.write(buildkitFile, foreign, 0o640);
        const before = machine.snapshot();
        const meaning = await asOwnerReads<Buildkitd>("buildkitd.toml", foreign);
        await machine.must(script("buildkit", insecure));
        const now = await asOwnerReads<Buildkitd>("buildkitd.toml", machine.read(buildkitFile));
        const { [registry]: ours, ...others } = now?.Registries ?? {};
        expect(ours).toMatchObject({ PlainHTTP: true });
        expect({ ...now, Registries: others }).toEqual({ ...meaning, Registries: meaning?.Registries ?? {} });
        await machine.must(script("buildkit", insecure), ["undo"]);
        expect(machine.snapshot()).toEqual(before);
    });

    const entry = "an entry of nas:9160 already";
    const noTable = "the registries in a form to which nothing can be added";
    test.each([
        ['[registry."nas:9160"]\n  http = true\n', entry],
        ["[ registry . 'nas:9160' ] # [mine]\r\n", entry],
        ['["registry"."nas:9160".x]\n', entry],
        ['[[registry."nas:9160".keypair]]\n', entry],
        ['registry."nas:9160".http = true\n', entry],
        ['[registry]\n"nas:9160" = { http = true }\n', entry],
        ["[registry]\n'nas:9160' . http = true\n", entry],
        ['["registry"."nas\\u003a9160"]\n', "a key with a backslash"],
        ["registry = { }\n", noTable],
        ['"registry" = { "a" = { http = true } }\n', noTable],
    ])("that cannot be added to is left alone: %j", async (foreign, sentence) => {
        machine.write(buildkitFile, foreign);
        expect(await asOwnerReads("buildkitd.toml", foreign)).toBeDefined();
        const said = await machine.refused(script("buildkit", authority));
        expect(said).toContain(`has ${sentence}, so it is left alone; add this to it by hand:\n[registry."nas`);
    });

    test.each([
        ["[[registry]]\n", noTable],
        ["\uFEFFdebug = true\n", "a byte order mark"],
        [Buffer.from("\uFEFFdebug = true\n", "utf16le"), "a byte order mark"],
        ["debug = true\r[worker.oci]\r", "line ends of old Macs"],
    ])("that buildkitd refuses is left alone: %j", async (foreign, sentence) => {
        machine.write(buildkitFile, foreign);
        expect(await asOwnerReads("buildkitd.toml", foreign)).toBeUndefined();
        expect(await machine.refused(script("buildkit", authority))).toContain(`has ${sentence}`);
    });
});
