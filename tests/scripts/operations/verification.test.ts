/** Verification of the images on a NAS, by the program there; in the place of a container a shell with busybox's tools. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import { afterEach, describe, expect, test } from "vitest";

import { shells } from "../shells";
import { ImagesOnNas } from "./imagesOnNas";

const made: ImagesOnNas[] = [];
afterEach(() => made.splice(0).forEach((each) => each.remove()));

function nasWith(shell?: readonly string[]): ImagesOnNas {
    const nas = new ImagesOnNas(shell);
    made.push(nas);
    return nas;
}

/** Images of three layers, one of them of all. */
function manyImages(nas: ImagesOnNas, count: number) {
    return Array.from({ length: count }, (_, index) => {
        const repository = `team/app${index % 7}`;
        const layers = [Buffer.from("the base"), randomBytes(300 + index), randomBytes(3000)];
        return { name: `${repository}:v${index}`, ...nas.putImage(repository, [`v${index}`], layers) };
    });
}

const flip = (file: string, bit: number) => {
    const content = fs.readFileSync(file);
    content[bit >> 3] = (content[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    fs.writeFileSync(file, content);
};
const upTo = (end: number) => Math.floor(Math.random() * end);

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

/** Tools of the container that fail: each gets the tool's own words. */
function withTool(nas: ImagesOnNas, name: string, script: string): void {
    const file = path.join(nas.directory, name);
    fs.writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    nas.install({}, {}, (program) => `${name}() { ${file} "$@"; }\n${program}`);
}

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

describe("what a manifest names", () => {
    test("is followed through indexes; annotations, embedded data and a subject are none of it", async () => {
        const nas = nasWith();
        const absent = `sha256:${"0".repeat(64)}`;
        const besides = {
            annotations: { digest: absent, 'a "quoted" \\': `{"layers":[{"digest":"${absent}"}]}` },
            subject: { mediaType: "m", size: 1, digest: absent },
        };
        const platforms = ["amd64", "arm64"].map((platform) => nas.putImage("app", [], [`for ${platform}`], besides));
        const index = nas.putManifest(
            "app",
            {
                schemaVersion: 2,
                mediaType: "application/vnd.oci.image.index.v1+json",
                manifests: platforms.map(({ manifest }) => ({
                    mediaType: "application/vnd.oci.image.manifest.v1+json",
                    digest: `sha256:${manifest}`,
                    size: 2,
                    annotations: { digest: absent },
                    platform: { os: "linux", architecture: "any" },
                })),
                ...besides,
            },
            "1.0",
            "latest",
        );
        expect((await nas.verify()).result.result).toBe("ok");
        const layer = platforms[1]?.blobs[2] ?? "";
        fs.rmSync(nas.blob(layer));
        expect((await nas.verify()).broken).toEqual([
            `app:1.0 sha256:${layer} missing`,
            `app:latest sha256:${layer} missing`,
        ]);
        fs.rmSync(nas.blob(index));
        expect((await nas.verify()).broken).toEqual([
            `app:1.0 sha256:${index} missing`,
            `app:latest sha256:${index} missing`,
            // The index that it belongs to is unknown now.
            `app@sha256:${platforms[1]?.manifest} sha256:${layer} missing`,
        ]);
    });

    test("an image without a tag is named by its digest", async () => {
        const nas = nasWith();
        const image = nas.putImage("deep/er/app", [], ["layer"]);
        fs.rmSync(nas.blob(image.blobs[1] ?? ""));
        expect((await nas.verify()).broken).toEqual([
            `deep/er/app@sha256:${image.manifest} sha256:${image.blobs[1]} missing`,
        ]);
    });

    test("a layer's link that is gone or empty, and a tag's", async () => {
        const nas = nasWith();
        const image = nas.putImage("app", ["1", "2"], ["layer"]);
        const [, config = "", layer = ""] = image.blobs;
        fs.rmSync(nas.layerLink("app", config));
        fs.truncateSync(nas.layerLink("app", layer));
        fs.truncateSync(nas.v2("repositories/app/_manifests/tags/2/current/link"));
        const { result, broken } = await nas.verify();
        expect(result).toMatchObject({ result: "warning", missing: "3", damaged: "0" });
        expect(broken.sort()).toEqual(
            [`app:1 sha256:${config} unlinked`, `app:1 sha256:${layer} unlinked`, "app:2 2 unlinked"].sort(),
        );
    });

    test("a tag whose manifest is not of the repository any more", async () => {
        const nas = nasWith();
        const { manifest } = nas.putImage("app", ["1"], ["layer"]);
        fs.rmSync(nas.v2("repositories/app/_manifests/revisions/sha256", manifest), { recursive: true });
        expect((await nas.verify()).broken).toEqual([`app:1 sha256:${manifest} unlinked`]);
    });

    test("a layer that is elsewhere, by its URLs, need not be here", async () => {
        const nas = nasWith();
        const foreign = {
            mediaType: "f",
            size: 1,
            digest: `sha256:${"5".repeat(64)}`,
            urls: ["https://files.example.com/5"],
        };
        nas.putImage("app", ["1"], [], { layers: [foreign] });
        expect((await nas.verify()).result.result).toBe("ok");
        nas.putImage("app", ["2"], [], { layers: [{ ...foreign, urls: undefined }] });
        expect((await nas.verify()).broken).toEqual([`app:2 ${foreign.digest} missing`]);
    });

    test("an index may lack images where the registry allows it", async () => {
        const nas = nasWith();
        const absent = `sha256:${"7".repeat(64)}`;
        nas.putManifest("app", { schemaVersion: 2, manifests: [{ digest: absent, size: 1 }] }, "1");
        expect((await nas.verify()).broken).toEqual([`app:1 ${absent} missing`]);
        nas.install({}, { sparse_indexes: "yes" });
        expect((await nas.verify()).result.result).toBe("ok");
    });
});

describe("names that nobody would give", () => {
    test("are left alone, and nothing is run or followed", async () => {
        const nas = nasWith();
        const [image] = manyImages(nas, 3);
        const odd = [
            "a\nb",
            "-rf",
            " ",
            "$(touch ran)",
            "`touch ran`",
            ";touch ran",
            "a b",
            "*",
            "\\",
            "é",
            "\u001b[2J",
        ];
        for (const name of odd) {
            for (const file of [
                `blobs/sha256/file ${name}`,
                `blobs/sha256/${name}/file`,
                `blobs/sha256/aa/${name}/data`,
                `repositories/${name}/_manifests/tags/1/current/link`,
                `repositories/team/app0/_manifests/tags/${name}/current/link`,
                `repositories/team/app0/_manifests/revisions/sha256/${name}/link`,
                `repositories/team/app0/_layers/sha256/${name}/link`,
            ]) {
                fs.mkdirSync(path.dirname(nas.v2(file)), { recursive: true });
                fs.writeFileSync(nas.v2(file), "odd");
            }
        }
        execFileSync("mkfifo", [nas.v2("blobs/sha256/pipe"), nas.v2("repositories/pipe")]);
        fs.symlinkSync("/etc", nas.v2("blobs/sha256/bb"), "dir");
        const before = nas.content();
        expect((await nas.verify()).result).toMatchObject({ result: "ok", blobs_checked: "13" });
        expect(nas.content()).toEqual(before);
        flip(nas.blob(image?.manifest ?? ""), 3);
        expect((await nas.verify()).broken).toEqual([`${image?.name} sha256:${image?.manifest} damaged`]);
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
