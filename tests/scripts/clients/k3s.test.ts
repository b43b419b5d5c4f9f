import * as fs from "node:fs";

import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { parse as parseYaml } from "yaml";

import { shells } from "../shells";
import { authority, insecure, LinuxClient, registry, script } from "./linuxClient";

const k3sFile = "etc/rancher/k3s/registries.yaml";

describe.each(shells)("k3s's registries.yaml under %s", (_, shell) => {
    let machine: LinuxClient;
    beforeEach(() => {
        machine = new LinuxClient(shell);
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
    ])("with %s keeps them, and gets every byte back", async (_, foreign) => {
        machine.write(k3sFile, foreign, 0o600);
        const before = machine.snapshot();
        const meaning = parseYaml(foreign) as Record<string, object> | null;
        await machine.must(script("k3s", authority));
        expect(written()).toEqual({ ...meaning, configs: { [registry]: entry, ...meaning?.configs } });
        await machine.must(script("k3s", authority), ["undo"]);
        expect(machine.snapshot()).toEqual(before);
    });

    test.each([
        ["in one line", "configs: {}\n", "has 'configs' in one line"],
        ["as JSON", '{"configs": {}}\n', "has lines that are neither"],
        ["quoted", '"configs":\n  a: {}\n', "has lines that are neither"],
        ["twice", "configs:\nconfigs:\n", "has 'configs' twice"],
        ["as a flow below", "configs:\n  {}\n", "in a form that is not known here"],
        ["an entry of the registry", "configs:\n  'nas:9160':\n    auth: {}\n", "has an entry of nas:9160 already"],
        ["Windows' line ends", "configs:\r\n", "has tabs or Windows' line ends"],
    ])("with %s is left alone; what to add is said", async (_, foreign, sentence) => {
        machine.write(k3sFile, foreign);
        const said = await machine.refused(script("k3s", authority));
        expect(said).toContain(sentence);
        expect(said).toContain('configs:\n  "nas:9160":\n    tls:\n');
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
