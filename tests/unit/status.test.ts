import { describe, expect, test } from "vitest";

import { growthOf, type DayOfDisk } from "../../components/cli/operations/growth";
import { standingOf } from "../../components/cli/operations/standing";
import { page, sizeOf } from "../../components/cli/operations/statusPage";
import { certificatesIn } from "../../components/certificates/pem";
import { issue } from "../certificates";

const DAY = 86_400;
const at = Date.parse("2026-11-28T12:00:00Z") / 1000;
/** What the NAS says of a registry that is well. */
const well: Record<string, string> = {
    now: `${at}`,
    zone: "+0100",
    ticked: `${at - 120}`,
    "gc.schedule": "30 3 * * 0",
    "gc.result": "ok",
    "gc.began": `${at - 6 * DAY}`,
    "gc.ended": `${at - 6 * DAY + 60}`,
    "gc.said": "freed 1.2 GiB: 7 blobs",
    "gc.pid": "4711",
    "gc.freed_bytes": "1288490188",
    "verify.schedule": "0 4 1 * *",
    state: "running healthy",
    version: "3.1.2",
    measured: `${at - 3600}`,
    images_bytes: `${3 * 2 ** 30}`,
    unused_bytes: `${2 ** 20}`,
    "repository/team/app": `${2 ** 30}`,
    "repository/base": `${2 ** 31}`,
    disk_bytes: `${2 ** 42}`,
    free_bytes: `${2 ** 41}`,
    cache_hits: "932",
    cache_misses: "68",
};
const of = (more: Record<string, string> = {}, context: Partial<Parameters<typeof standingOf>[2]> = {}) =>
    standingOf("nas.lan:5000", { ...well, ...more }, { certificates: [], problems: [], ...context });
const days = (used: (day: number) => number, count: number): Record<string, string> =>
    Object.fromEntries(
        Array.from({ length: count }, (_, i) => [
            `day/${at - i * DAY}`,
            `${1000 + used(count - i)} ${2 ** 41 - used(count - i)}`,
        ]),
    );

describe("the status of a registry", () => {
    test("that is well has no finding, and is a page for people", () => {
        expect(of().findings).toEqual([]);
        expect(page(of())).toBe(`nas.lan:5000, 2026-11-28 13:00 on the NAS

operation  last run          result  next run          what it said
gc         2026-11-22 13:00  ok      2026-11-29 03:30  freed 1.2 GiB: 7 blobs
verify     never             -       2026-12-01 04:00

registry      running, healthy, release 3.1.2
scheduler     looked at 2026-11-28 12:58 what is due
images        3.0 GiB, 1.0 MiB of it in use by none, counted at 2026-11-28 12:00
disk          2.0 TiB of 4.0 TiB are free
growth        not known before the third day with a schedule
cache         93.2 % of 1000 look-ups were hits

by repository, what several share counted for each:
     2.0 GiB  base
     1.0 GiB  team/app

all is well
`);
    });

    test("is one object for programs, its times in UTC", () => {
        expect(of()).toMatchObject({
            at: "2026-11-28T12:00:00.000Z",
            zone: 60,
            operations: [
                {
                    operation: "gc",
                    schedule: "30 3 * * 0",
                    next: "2026-11-29T02:30:00.000Z",
                    result: "ok",
                    noted: { freed_bytes: "1288490188" },
                },
                { operation: "verify" },
            ],
            images: { bytes: 3 * 2 ** 30, repositories: [{ name: "base" }, { name: "team/app" }] },
            cache: { hits: 932, misses: 68 },
        });
        expect(JSON.stringify(of())).not.toContain("4711");
    });

    test("of which nothing is scheduled, and nothing has run, says so and needs no scheduler", () => {
        const standing = standingOf(
            "nas.lan:5000",
            { now: `${at}`, zone: "+0000", state: "running", ticked: `${at - 90 * DAY}` },
            { certificates: [], problems: [] },
        );
        expect([standing.findings, standing.looked]).toEqual([[], undefined]);
        expect(page(standing)).toContain("no operation has a schedule, and none has run\n");
    });

    test("shows twenty repositories, and how many there are besides", () => {
        const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`repository/r${i}`, `${i}`]));
        expect(page(of(many))).toContain("and 12 more, see --json");
    });
});

describe("somebody is told", () => {
    const overdue = { ticked: `${at - 2 * DAY}`, "gc.schedule": "30 3 * * *" };
    test.each<[string, Record<string, string>, string[]]>([
        ["that an operation failed", { "gc.result": "failed", "gc.said": "no" }, ["gc failed: no"]],
        ["of a warning", { "gc.result": "warning", "gc.said": "mind this" }, ["gc: mind this"]],
        [
            "that one was interrupted",
            { "gc.result": "running" },
            ["gc was interrupted: what it has left is put right by the next run"],
        ],
        ["nothing while it runs", { "gc.result": "running", busy: "yes", writes: "blocked" }, []],
        [
            "that the scheduler has stopped, and what is overdue since",
            overdue,
            [
                "gc is overdue since 2026-11-27T02:30Z",
                "the NAS's scheduler has not looked since 2026-11-26T12:00Z what is due: see whether its task is there and enabled, and run 'pulumi up' otherwise",
            ],
        ],
        ["nothing of a look half an hour ago", { ticked: `${at - 1700}` }, []],
        ["nothing while what is due waits for another operation", { busy: "yes", ticked: `${at - 0.9 * DAY}` }, []],
        [
            "that an operation does not end",
            { busy: "yes", ticked: `${at - 1.1 * DAY}` },
            ["an operation runs for more than a day, and what is due waits for it: see 'nas-registry logs'"],
        ],
        [
            "that the registry does not run",
            { state: "exited unhealthy" },
            ["the registry is not well: its container is exited"],
        ],
        [
            "that it is not well",
            { state: "running unhealthy" },
            ["the registry is not well: its container is running, unhealthy"],
        ],
        ["nothing of one that starts", { state: "running starting" }, []],
        [
            "that writes stay blocked",
            { writes: "blocked" },
            [
                "pushes and deletes are refused though no operation runs: run one, 'nas-registry gc' for instance, which ends that",
            ],
        ],
        ["that the disk is nearly full", { free_bytes: "1000" }, ["the volume of the images has less than 1 GiB free"]],
        [
            "that it will be soon",
            { free_bytes: `${100 * 2 ** 30}`, ...days((day) => day * 5 * 2 ** 30, 10) },
            ["the volume of the images is full in 20 days, as it grows now"],
        ],
    ])("%s", (_, more, findings) => expect(of(more).findings).toEqual(findings));

    test("of a release with known holes", () => {
        expect(of({ version: "3.2" }).findings).toEqual([]);
        expect(of({ version: "2.8." }).findings).toHaveLength(1);
        expect(of({ version: "3.0.0" }).findings).toEqual([
            expect.stringMatching(
                /^the registry is of release 3\.0\.0 and has known holes, CVE-.*: use 3\.1\.2 or newer$/,
            ),
        ]);
    });

    test("of certificates that end within 30 days, and of what is not as it was left", async () => {
        const made = await issue("nas.lan", {
            notBefore: new Date("2026-01-01T00:00:00Z"),
            notAfter: new Date("2026-12-10T13:00:00Z"),
        });
        const certificates = certificatesIn(made.certificate);
        expect(of({}, { certificates }).findings).toEqual([
            "the certificate 'CN=nas.lan' ends in 12 days, on 2026-12-10",
        ]);
        expect(page(of({}, { certificates }))).toContain("certificate   'CN=nas.lan' until 2026-12-10, 12 days\n");
        expect(of({ now: `${at + 13 * DAY}` }, { certificates }).findings).toContain(
            "the certificate 'CN=nas.lan' has ended, on 2026-12-10",
        );
        expect(of({}, { problems: ["the task is gone"] }).findings).toEqual(["the task is gone"]);
    });
});

describe("the growth of a volume", () => {
    const made = (count: number, free: (day: number) => number): DayOfDisk[] =>
        Array.from({ length: count }, (_, i) => ({ at: i * DAY * 1000, images: i * 10, free: free(i) }));
    const last = (count: number) => (count - 1) * DAY * 1000;

    test("is what it was on the days before, and says when it is full", () => {
        expect(
            growthOf(
                made(10, (day) => 1000 - day * 20),
                820,
                last(10),
            ),
        ).toEqual({
            imagesPerDay: 10,
            usedPerDay: 20,
            daysToFull: 41,
        });
    });

    test("of one that is emptied is below zero, and it never fills", () => {
        expect(
            growthOf(
                made(10, (day) => 1000 + day * 20),
                1180,
                last(10),
            ),
        ).toEqual({
            imagesPerDay: 10,
            usedPerDay: -20,
        });
    });

    test("is not known of fewer than three days, nor of days long ago, nor of three looks at once", () => {
        expect(
            growthOf(
                made(2, () => 5),
                5,
                last(2),
            ),
        ).toBeUndefined();
        expect(
            growthOf(
                made(9, () => 5),
                5,
                last(99),
            ),
        ).toBeUndefined();
        const same = [1, 2, 3].map((free) => ({ at: 5, images: free, free }));
        expect(growthOf(same, 5, 5)).toEqual({ imagesPerDay: 0, usedPerDay: 0 });
    });
});

test.each([
    [0, "0 bytes"],
    [1023, "1023 bytes"],
    [1024, "1.0 KiB"],
    [-3 * 2 ** 20, "-3.0 MiB"],
    [2 ** 52, "4096.0 TiB"],
])("%d bytes are %j", (bytes, text) => expect(sizeOf(bytes)).toBe(text));
