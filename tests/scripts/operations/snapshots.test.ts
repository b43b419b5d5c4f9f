import * as fs from "node:fs";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { ScriptValues } from "../../../components/nas/script";
import { snapshotValues } from "../../../components/operations/snapshots/snapshots";
import { shells } from "../shells";
import { Program } from "./program";

const HEAD = "tank/my apps@nas-registry-registry-";
const OURS: Nas["ours"] = [`${HEAD}20260101-000000`, `${HEAD}20260101-060000`, `${HEAD}20260101-120000`];
/** Of other people, other registries and other datasets. */
const OTHERS = [
    "tank/my apps@20260101-000000",
    "tank/my apps@auto-2026-01-01_00-00",
    "tank/my apps@nas-registry-registry-",
    `${HEAD}20260101-000000-20260101-000000`,
    `${HEAD}2026010-0000000`,
    `${HEAD}keep this`,
    `x${HEAD}20260101-000000`,
    "tank/my apps/registry@nas-registry-registry-20260101-000000",
    "tank/my@nas-registry-registry-20260101-000000",
    "tank/my apps@nas-registry-other-20260101-000000",
    "tank/my apps@my-nas-registry-registry-20260101-000000",
];
const share = (time: string, desc = "nas-registry-registry", more: object = { lock: false }) =>
    JSON.stringify({ desc, ...more, time });
const OURS_IN_DSM: Nas["ours"] = [
    share("GMT+01-2026.03.25-02.30.00"),
    share("GMT+01-2026.03.29-01.30.00"),
    share("GMT+02-2026.03.29-03.00.00"),
];
const OTHERS_IN_DSM = [
    share("GMT+01-2026.01.01-00.00.01", ""),
    share("GMT+01-2026.01.01-00.00.02", "nas-registry-registry-2"),
    share("GMT+01-2026.01.01-00.00.03", "my nas-registry-registry"),
    // A person wants to keep it, or it cannot be removed.
    share("GMT+01-2026.01.01-00.00.04", undefined, { lock: true }),
    share("GMT+01-2026.01.01-00.00.05", undefined, { lock: false, worm_lock: true }),
    share("-rf ../*"),
];

interface Nas {
    scripts: string[];
    mounts: string;
    data: string;
    /** Of this registry, the oldest first, and of others. */
    ours: [string, string, string];
    others: string[];
    /** The call that makes one, and the one that removes it. */
    made: RegExp;
    removes: (line: string) => string;
    of: string;
    /** Of the command. */
    makes: string;
}
const linux: Nas = {
    scripts: ["nas/linux/linux.sh", "nas/zfs.sh"],
    mounts: "tank /mnt/tank zfs rw 0 0\ntank/my\\040apps /mnt/my\\040apps zfs rw 0 0",
    data: "/mnt/my apps/registry-data",
    ours: OURS,
    others: OTHERS,
    made: /^zfs snapshot tank\/my apps@nas-registry-registry-\d{8}-\d{6}$/,
    removes: (line: string) => `zfs destroy ${line}`,
    of: "the dataset 'tank/my apps'",
    makes: "snapshot",
};
const synology: Nas = {
    scripts: ["nas/synology/synology.sh", "nas/synology/dsm.sh", "nas/synology/snapshot.sh"],
    mounts: "/dev/mapper/cachedev_0 /volume1 btrfs rw 0 0",
    data: "/volume1/docker/registry-data",
    ours: OURS_IN_DSM,
    others: OTHERS_IN_DSM,
    made: /^synosharesnapshot create docker desc=nas-registry-registry lock=false$/,
    removes: (line: string) =>
        `synosharesnapshot delete docker ${(JSON.parse(line) as Record<string, string>).time ?? ""}`,
    of: "the shared folder 'docker'",
    makes: "create",
};

describe.each(shells)("snapshots under %s", (_, shell) => {
    let program: Program;
    beforeEach(() => (program = new Program(shell)));
    afterEach(() => program.host.remove());

    const state = (name: string) => program.host.path(name);
    const lines = (name: string) => fs.readFileSync(state(name), "utf8").split("\n").filter(Boolean);
    const put = (...there: readonly string[]) =>
        fs.writeFileSync(state("snapshots"), there.map((it) => `${it}\n`).join(""));
    const take = async ({ scripts, mounts, data }: Nas, words: string[] = [], args: ScriptValues = {}) => {
        fs.writeFileSync(state("calls"), "");
        const files = [...scripts.map((each) => `../${each}`), "../../tests/scripts/operations/snapshots.sh"];
        const values = { state: program.host.directory, mounts, expected: "tank/my apps", data_directory: data };
        const { code } = await program.run(["perform", "snapshot", ...words], [...files, "snapshots/snapshots.sh"], {
            ...snapshotValues({ keep: 3 }),
            ...values,
            ...args,
        });
        const record = words.includes("dry_run=yes") ? "results/snapshot.dry" : "results/snapshot";
        const of = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(program.read(record))?.[1];
        const calls = lines("calls").filter((line) => !line.startsWith("zfs list "));
        return { code, result: of("result"), said: of("said"), kept: of("kept"), calls };
    };

    describe.each(Object.entries({ linux, synology }))("on %s", (__, nas) => {
        test("are made, and the oldest of this registry's go, one by one, and nothing of anybody else's", async () => {
            put(...nas.others, ...nas.ours);
            const { code, result, said, kept, calls } = await take(nas);
            expect([code, result, said, kept]).toEqual([0, "ok", `made a snapshot of ${nas.of}; there are 3`, "3"]);
            expect(calls).toEqual([expect.stringMatching(nas.made), nas.removes(nas.ours[0])]);
            expect(lines("snapshots").slice(0, -1)).toEqual([...nas.others, ...nas.ours.slice(1)]);
        });

        test("when fewer are to stay the others go before there is a new one, which may need their room", async () => {
            put(...nas.ours);
            fs.writeFileSync(state("fault"), nas.makes);
            const { code, result, calls } = await take(nas, [], { keep_snapshots: 1 });
            expect([code, result]).toEqual([1, "failed"]);
            expect(calls.slice(0, 2)).toEqual([nas.removes(nas.ours[0]), nas.removes(nas.ours[1])]);
            expect(lines("snapshots")).toEqual([nas.ours[2]]);
        });

        test("one that is new by what is listed stays, whatever the clock says", async () => {
            const later = nas.ours.map((line) => line.replace("2026", "2099"));
            put(...later);
            await take(nas, [], { keep_snapshots: 1 });
            expect(lines("snapshots")).toHaveLength(1);
            expect(lines("snapshots")[0]).not.toContain("2099");
        });

        test("without a list nothing is made or removed", async () => {
            put(...nas.ours);
            fs.writeFileSync(state("fault"), "list");
            const { code, said, calls } = await take(nas);
            expect([code, calls]).toEqual([1, []]);
            expect(said).toContain("does not list its snapshots");
        });
    });

    describe("on any NAS", () => {
        const nas = linux;
        test("when the first is made nothing goes", async () => {
            put(...nas.others);
            const { result, kept, calls } = await take(nas);
            expect([result, kept, calls.length]).toEqual(["ok", "1", 1]);
        });

        test("a dry run changes nothing", async () => {
            put(...nas.others, ...nas.ours);
            const { said, calls } = await take(nas, ["dry_run=yes"]);
            expect([said, calls]).toEqual([
                `would make a snapshot of ${nas.of}, and remove 1 of the 3 that this registry has made`,
                [],
            ]);
        });

        test("old ones that stay are told", async () => {
            put(...nas.ours);
            fs.writeFileSync(state("fault"), "destroy");
            const { code, result, said } = await take(nas);
            expect([code, result]).toEqual([0, "warning"]);
            expect(said).toContain("keep their space: there are 4");
        });

        test("one that is said to be made, and is not there, is none", async () => {
            put(...nas.ours);
            fs.writeFileSync(state("fault"), "nothing");
            const { code, said, calls } = await take(nas);
            expect([code, calls.length]).toEqual([1, 1]);
            expect(said).toContain("does not list it");
        });

        test("a command that never ends is not waited for", async () => {
            put(...nas.ours);
            fs.writeFileSync(state("fault"), `hang ${nas.makes}`);
            const { code, said } = await take(nas, [], { snapshot_seconds: 1 });
            expect([code, said]).toEqual([1, expect.stringContaining("the NAS made no snapshot")]);
            expect(program.read("results/snapshot.output")).toContain("takes longer than 1 seconds");
        });

        test("something mounted among the images is not left out in silence", async () => {
            const mounts = `${nas.mounts}\ntmpfs ${nas.data.replace(" ", "\\040")}/docker tmpfs rw 0 0`;
            put();
            const { code, said, calls } = await take({ ...nas, mounts });
            expect([code, calls]).toEqual([1, []]);
            expect(said).toContain("something else is mounted in");
        });
    });

    test.each([
        [{ ...linux, mounts: "/dev/sda1 / ext4 rw 0 0" }, "is on ext4, and snapshots are made of ZFS alone here"],
        [{ ...synology, mounts: "/dev/md2 /volume1 ext4 rw 0 0" }, "'/volume1' is no volume with Btrfs"],
        [{ ...synology, data: "/volume1/other/registry-data" }, "is in no shared folder"],
        [{ ...synology, data: "/srv/registry-data" }, "is in no shared folder"],
    ])("where there can be none that is said", async (nas, why) => {
        put();
        const { code, said, calls } = await take(nas);
        expect([code, calls]).toEqual([1, []]);
        expect(said).toContain(`operations.snapshots: `);
        expect(said).toContain(why);
    });

    test.each([{}, { lock: "false" }])("of which DSM says only %j none is made or removed", async (more) => {
        put(...synology.ours, share("GMT+01-2026.01.01-00.00.06", undefined, more));
        const { code, calls } = await take(synology);
        expect([code, calls]).toEqual([1, []]);
        expect(program.read("results/snapshot.output")).toContain("DSM does not say what its snapshots were made for");
    });

    test("a list that is cut short, as on a full disk, is none", async () => {
        put(...linux.ours);
        const { code, said, calls } = await take(linux, [], { short: "yes" });
        expect([code, calls]).toEqual([1, []]);
        expect(said).toContain("does not list its snapshots");
    });

    test("`up` says so, and changes nothing", async () => {
        const values = {
            control_directory: program.control,
            container_name: "registry",
            program: "",
            scheduled: "yes",
        };
        const { code, stderr } = await program.host.run(
            ["nas/qnap/qnap.sh", "nas/zfs.sh", "../tests/scripts/operations/snapshots.sh", "operations/install.sh"],
            {
                ...values,
                snapshots_of: "/share/CACHEDEV1_DATA/Container/registry-data",
                mounts: "/dev/dm-0 / ext4 rw 0 0",
            },
        );
        expect([code, fs.existsSync(`${program.control}/operations/run`)]).toEqual([1, false]);
        expect(stderr).toMatch(/operations\.snapshots: .* is on ext4, .* as QTS does/);
    });

    test("nobody has asked for any", async () => {
        const { code, said } = await take(linux, [], snapshotValues(undefined));
        expect([code, said]).toEqual([1, expect.stringContaining("set operations.snapshots, and run 'up'")]);
    });
});
