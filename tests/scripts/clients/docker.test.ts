import * as fs from "node:fs";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

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

    test("that is no JSON object is refused", async () => {
        machine.link("jq");
        machine.write(daemonFile, "{ not json");
        expect(await machine.refused(script("linux", insecure))).toContain("is not a JSON object");
    });
});
