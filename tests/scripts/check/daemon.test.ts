import * as fs from "node:fs";
import * as path from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { FakeNas, awks } from "../daemon/nas";
import { shells } from "../shells";
import { said, snapshot } from "./said";

/** Each shell with an awk; all pairs would say nothing more. */
const combinations = shells.map(([shell, command], i): [string, string[], string[]] => {
    const [awk, awkCommand] = awks[i % awks.length] ?? ["", []];
    return [`${shell} with ${awk}`, command, awkCommand];
});

describe.each(combinations)("check of the daemon's configuration under %s:", (_, shell, awk) => {
    let nas: FakeNas;
    beforeEach(async () => {
        nas = new FakeNas(shell, awk);
        await nas.succeed("apply");
    });
    afterEach(() => nas.remove());

    const check = async () => said(await nas.run("check"));
    const without = (...keys: string[]) => {
        const kept = Object.entries(JSON.parse(nas.daemonFile) as object).filter(([key]) => !keys.includes(key));
        nas.write("dockerd.json", JSON.stringify(Object.fromEntries(kept)));
    };
    const notAsSet = (key: string) => `'${key}' in '${nas.path("dockerd.json")}' is not as this stack set it`;

    test("all is well after apply, and nothing is written or restarted", async () => {
        const before = snapshot(nas.directory);
        expect(await check()).toEqual([]);
        expect(snapshot(nas.directory)).toEqual(before);
        expect(nas.restarts).toBe(1);
    });

    test("settings that the file lost are found by their keys", async () => {
        without("registry-mirrors", "log-opts");
        expect(await check()).toEqual([notAsSet("registry-mirrors"), notAsSet("log-opts")]);
    });

    test("one entry of a list that is gone is found", async () => {
        nas.write("dockerd.json", nas.daemonFile.replace('"nas.local:5000",', ""));
        expect(await check()).toEqual([notAsSet("insecure-registries")]);
    });

    test("somebody else's keys are nothing to find", async () => {
        nas.write("dockerd.json", nas.daemonFile.replace("{", '{ "debug": true,'));
        expect(await check()).toEqual([]);
    });

    test("settings that the running daemon does not have are found, although the file has them", async () => {
        nas.write(
            "docker-info",
            '{"log-driver":"json-file","registry-mirrors":["https://mirror.local/"],"insecure-registries":[""]}',
        );
        expect(await check()).toEqual([
            'the running Docker daemon does not have insecure-registries "nas.local:5000"',
            'the running Docker daemon does not have insecure-registries "10.0.0.0/8"',
        ]);
    });

    test("a daemon that does not answer is found", async () => {
        fs.rmSync(nas.path("docker-info"));
        expect(await check()).toEqual(["the Docker daemon does not answer"]);
    });

    test("a file that is gone is found", async () => {
        fs.rmSync(nas.path("dockerd.json"));
        expect(await check()).toEqual([`'${nas.path("dockerd.json")}' is gone`]);
    });

    test("a file that is no JSON is found", async () => {
        nas.write("dockerd.json", "{");
        expect(await check()).toEqual([expect.stringContaining("is not valid JSON")]);
    });

    test("the record of what was set, when another stack's says the same, is missed", async () => {
        await nas.succeed("apply", nas.values("two"));
        const state = nas.path("dockerd.json.nas-registry");
        const [record = ""] = fs.readdirSync(state).filter((name) => name.endsWith("-one.record"));
        fs.rmSync(path.join(state, record));
        expect(await check()).toEqual([expect.stringMatching(/one\.record', the record of .* is gone$/)]);
    });

    test("an update that was cut off is found", async () => {
        nas.write("dockerd.json.nas-registry/20260101T000000Z-one.record.pending", '{"settings":{}}');
        expect(await check()).toEqual(["an update was cut off in the middle"]);
    });

    test("while an update is at work, nothing is said about it", async () => {
        const began = fs.readFileSync(`/proc/${process.pid}/stat`, "utf8").replace(/.*\) /, "").split(" ")[19];
        fs.symlinkSync(`${process.pid}:${began}`, nas.path("dockerd.json.nas-registry.lock"));
        expect(await check()).toEqual({ problem: expect.stringContaining("look again when it has ended") as string });
    });

    test("a user who may not read it could not look", async () => {
        const { code, stderr } = await nas.run("check", nas.values("one", undefined, { uid: 1026 }));
        expect(code).toBe(1);
        expect(stderr).toContain("connection.user: ");
    });
});
