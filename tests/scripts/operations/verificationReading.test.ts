/** How verification reads blobs, and how its rounds go on. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import { describe, expect, test } from "vitest";

import { flip, manyImages, nasWith, upTo, withTool } from "./damaged";

describe("a reading", () => {
    test("that was wrong once is no damage", async () => {
        const nas = nasWith();
        manyImages(nas, 4);
        withTool(
            nas,
            "sha256sum",
            `[ -e ${nas.directory}/once ] || { : >${nas.directory}/once; cat >/dev/null; echo 00; exit; }; exec /usr/bin/sha256sum`,
        );
        expect((await nas.verify()).result).toMatchObject({ result: "ok", damaged: "0" });
        expect(nas.aside()).toEqual([]);
    });

    test("that is different each time is a fault of the NAS, and nothing is put aside", async () => {
        const nas = nasWith();
        manyImages(nas, 4);
        withTool(nas, "sha256sum", "cat >/dev/null; cat /proc/sys/kernel/random/uuid");
        const { result } = await nas.verify();
        expect(result).toMatchObject({ result: "failed", said: expect.stringContaining("test the memory") as string });
        expect(nas.aside()).toEqual([]);
    });

    test("that fails each time is damage", async () => {
        const nas = nasWith();
        const [image] = manyImages(nas, 4);
        const hex = image?.blobs[3] ?? "";
        flip(nas.blob(hex), 8);
        withTool(nas, "dd", `exit 1`);
        expect((await nas.verify()).broken).toEqual([`${image?.name} sha256:${hex} damaged`]);
        expect(nas.aside()).toEqual([hex]);
    });

    test("that lacks a tool is a failure, and no end of the round", async () => {
        const nas = nasWith();
        manyImages(nas, 4);
        nas.install({}, {}, (program) => `PATH=/nowhere\n${program}`);
        expect((await nas.verify()).result).toMatchObject({ result: "failed" });
        expect((await nas.verify()).output).toContain("the registry's image has no 'awk'");
        nas.install({}, {}, (program) => program.replace("xargs -r stat", "xargs -r status"));
        expect((await nas.verify()).result).toMatchObject({ result: "failed" });
    });

    test("that the container does not end is a failure, and no end of the round", async () => {
        const nas = nasWith();
        manyImages(nas, 4);
        nas.install({}, {}, (program) => program.replace("xargs -r stat", "kill -9 $$; stat"));
        expect((await nas.verify()).result).toMatchObject({
            result: "failed",
            said: expect.stringContaining("ended early") as string,
        });
        nas.install();
        expect((await nas.verify("scheduled=yes")).result).toMatchObject({
            round_complete: "yes",
            blobs_checked: "17",
        });
    });
});

describe("a round", () => {
    const often = (program: string) => program.replace("-lt 1000 ]", "-lt 1 ]");

    test("that was killed at any moment, again and again, finds what one finds that was not", async () => {
        const nas = nasWith();
        nas.install({}, {}, often);
        manyImages(nas, 60);
        const blobs = nas.blobs();
        const damaged = [...new Set(Array.from({ length: 40 }, () => blobs[upTo(blobs.length)] ?? ""))].sort();
        for (const hex of damaged) flip(nas.blob(hex), 9);
        const whole = await nas.verify("dry_run=yes");
        for (let kill = 0; kill < 12; kill++) await nas.verifyForMilliseconds(upTo(900));
        const { result, broken } = await nas.verify();
        expect(nas.aside()).toEqual(damaged);
        expect(broken).toEqual(whole.broken);
        expect(result).toMatchObject({ damaged: String(damaged.length), round_complete: "yes" });
        expect(fs.existsSync(path.join(nas.control, "registry/writes"))).toBe(false);
        expect(nas.asked.at(-2)).not.toBe("rw aside blocked");
    });

    test("goes on where it was killed", async () => {
        const nas = nasWith();
        nas.install({}, {}, often);
        manyImages(nas, 100);
        await nas.verifyForMilliseconds(800);
        const position = () => fs.readFileSync(path.join(nas.control, "operations/verified"), "utf8");
        const read = Number(/^blobs=(\d+)$/m.exec(position())?.[1]);
        expect(read).toBeGreaterThan(0);
        nas.install({}, {}, (program) =>
            program
                .replace("stat -c", `tee ${nas.directory}/listed | xargs -r stat -c`)
                .replace("xargs -r tee", "tee -a"),
        );
        const { result } = await nas.verify("scheduled=yes");
        expect(result).toMatchObject({ blobs_checked: String(nas.blobs().length), round_complete: "yes" });
        const listed = fs.readFileSync(path.join(nas.directory, "listed"), "utf8").trim().split("\n");
        expect(listed).toHaveLength(nas.blobs().length - read);
    });

    test("is due by its days, goes on until it is complete, and is begun anew when that is asked for", async () => {
        const nas = nasWith();
        manyImages(nas, 5);
        await nas.verify("scheduled=yes");
        const reads = () => nas.asked.filter((line) => line === "ro read ").length;
        expect(reads()).toBe(1);
        // What lacks something is found in between as well.
        const [hex = ""] = nas.blobs();
        const content = fs.readFileSync(nas.blob(hex));
        fs.rmSync(nas.blob(hex));
        expect((await nas.verify("scheduled=yes")).result).toMatchObject({ result: "warning", missing: "1" });
        expect(reads()).toBe(1);
        fs.writeFileSync(nas.blob(hex), content);
        expect((await nas.verify()).result).toMatchObject({ result: "ok", blobs_checked: "21" });
        expect(reads()).toBe(2);
        const file = path.join(nas.control, "operations/verified");
        const monthAgo = Math.floor(Date.now() / 1000) - 30 * 86_400;
        fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace(/^last_round=.*$/m, `last_round=${monthAgo}`));
        await nas.verify("scheduled=yes");
        expect(reads()).toBe(3);
        await nas.verify("all=yes");
        expect(reads()).toBe(4);
    });

    test("stops when its hours are over, and goes on within the next", async () => {
        const nas = nasWith();
        manyImages(nas, 100);
        const seconds = (value: string) => nas.install({ hours: "1-6" }, { seconds_of_test: value });
        const script = path.join(nas.control, "operations/run");
        const within = (left: string) => {
            seconds(left);
            fs.writeFileSync(
                script,
                fs.readFileSync(script, "utf8").replace("seconds=$(seconds_left)", "seconds=$seconds_of_test"),
            );
        };
        within("0");
        expect((await nas.verify("scheduled=yes")).result).toMatchObject({
            result: "ok",
            said: expect.stringContaining("between 1 and 6") as string,
        });
        within("1");
        nas.install({}, {}, (program) =>
            program
                .replace("seconds=$2", "seconds=1")
                .replace('is_file "$file"; then', '{ sleep 0.01; is_file "$file"; }; then'),
        );
        const { result } = await nas.verify("scheduled=yes");
        expect(result).toMatchObject({
            result: "ok",
            round_complete: "no",
            said: expect.stringContaining("goes on") as string,
        });
        expect(Number(result.blobs_checked)).toBeGreaterThan(0);
        nas.install();
        expect((await nas.verify("scheduled=yes")).result).toMatchObject({
            round_complete: "yes",
            blobs_checked: "401",
        });
    });

    test.each([
        ["1-6", "00:59:59", 0],
        ["1-6", "01:00:00", 18_000],
        ["1-6", "05:59:59", 1],
        ["1-6", "06:00:00", 0],
        ["22-4", "21:59:59", 0],
        ["22-4", "22:00:00", 21_600],
        ["22-4", "03:59:00", 60],
        ["22-4", "04:00:00", 0],
        ["0-24", "08:09:08", 57_052],
        ["5-5", "04:00:00", 3600],
    ])("of hours %s has at %s %i seconds left", (hours, time, left) => {
        const script = fs.readFileSync(
            path.join(__dirname, "../../../components/operations/verification/verification.sh"),
            "utf8",
        );
        const [, text = ""] = /^(seconds_left\(\) \{[^]*?^\})/m.exec(script) ?? [];
        const date = `date() { echo ${time.replaceAll(":", " ")}; }`;
        expect(
            execFileSync("busybox", ["ash", "-c", `${date}\nverify_hours=${hours}\n${text}\nseconds_left`], {
                encoding: "utf8",
            }).trim(),
        ).toBe(String(left));
    });

    test("reads no faster than it may, a large blob and many small ones", async () => {
        const nas = nasWith();
        nas.install({ rate: "1m" });
        nas.putBlob(randomBytes(2 ** 21 + 100));
        for (let count = 0; count < 20; count++) nas.putBlob(randomBytes(2 ** 16));
        const began = Date.now();
        expect((await nas.verify()).result).toMatchObject({ blobs_checked: "21", damaged: "0" });
        const seconds = (Date.now() - began) / 1000;
        expect(seconds).toBeGreaterThan(3);
        expect(seconds).toBeLessThan(8);
    });
});
