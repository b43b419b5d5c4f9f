/** Verification of the images on a NAS, by the program there; in the place of a container a shell with busybox's tools. */
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

import { describe, expect, test } from "vitest";

import { shells } from "../shells";
import { flip, manyImages, nasWith, upTo } from "./damaged";

describe.each(shells)("%s: whole images", (_, shell) => {
    test("are told to be whole, and nothing is touched or refused meanwhile", async () => {
        const nas = nasWith(shell);
        manyImages(nas, 10);
        const before = nas.content();
        const { code, result } = await nas.verify();
        expect([code, result.result, result.said]).toEqual([0, "ok", expect.stringContaining("41 blobs") as string]);
        expect(result).toMatchObject({ blobs_checked: "41", damaged: "0", missing: "0", round_complete: "yes" });
        expect(nas.content()).toEqual(before);
        expect(nas.asked).toEqual(["ro read ", "ro images"]);
    });

    test("and a damaged one is found, named and put aside while pushes are refused, until the cache has forgotten it", async () => {
        const nas = nasWith(shell);
        const [image] = manyImages(nas, 10);
        const hex = image?.blobs[3] ?? "";
        flip(nas.blob(hex), 77);
        const { code, result, broken } = await nas.verify();
        expect([code, result.result, result.damaged]).toEqual([0, "warning", "1"]);
        expect(result.said).toContain(image?.name);
        expect(broken).toEqual([`${image?.name} sha256:${hex} damaged`]);
        expect(nas.aside()).toEqual([hex]);
        expect(nas.asked).toEqual(["ro read ", "ro again ", "rw aside blocked", "flushed", "ro images"]);
        expect(fs.existsSync(path.join(nas.control, "registry/writes"))).toBe(false);
    });
});

describe("nothing was pushed yet", () => {
    test("is all well", async () => {
        expect((await nasWith().verify()).result).toMatchObject({ result: "ok", blobs_checked: "0" });
    });
});

describe("flipped bits", () => {
    test("1,000 in random blobs are all found, with the images, and nothing else is touched", async () => {
        const nas = nasWith();
        const images = manyImages(nas, 100);
        const before = nas.content();
        const blobs = nas.blobs();
        const flipped = new Set<string>();
        while (flipped.size < 1000) {
            const hex = blobs[upTo(blobs.length)] ?? "";
            const place = `${hex} ${upTo(fs.statSync(nas.blob(hex)).size * 8)}`;
            if (!flipped.has(place)) flip(nas.blob(hex), Number(place.slice(65)));
            flipped.add(place);
        }
        const damaged = [...new Set([...flipped].map((place) => place.slice(0, 64)))].sort();
        const { result, broken } = await nas.verify();
        expect(nas.aside()).toEqual(damaged);
        expect(result.damaged).toBe(String(damaged.length));
        // Of an image whose manifest is gone nothing more is known.
        const expected = images.flatMap(({ name, manifest, blobs: all }) =>
            (damaged.includes(manifest) ? [manifest] : all.filter((hex) => damaged.includes(hex))).map(
                (hex) => `${name} sha256:${hex} damaged`,
            ),
        );
        expect(broken.sort()).toEqual(expected.sort());
        const after = nas.content();
        const isUntouched = ([file, content]: [string, string]) => after.get(file) === content;
        expect(
            [...before].filter(([file]) => !damaged.some((hex) => file.includes(`/${hex}/data`))).every(isUntouched),
        ).toBe(true);
        // It stays known until it is pushed again.
        expect((await nas.verify()).broken.sort()).toEqual(expected.sort());
    });
});

/** Something else in the place of a file. */
const replaced = (put: (file: string) => unknown) => (file: string) => {
    fs.rmSync(file);
    put(file);
};

describe("a blob", () => {
    const faults: [string, (file: string) => void, string][] = [
        ["that was cut short", (file) => fs.truncateSync(file, 100), "damaged"],
        ["that is empty", (file) => fs.truncateSync(file, 0), "damaged"],
        ["that is longer", (file) => fs.appendFileSync(file, "x"), "damaged"],
        ["that is gone", (file) => fs.rmSync(file), "missing"],
        ["whose directory is gone", (file) => fs.rmSync(path.dirname(file), { recursive: true }), "missing"],
        ["in whose place is a pipe", replaced((file) => execFileSync("mkfifo", [file])), "damaged"],
        ["in whose place is a directory", replaced((file) => fs.mkdirSync(file)), "damaged"],
        [
            "in whose place is a link to the same content",
            (file) => {
                fs.renameSync(file, `${file}.elsewhere`);
                fs.symlinkSync("data.elsewhere", file);
            },
            "damaged",
        ],
        ["in whose place is a link to nothing", replaced((file) => fs.symlinkSync("nothing", file)), "damaged"],
    ];
    test.each(faults)("%s", async (_, spoil, how) => {
        const nas = nasWith();
        const [image] = manyImages(nas, 4);
        const hex = image?.blobs[3] ?? "";
        spoil(nas.blob(hex));
        const { result, broken } = await nas.verify();
        expect(result.result).toBe("warning");
        expect(broken).toEqual([`${image?.name} sha256:${hex} ${how}`]);
        expect(nas.aside()).toEqual(how === "damaged" ? [hex] : []);
        expect(fs.existsSync(nas.blob(hex))).toBe(false);
    });

    test("that no image needs is put aside, too", async () => {
        const nas = nasWith();
        manyImages(nas, 2);
        const hex = nas.putBlob("nobody's");
        flip(nas.blob(hex), 1);
        expect((await nas.verify()).result).toMatchObject({ result: "warning", damaged: "1", broken_images: "0" });
        expect(nas.aside()).toEqual([hex]);
        expect((await nas.verify()).result.result).toBe("ok");
    });

    test("that is damaged a second time does not replace what was put aside first", async () => {
        const nas = nasWith();
        const hex = nas.putBlob("a blob");
        for (const bit of [3, 4]) {
            nas.putBlob("a blob");
            flip(nas.blob(hex), bit);
            await nas.verify();
        }
        expect(nas.aside()).toEqual([hex, hex]);
    });

    test("is forgotten by the cache also when the program is killed right after it was put aside", async () => {
        const nas = nasWith();
        const [image] = manyImages(nas, 2);
        flip(nas.blob(image?.manifest ?? ""), 5);
        nas.install({}, {}, (program) =>
            program.replace(
                "    sync\n",
                `kill -9 $PPID $(sed -n s/^pid=//p ${nas.control}/operations/results/verify)\n`,
            ),
        );
        await nas.verify();
        expect([nas.asked.at(-1), nas.aside()]).toEqual(["rw aside blocked", [image?.manifest]]);
        nas.install();
        const { result, broken } = await nas.verify("scheduled=yes");
        expect(nas.asked.slice(3)).toEqual(
            ["flushed", "ro again", "ro images"].map((line) => expect.stringContaining(line) as string),
        );
        expect([result.result, broken]).toEqual(["warning", [`${image?.name} sha256:${image?.manifest} damaged`]]);
    });

    test("of a dry run stays where it is, and is named", async () => {
        const nas = nasWith();
        const [image] = manyImages(nas, 4);
        const hex = image?.blobs[3] ?? "";
        flip(nas.blob(hex), 5);
        const before = nas.content();
        const { result, broken } = await nas.verify("dry_run=yes");
        expect([result.result, result.damaged, broken]).toEqual([
            "warning",
            "1",
            [`${image?.name} sha256:${hex} damaged`],
        ]);
        expect(nas.content()).toEqual(before);
        expect(nas.asked.filter((line) => line.startsWith("rw"))).toEqual([]);
        expect(fs.existsSync(path.join(nas.control, "operations/verified"))).toBe(false);
    });

    test("stays where it is while the registry does not run, which is a failure", async () => {
        const nas = nasWith();
        const [image] = manyImages(nas, 2);
        flip(nas.blob(image?.manifest ?? ""), 5);
        fs.writeFileSync(path.join(nas.directory, "running"), "false\n");
        expect((await nas.verify()).result).toMatchObject({
            result: "failed",
            said: expect.stringContaining("start it") as string,
        });
        expect(nas.aside()).toEqual([]);
        fs.writeFileSync(path.join(nas.directory, "running"), "true\n");
        await nas.verify("scheduled=yes");
        expect(nas.aside()).toEqual([image?.manifest]);
    });
});
