import * as fs from "node:fs";

import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { parse as parseYaml } from "yaml";

import { which } from "../../../toolchain/process";
import { awks } from "../daemon/nas";
import { asOwnerReads } from "../owner";
import { shells } from "../shells";
import { authority, insecure, LinuxClient, registry, script } from "./linuxClient";

type Sections = Record<"mirrors" | "configs" | "auths", Record<string, object> | null>;

const k3sFile = "etc/rancher/k3s/registries.yaml";

/** Each shell with another awk. */
const combinations = shells.map(([name, shell], index) => [name, shell, awks[index]?.[1] ?? []] as const);

describe.each(combinations)("k3s's registries.yaml under %s", (_, shell, awk) => {
    let machine: LinuxClient;
    beforeEach(() => {
        machine = new LinuxClient(shell);
        machine.unlink("awk");
        machine.fake("awk", `exec ${awk.map((word) => which(word) ?? word).join(" ")} "$@"`);
    });
    afterEach(() => machine.remove());

    const entry = { tls: { ca_file: "/etc/rancher/k3s/nas-registry/nas:9160.crt" } };
    const written = () => parseYaml(machine.read(k3sFile)) as Record<string, unknown>;

    test("has the CA where there was no file", async () => {
        await machine.must(script("k3s", authority));
        expect(written()).toEqual({ configs: { [registry]: entry } });
    });

    test("speaks HTTP without TLS", async () => {
        await machine.must(script("k3s", insecure));
        expect(written()).toEqual({ mirrors: { [registry]: { endpoint: ["http://nas:9160"] } } });
    });

    test.each([
        ["other mirrors", "mirrors:\n  docker.io:\n    endpoint:\n      - https://mirror:5000\n"],
        ["other configs", "# mine\n\nconfigs:\n  # of mine\n  a:5000:\n    tls:\n      insecure_skip_verify: true\n"],
        ["four spaces", "configs: # here\n    'a:5000':\n        auth:\n            username: x\nmirrors:\n"],
        ["a section without entries", "mirrors:\nconfigs:\n\n# the end\n"],
        ["no newline at the end", "mirrors:\n  a:\n    endpoint:\n    - http://a\nconfigs:"],
        ["only a comment", "# nothing yet"],
        ["nothing in it", ""],
        ["only blanks", "\n  \n"],
        ["a leading ---", "---\nconfigs:\n  a: {}\n"],
        ["comments around ---", "# mine\n--- # here\n\nmirrors:\n  a: {}\n"],
        ["only ---", "---\n"],
        ["a directive", "%YAML 1.1\n---\nconfigs:\n  a: {}\n"],
        ["... at the end", "configs:\n  a: {}\n...\n"],
        ["... at the end, and no section", "---\nmirrors:\n  a: {}\n..."],
        ["a second document", "---\nmirrors:\n  a: {}\n---\nconfigs:\n  b: {}\n"],
        ["a byte order mark", "\uFEFFconfigs:\n  a: {}\n"],
        ["a byte order mark and ---", "\uFEFF---\nmirrors:\n  a: {}\n"],
        ["only a byte order mark", "\uFEFF"],
        ["Windows' line ends", "---\r\nconfigs:\r\n  a:\r\n    tls: {}\r\n"],
        ["Windows' line ends and an empty section", "configs: {}\r\nmirrors:\r\n  a: {}\r\n"],
        ["a quoted section", '"configs":\n  a: {}\n'],
        ["a section in single quotes, and blanks", "'configs'  :  \n  a: {}\n"],
        ["a tag", "configs: !!map\n  a: {}\n"],
        ["tabs where they are blanks", "configs:\t# here\n  a:\t{}\t# there\n"],
        ["a section far in", "  mirrors:\n    a: {}\n"],
        ["both sections far in", "  configs:\n      a: {}\n  mirrors:\n    b: {}\n"],
        ["an empty mapping", "configs: {}\n"],
        ["an empty mapping, and blanks", '"configs" :  { } # none yet\n'],
        ["an empty mapping, no newline", "mirrors: {}\nconfigs: {}"],
        ["null", "configs: null\nmirrors: ~\n"],
        ["~", "mirrors:\n  a: {}\nconfigs: ~ # none\n"],
        ["mappings in braces", 'configs:\n  "a:5000": {auth: {username: x}}\n  b: {\n    tls: {}\n  }\n'],
        ["sections that k3s does not know", "x-tls: &tls\n  ca_file: /a\nlist:\n- a\nconfigs:\n  a:\n    tls: *tls\n"],
        ["a merge", "x: &x\n  tls: {}\nconfigs:\n  a:\n    <<: *x\n"],
        [
            "a text over lines",
            'configs:\n  a:\n    auth:\n      password: |\n        # no comment\n        configs: x\n\n      username: "b\n        c"\n',
        ],
        ["backslashes", 'configs:\n  a:\n    auth:\n      password: "a\\n\\\\c\\tb"\n'],
        ["every registry", 'mirrors:\n  "*":\n  docker.io:\n'],
    ])("with %s keeps them, and gets every byte back", async (_, foreign) => {
        machine.write(k3sFile, foreign, 0o600);
        const before = machine.snapshot();
        const meaning = await asOwnerReads<Sections>("registries.yaml", foreign);
        await machine.must(script("k3s", authority));
        const times = machine.times();
        await machine.must(script("k3s", authority));
        expect(machine.times()).toEqual(times);
        const now = await asOwnerReads<Sections>("registries.yaml", machine.read(k3sFile));
        const { [registry]: ours, ...others } = now?.configs ?? {};
        expect(ours).toMatchObject(entry);
        expect({ ...now, configs: others }).toEqual({ ...meaning, configs: meaning?.configs ?? {} });
        await machine.must(script("k3s", authority), ["undo"]);
        expect(machine.snapshot()).toEqual(before);
    });

    const notKnown = "'configs' in a form that is not known here";
    const inNoSection = "lines that are in no section, or not in block style";
    test.each([
        ["a section in one line", "configs: {a: {}}\n", notKnown],
        ["JSON", '{"configs": {}}\n', inNoSection],
        ["sections behind ---", "--- {configs: {}}\n", "something behind '---'"],
        ["a section twice", "configs:\nconfigs:\n", "'configs' twice"],
        ["braces below", "configs:\n  {}\n", notKnown],
        ["braces over lines", "configs: {\n  a: {}\n}\n", notKnown],
        ["a section that others repeat", "configs: &all\n  a: {}\n", notKnown],
        ["a section that repeats others", "x: &all\n  a: {}\nconfigs: *all\n", notKnown],
        ["merged sections", "x: &all\n  configs: {}\n<<: *all\n", inNoSection],
        ["a key by a question mark", "? configs\n: a: {}\n", inNoSection],
        ["an escape in a key", '"config\\x73":\n  a: {}\n', inNoSection],
        ["an entry of the registry", "configs:\n  'nas:9160':\n    auth: {}\n", "an entry of nas:9160 already"],
        ["line ends of old Macs", "# mine\rconfigs:\r  a: {}\r", "line ends of old Macs"],
        ["UTF-16", Buffer.from("\uFEFFconfigs:\n  a: {}\n", "utf16le"), inNoSection],
    ])("with %s is left alone; what to add is said", async (_, foreign, sentence) => {
        machine.write(k3sFile, foreign);
        expect(await asOwnerReads("registries.yaml", foreign)).toBeDefined();
        const said = await machine.refused(script("k3s", authority));
        expect(said).toContain(`registries.yaml' has ${sentence}, so it is left alone`);
        expect(said).toContain('configs:\n  "nas:9160":\n    tls:\n');
    });

    test.each([
        ["another version of YAML", "%YAML 1.2\n---\nconfigs:\n", "a directive that k3s refuses"],
        ["tabs for spaces", "configs:\n\ta: {}\n", "a tab at the start of a line"],
        ["a tab on an empty line", "configs:\n  a:\n\t\n  b:\n", "a tab at the start of a line"],
        ["a list", "[]\n", inNoSection],
        ["a list below", "configs:\n  - a\n", notKnown],
        ["a section without colon", "configs\n", inNoSection],
    ])("with %s, which k3s refuses, is left alone", async (_, foreign, sentence) => {
        machine.write(k3sFile, foreign);
        expect(await asOwnerReads("registries.yaml", foreign)).toBeUndefined();
        expect(await machine.refused(script("k3s", authority))).toContain(`has ${sentence}`);
    });

    test("that somebody has saved with Windows' line ends loses our entry only", async () => {
        machine.write(k3sFile, "configs:\n  a: {}\n");
        await machine.must(script("k3s", authority));
        machine.write(k3sFile, machine.read(k3sFile).replaceAll("\n", "\r\n"));
        await machine.must(script("k3s", authority), ["undo"]);
        expect(machine.read(k3sFile)).toBe("configs:\r\n  a: {}\r\n");
    });

    test("in which somebody has broken our block is not touched", async () => {
        await machine.must(script("k3s", authority));
        machine.write(k3sFile, machine.read(k3sFile).replace(/ *# nas-registry nas:9160 end\n/, ""));
        expect(await machine.refused(script("k3s", authority), ["undo"])).toContain("no longer enclose one block");
    });

    test("to which somebody has added an entry below our section keeps it", async () => {
        await machine.must(script("k3s", authority));
        fs.appendFileSync(machine.path(k3sFile), "\n# mine\n  a:5000:\n    auth: {}\n");
        await machine.must(script("k3s", authority), ["undo"]);
        expect(written()).toEqual({ configs: { "a:5000": { auth: {} } } });
    });
});

test("any registries.yaml means the same with our entry, and is the same after undo", async () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9.]{0,8}(:[1-9][0-9]{1,3})?$/);
    const comment = fc.constantFrom("", "# a comment\n", "\n", "    # far in\n");
    const section = fc.record({
        indent: fc.integer({ min: 1, max: 6 }),
        entries: fc.uniqueArray(fc.tuple(name, comment), { maxLength: 3, selector: ([key]) => key }),
        before: comment,
    });
    const file = fc.record({
        sections: fc.uniqueArray(fc.tuple(fc.constantFrom("mirrors", "configs", "auths"), section), {
            maxLength: 3,
            selector: ([key]) => key,
        }),
        newline: fc.boolean(),
    });
    const machine = new LinuxClient(["dash"]);
    onTestFinished(() => machine.remove());
    await fc.assert(
        fc.asyncProperty(file, fc.constantFrom(authority, insecure), async ({ sections, newline }, trust) => {
            const lines = sections.map(([key, { indent, entries, before }]) => {
                const pad = " ".repeat(indent);
                return `${before}${key}:\n${entries.map(([each, after]) => `${pad}"${each}":\n${pad}  x: "${each}"\n${after}`).join("")}`;
            });
            const text = newline ? lines.join("") : lines.join("").replace(/\n$/, "");
            machine.write(k3sFile, text);
            const meaning = parseYaml(text) as Record<string, object | null> | null;
            await machine.must(script("k3s", trust));
            const key = trust.insecure ? "mirrors" : "configs";
            const now = parseYaml(machine.read(k3sFile)) as Record<string, Record<string, unknown>>;
            expect(Object.keys(now[key] ?? {})).toContain(registry);
            const { [registry]: _, ...rest } = now[key] ?? {};
            expect({ ...now, [key]: rest }).toEqual({ ...meaning, [key]: meaning?.[key] ?? {} });
            await machine.must(script("k3s", trust), ["undo"]);
            expect(machine.read(k3sFile)).toBe(text);
        }),
        { numRuns: 60 },
    );
});
