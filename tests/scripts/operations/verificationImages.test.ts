/** What verification says of images that lack something. */
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

import { describe, expect, test } from "vitest";

import { flip, manyImages, nasWith } from "./damaged";

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
