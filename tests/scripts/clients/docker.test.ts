import * as fs from "node:fs";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { asOwnerReads } from "../owner";
import { shells } from "../shells";
import { insecure, LinuxClient, registry, script } from "./linuxClient";

const daemonFile = "etc/docker/daemon.json";

describe.each(shells)("Docker's daemon.json under %s", (_, shell) => {
    let machine: LinuxClient;
    beforeEach(() => {
        machine = new LinuxClient(shell);
    });
    afterEach(() => machine.remove());

    const foreign = '{ "log-driver":"json-file",\n\t"insecure-registries": ["old:5000"], "x": {"b":1,"a":[]} }';

    test("is changed by jq, every other setting kept, and given back byte for byte", async () => {
        machine.link("jq");
        machine.write(daemonFile, foreign, 0o600);
        const before = machine.snapshot();
        await machine.must(script("linux", insecure));
        expect(JSON.parse(machine.read(daemonFile))).toEqual({
            ...(JSON.parse(foreign) as object),
            "insecure-registries": ["old:5000", registry],
        });
        await machine.must(script("linux", insecure), ["undo"]);
        expect(machine.snapshot()).toEqual(before);
    });

    test("that somebody has changed meanwhile loses our entry only", async () => {
        machine.link("jq");
        machine.write(daemonFile, foreign);
        await machine.must(script("linux", insecure));
        const changed = { ...(JSON.parse(machine.read(daemonFile)) as object), debug: true };
        machine.write(daemonFile, JSON.stringify(changed));
        await machine.must(script("linux", insecure), ["undo"]);
        expect(JSON.parse(machine.read(daemonFile))).toEqual({ ...(JSON.parse(foreign) as object), debug: true });
        expect(fs.readdirSync(machine.path("etc/docker"))).toEqual(["daemon.json"]);
    });

    test("with the entry already in it is left alone, undo included", async () => {
        machine.write(daemonFile, `{"insecure-registries":[ "${registry}" ]}`);
        const before = machine.snapshot();
        await machine.must(script("linux", insecure));
        await machine.must(script("linux", insecure), ["undo"]);
        expect(machine.snapshot()).toEqual(before);
    });

    test("with the registry in another list gets the entry all the same", async () => {
        machine.link("jq");
        machine.write(daemonFile, `{"insecure-registries":["a:1"],"other":["${registry}"]}`);
        await machine.must(script("linux", insecure));
        expect(JSON.parse(machine.read(daemonFile))).toEqual({
            "insecure-registries": ["a:1", registry],
            other: [registry],
        });
    });

    test("is not touched without jq; what to add is said", async () => {
        machine.write(daemonFile, foreign);
        expect(await machine.refused(script("linux", insecure))).toContain(
            `install jq, or add "${registry}" to the list "insecure-registries"`,
        );
    });

    test.each([
        ["a byte order mark", '\uFEFF{"debug":true}'],
        ["Windows' line ends", '{\r\n\t"insecure-registries":\t["a:1"]\r\n}\r\n'],
        ["escapes in a key", '{"insecure\\u002dregistries":["a\\u003a1"],"x":"\\"\\u00e4\\/"}'],
        ["no list", '{"insecure-registries":null}'],
        ["null", "null\n"],
        ["a key in braces in a text", '{"log-opts":{"tag":"{{.Name}}/{"},"a":{"insecure-registries":["nas:9160"]}}'],
        ["blanks around it", '\n \t{"debug":true} \n\n'],
        ["long texts and numbers", `{"a":"${"9".repeat(40)}","mtu":1500,"b":-1.5e3,"c":[0.1]}`],
        ["depth", `{"a":${"[".repeat(200)}${"]".repeat(200)}}`],
    ])("with %s gets the entry as Docker reads it, and every byte back", async (_name, foreign) => {
        machine.link("jq");
        await getsEntry(foreign);
    });

    test.each(["", "\n", " \r\n\t", "\uFEFF", "\uFEFF\r\n"])(
        "with nothing in it needs no jq, and gets every byte back: %j",
        async (foreign) => getsEntry(foreign),
    );

    /** Sets up and takes back. */
    async function getsEntry(foreign: string): Promise<void> {
        machine.write(daemonFile, foreign, 0o600);
        const before = machine.snapshot();
        const meaning = await asOwnerReads("daemon.json", foreign);
        const list = (meaning?.["insecure-registries"] as string[] | undefined) ?? [];
        await machine.must(script("linux", insecure));
        const times = machine.times();
        await machine.must(script("linux", insecure));
        expect(machine.times()).toEqual(times);
        expect(await asOwnerReads("daemon.json", machine.read(daemonFile))).toEqual({
            ...meaning,
            "insecure-registries": [...list, registry],
        });
        await machine.must(script("linux", insecure), ["undo"]);
        expect(machine.snapshot()).toEqual(before);
    }

    describe.each(["with jq", "without jq"])("%s", (jq) => {
        test.each([
            ["an escape in it", '{"insecure\\u002dregistries":["a:1","nas\\u003A9160"]}'],
            ["other settings before it", '{"log-opts":{"a":"1"},"insecure-registries":["nas:9160"]}'],
        ])("the entry with %s is known", async (_name, foreign) => {
            if (jq === "with jq") {
                machine.link("jq");
            }
            machine.write(daemonFile, foreign);
            const before = machine.snapshot();
            await machine.must(script("linux", insecure));
            expect(machine.snapshot()).toEqual(before);
        });
    });

    test.each([
        ["that is one of another setting", '{"x":{"insecure-registries":["nas:9160"]}}'],
        ["that is overwritten", '{"insecure-registries":["nas:9160"],"insecure-registries":["a:1"]}'],
        ["that is no entry of a list", '{"insecure-registries":"nas:9160"}'],
    ])("an entry %s is none", async (_name, foreign) => {
        machine.write(daemonFile, foreign);
        machine.link("jq");
        const ours = await machine.run(script("linux", insecure));
        expect(ours.code === 1 || (JSON.parse(machine.read(daemonFile)) as object)).not.toEqual(JSON.parse(foreign));
    });

    const changes = "has one key twice, or a number that jq would change";
    test.each([
        ["settings that Docker puts together", '{"log-opts":{"a":"1"},"log-opts":{"b":"2"}}', changes],
        ["the list twice", '{"insecure-registries":["a:1"],"insecure-registries":["b:1"]}', changes],
        ["a number that jq rounds", '{"a":123456789012345678901234567890}', changes],
        ["an escape that jq does not know", '{"a":"\\ud800"}', "is not a JSON object that jq can read"],
        ["white space that JSON does not have", '\f{"debug":true}', "is not a JSON object that jq can read"],
        ["UTF-16", Buffer.from('\uFEFF{"debug":true}', "utf16le"), "is not a JSON object that jq can read"],
    ])("with %s, which Docker takes, is left alone; what to add is said", async (_name, foreign, words) => {
        machine.link("jq");
        machine.write(daemonFile, foreign);
        expect(await asOwnerReads("daemon.json", foreign)).toBeDefined();
        const said = await machine.refused(script("linux", insecure));
        expect(said).toContain(words);
        expect(said).toContain(`add "${registry}" to the list "insecure-registries" in that file by hand`);
    });

    test.each([
        "{ not json",
        "none\n",
        "[]",
        '"x"',
        "{} {}",
        '{"a":1,}',
        '// mine\n{"a":1}',
        '{"a":NaN}',
        '{"insecure-registries":"a:1"}',
        "{'a':1}",
        '{"a":1}x',
    ])("that Docker refuses is left alone: %j", async (foreign) => {
        machine.link("jq");
        machine.write(daemonFile, foreign);
        expect(await asOwnerReads("daemon.json", foreign)).toBeUndefined();
        expect(await machine.refused(script("linux", insecure))).toMatch(/daemon.json' (is not a JSON object|has one)/);
    });
});
