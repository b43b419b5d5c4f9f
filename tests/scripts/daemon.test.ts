import * as fs from "node:fs";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { delivered, FakeNas, awks, settings } from "./daemon/nas";
import { shells } from "./shells";

const parsed = (nas: FakeNas) => JSON.parse(nas.daemonFile) as Record<string, unknown>;

/** Each shell with an awk; all pairs would say nothing more. */
const combinations = shells.map(([shell, command], i): [string, string[], string[]] => {
    const [awk, awkCommand] = awks[i % awks.length] ?? ["", []];
    return [`${shell} with ${awk}`, command, awkCommand];
});

describe.each(combinations)("the daemon's file under %s", (_, shell, awk) => {
    let nas: FakeNas;
    beforeEach(() => {
        nas = new FakeNas(shell, awk);
    });
    afterEach(() => nas.remove());

    test("gets the settings, and keeps every other key, the order, owner and mode", async () => {
        const before = fs.statSync(nas.path("dockerd.json"));
        await nas.succeed("apply");
        expect(nas.daemonFile).toBe(
            '{"data-root":"/var/packages/ContainerManager/var/docker","log-driver":"json-file","registry-mirrors":["https://mirror.local"],"storage-driver":"btrfs","insecure-registries":["nas.local:5000","10.0.0.0/8"],"log-opts":{"max-size":"10m"}}',
        );
        const { mode, uid, gid } = fs.statSync(nas.path("dockerd.json"));
        expect({ mode, uid, gid }).toEqual({ mode: before.mode, uid: before.uid, gid: before.gid });
        expect(nas.restarts).toBe(1);
    });

    test.each([
        ["127.0.1.1 Mirror.local mirror", "https://mirror.local:5000", true],
        ["127.0.1.1\tmirror.local", "http://mirror.local", true],
        ["::1 localhost mirror.local", "https://mirror.local", true],
        ["127.0.0.1 localhost", "http://localhost:5000", false],
        ["127.0.1.1 nas # mirror.local", "https://mirror.local", false],
        ["127.0.1.1 mirror local", "https://mirror.local", false],
        ["192.168.1.20 mirror.local", "https://mirror.local", false],
    ])("where its host is '%s' has a mirror %s that is told of: %s", async (line, mirror, isTold) => {
        nas.write("hosts", `# names\n${line}\n`);
        const wanted = { "registry-mirrors": [mirror] };
        const said = await nas.succeed("apply", nas.values("one", wanted, { hosts_file: nas.path("hosts") }));
        expect(said.includes("warning=registryMirrors: 'mirror.local' is a loopback address")).toBe(isTold);
        expect(said.includes("warning=")).toBe(isTold);
    });

    test("is written in the layout that it has, scalars as they are spelled", async () => {
        const before = '{\n   "log-driver" : "db",\n\n   "a" : [ 1.50, "\\u0061\\/" ], "b" : {}\n}\n';
        nas.write("dockerd.json", before);
        await nas.succeed("apply", nas.values("one", { "insecure-registries": ["nas:1"] }));
        expect(nas.daemonFile).toBe(
            '{\n   "log-driver" : "db",\n   "a" : [\n      1.50,\n      "\\u0061\\/"\n   ],\n   "b" : {},\n' +
                '   "insecure-registries" : [\n      "nas:1"\n   ]\n}\n',
        );
        await nas.succeed("revert");
        expect(nas.daemonFile).toBe(before);
    });

    test("that need not be there is made, and goes with the last stack", async () => {
        fs.rmSync(nas.path("dockerd.json"));
        expect(await nas.run("apply")).toMatchObject({
            code: 1,
            stderr: expect.stringContaining("does not exist on this NAS: start Docker's package once") as string,
        });
        const values = (stack: string) => nas.values(stack, { "insecure-registries": [stack] }, { makes_file: "yes" });
        await nas.succeed("apply", values("one"));
        await nas.succeed("apply", values("two"));
        expect(parsed(nas)).toEqual({ "insecure-registries": ["one", "two"] });
        await nas.succeed("revert", values("one"));
        expect(parsed(nas)).toEqual({ "insecure-registries": ["two"] });
        await nas.succeed("revert", values("two"));
        expect([nas.has("dockerd.json"), nas.leftovers]).toEqual([false, []]);
    });

    test("says where the data is and when the daemon restarted", async () => {
        expect(await nas.succeed("apply")).toMatch(
            /^dataRoot=\/volume1\/@docker\nrestartedAt=\d{4}-\d\d-\d\dT[\d:]{8}Z\n$/,
        );
    });

    test("a second apply changes and restarts nothing", async () => {
        const first = await nas.succeed("apply");
        const { ino, mtimeMs } = fs.statSync(nas.path("dockerd.json"));
        expect(await nas.succeed("apply")).toBe(first);
        expect(fs.statSync(nas.path("dockerd.json"))).toMatchObject({ ino, mtimeMs });
        expect(nas.restarts).toBe(1);
    });

    test("revert leaves it byte for byte as it was, and nothing beside it", async () => {
        await nas.succeed("apply");
        await nas.succeed("revert");
        expect(nas.daemonFile).toBe(delivered);
        expect(nas.restarts).toBe(2);
        expect(nas.leftovers).toEqual([]);
    });

    test("revert without apply does nothing", async () => {
        await nas.succeed("revert");
        expect(nas.daemonFile).toBe(delivered);
        expect(nas.restarts).toBe(0);
        expect(nas.leftovers).toEqual([]);
    });

    test("what is there already is neither added nor taken out", async () => {
        const before = JSON.stringify({ ...settings, "data-root": "/x" }, null, 4);
        nas.write("dockerd.json", before);
        nas.write(
            "docker-info",
            JSON.stringify({
                "log-driver": "json-file",
                "insecure-registries": ["10.0.0.0/8", "nas.local:5000", ""],
                "registry-mirrors": ["https://mirror.local/"],
            }),
        );
        await nas.succeed("apply");
        await nas.succeed("revert");
        expect(nas.daemonFile).toBe(before);
        expect(nas.restarts).toBe(0);
    });

    test("a file that is right but not read is read", async () => {
        nas.write("dockerd.json", JSON.stringify(settings));
        await nas.succeed("apply");
        expect(nas.restarts).toBe(1);
    });

    test("revert takes out what was added when other keys have changed meanwhile", async () => {
        await nas.succeed("apply");
        const now = parsed(nas);
        nas.write(
            "dockerd.json",
            JSON.stringify({
                "insecure-registries": ["other:5000", ...(now["insecure-registries"] as string[])],
                ...now,
                "registry-mirrors": ["https://theirs", ...(now["registry-mirrors"] as string[])],
                "log-opts": { "max-size": "99m" },
                debug: true,
            }),
        );
        await nas.succeed("revert");
        expect(parsed(nas)).toEqual({
            "data-root": "/var/packages/ContainerManager/var/docker",
            "log-driver": "db",
            "registry-mirrors": ["https://theirs"],
            "storage-driver": "btrfs",
            // Changed by somebody: no longer ours.
            "log-opts": { "max-size": "99m" },
            debug: true,
        });
    });

    test("a setting that is given up goes, the others stay", async () => {
        await nas.succeed("apply");
        await nas.succeed("apply", nas.values("one", { "insecure-registries": ["10.0.0.0/8"] }));
        expect(parsed(nas)).toEqual({ ...(JSON.parse(delivered) as object), "insecure-registries": ["10.0.0.0/8"] });
        await nas.succeed("revert");
        expect(nas.daemonFile).toBe(delivered);
    });

    test("mirrors get another order, behind those that are not the stack's; other lists have none", async () => {
        const given = JSON.stringify({ "registry-mirrors": ["https://b", "https://theirs"] });
        nas.write("dockerd.json", given);
        const mirrors = (...names: string[]) =>
            nas.values("one", {
                "insecure-registries": names.map((name) => `${name}:1`),
                "registry-mirrors": names.map((name) => `https://${name}`),
            });
        await nas.succeed("apply", mirrors("a", "b", "c", "d"));
        expect(parsed(nas)["registry-mirrors"]).toEqual(
            ["b", "theirs", "a", "c", "d"].map((name) => `https://${name}`),
        );
        await nas.succeed("apply", mirrors("d", "b", "a", "c"));
        expect(parsed(nas)["registry-mirrors"]).toEqual(
            ["b", "theirs", "d", "a", "c"].map((name) => `https://${name}`),
        );
        expect(parsed(nas)["insecure-registries"]).toEqual(["a:1", "b:1", "c:1", "d:1"]);
        expect(nas.restarts).toBe(2);
        await nas.succeed("revert");
        expect(nas.daemonFile).toBe(given);
    });

    test("a mirror that another stack counts on keeps its place", async () => {
        await nas.succeed("apply", nas.values("one", { "registry-mirrors": ["https://a", "https://b"] }));
        await nas.succeed("apply", nas.values("two", { "registry-mirrors": ["https://b", "https://a"] }));
        await nas.succeed("apply", nas.values("one", { "registry-mirrors": ["https://a", "https://b"] }));
        expect(parsed(nas)["registry-mirrors"]).toEqual(["https://a", "https://b"]);
        expect(nas.restarts).toBe(1);
    });

    test("a file that the vendor rewrote without the settings gets them again", async () => {
        await nas.succeed("apply");
        nas.write("dockerd.json", delivered);
        await nas.succeed("apply");
        expect(parsed(nas)).toMatchObject(settings);
        await nas.succeed("revert");
        expect(nas.daemonFile).toBe(delivered);
    });

    test("a file that the vendor rewrote with the same meaning is left alone", async () => {
        await nas.succeed("apply");
        const sorted = Object.fromEntries(Object.entries(parsed(nas)).sort(([a], [b]) => (a < b ? -1 : 1)));
        nas.write("dockerd.json", JSON.stringify(sorted, null, 3));
        await nas.succeed("apply");
        expect(nas.daemonFile).toBe(JSON.stringify(sorted, null, 3));
        expect(nas.restarts).toBe(1);
        await nas.succeed("revert");
        const { "insecure-registries": _, "log-opts": __, ...left } = sorted;
        const theirs = { ...left, "log-driver": "db", "registry-mirrors": [] };
        expect(nas.daemonFile).toBe(JSON.stringify(theirs, null, 3));
    });

    test("a mirror that somebody else adds behind the stack's is nothing to change", async () => {
        await nas.succeed("apply");
        const now = parsed(nas);
        const theirs = { ...now, "registry-mirrors": [...(now["registry-mirrors"] as string[]), "https://theirs"] };
        nas.write("dockerd.json", JSON.stringify(theirs));
        await nas.succeed("apply");
        expect(nas.daemonFile).toBe(JSON.stringify(theirs));
        expect(nas.restarts).toBe(1);
        await nas.succeed("revert");
        expect(parsed(nas)["registry-mirrors"]).toEqual(["https://theirs"]);
    });

    test.each([
        ["first", "one", "two"],
        ["last", "two", "one"],
    ])("two stacks want the same: the one that came %s goes, and the other keeps it", async (_order, first, second) => {
        await nas.succeed("apply", nas.values("one"));
        await nas.succeed(
            "apply",
            nas.values("two", { ...settings, "insecure-registries": ["nas.local:5000", "two:1"] }),
        );
        await nas.succeed("revert", nas.values(first));
        expect(parsed(nas)["insecure-registries"]).toEqual(
            first === "one" ? ["nas.local:5000", "two:1"] : ["nas.local:5000", "10.0.0.0/8"],
        );
        expect(parsed(nas)["log-driver"]).toBe("json-file");
        await nas.succeed("revert", nas.values(second));
        expect(nas.daemonFile).toBe(delivered);
        expect(nas.leftovers).toEqual([]);
    });

    test("two stacks with different values: the second is refused, with the name of the first", async () => {
        await nas.succeed("apply", nas.values("one"));
        const { code, stderr } = await nas.run("apply", nas.values("two", { "log-driver": "local" }));
        expect(code).toBe(1);
        expect(stderr).toContain(`the stack "project/one/registry" has set 'log-driver' to "json-file" on this NAS`);
        expect(parsed(nas)["log-driver"]).toBe("json-file");
    });

    test("two stacks at once: both settings are there", async () => {
        nas.write("slow", "1");
        await Promise.all([
            nas.succeed("apply", nas.values("one", { "insecure-registries": ["one:1"] })),
            nas.succeed("apply", nas.values("two", { "insecure-registries": ["two:2"] })),
        ]);
        expect(parsed(nas)["insecure-registries"]).toEqual(expect.arrayContaining(["one:1", "two:2"]));
    });

    test("a link to the file stays one", async () => {
        fs.renameSync(nas.path("dockerd.json"), nas.path("real.json"));
        fs.symlinkSync(nas.path("real.json"), nas.path("dockerd.json"));
        await nas.succeed("apply");
        expect(fs.lstatSync(nas.path("dockerd.json")).isSymbolicLink()).toBe(true);
        expect(nas.daemonFile).toContain("nas.local:5000");
    });

    test("backups have a date, one for each content, five of them", async () => {
        nas.command(
            "date",
            'n=$(cat "$0.n" 2>/dev/null || echo 10); case $* in *%s*) exec /bin/date "$@" ;; esac; echo $((n + 1)) >"$0.n"; echo "202601${n}T000000Z"',
        );
        for (let i = 0; i < 8; i++) {
            await nas.succeed("apply", nas.values("one", { "insecure-registries": [`nas:${i}`] }));
        }
        const backups = fs
            .readdirSync(nas.path("dockerd.json.nas-registry"))
            .filter((name) => name.startsWith("backup-"));
        expect(backups).toHaveLength(5);
        expect(new Set(backups.map((name) => nas.read("dockerd.json.nas-registry", name))).size).toBe(5);
    });

    test("nothing starts a daemon that a person has stopped", async () => {
        await nas.succeed("apply");
        fs.rmSync(nas.path("docker-info"));
        await nas.succeed("revert");
        expect(nas.daemonFile).toBe(delivered);
        expect(nas.restarts).toBe(1);
    });

    test("a package that is gone with its file needs no revert", async () => {
        await nas.succeed("apply");
        fs.rmSync(nas.path("dockerd.json"));
        await nas.succeed("revert");
    });
});
