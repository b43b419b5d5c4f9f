import * as fs from "node:fs";
import * as path from "node:path";

import { describe, expect, test } from "vitest";

import {
    CACHE_TAG,
    DEFAULT_IMAGE,
    DEFAULT_REDIS_IMAGE,
    DEFAULT_RESTIC_IMAGE,
    REGCTL_TAG,
    REGISTRY_TAG,
    REGSYNC_TAG,
    RESTIC_TAG,
} from "../../../components/registry/sections/images";
import { problemsOf } from "../arguments";

const root = path.join(__dirname, "..", "..", "..");
const read = (file: string) => fs.readFileSync(path.join(root, file), "utf8");

test.each([
    [DEFAULT_IMAGE, REGISTRY_TAG],
    [DEFAULT_REDIS_IMAGE, CACHE_TAG],
])("%s is a tag with its digest, and an allowed value", (image, tag) => {
    expect(image).toMatch(new RegExp(`^${tag}@sha256:[0-9a-f]{64}$`));
    expect(tag).toMatch(/^[a-z/]+:\d+\.\d+\.\d+(-alpine)?$/);
    expect(problemsOf({ image, redisImage: image })).toBe("");
});

test("restic's image is a tag with its digest", () => {
    expect(DEFAULT_RESTIC_IMAGE).toMatch(new RegExp(`^${RESTIC_TAG}@sha256:[0-9a-f]{64}$`));
});

test.each([
    [REGISTRY_TAG, "registry", "distribution/v3", "registry:"],
    [RESTIC_TAG, "restic", "restic/restic", "restic/restic:"],
    [REGCTL_TAG, "regclient", "regclient/regclient", "regclient/regctl:v"],
    [REGSYNC_TAG, "regclient", "regclient/regclient", "regclient/regsync:v"],
])("%s is of the release that the tests run", (tag, folder, module, name) => {
    const [, version] = new RegExp(`${module} v(\\S+)`).exec(read(`toolchain/${folder}/go.mod`)) ?? [];
    expect(tag).toBe(`${name}${version}`);
});

describe("the tags of the default images", () => {
    const docs = fs.readdirSync(path.join(root, "docs"), { recursive: true, encoding: "utf8" });
    const pages = docs.filter((page) => page.endsWith(".md")).map((page) => `docs/${page}`);
    const sections = ["container", "cache"].map((name) => `components/registry/sections/${name}.ts`);
    const files = ["README.md", "schema.json", ...sections, "lab/README.md", ...pages];
    const operations = [RESTIC_TAG, REGCTL_TAG, REGSYNC_TAG];
    /** Whole versions; "registry:3" and another cache in an example are no defaults. */
    const version = /\bregistry:\d+\.\d+\.\d+[\w-]*|\b(valkey\/valkey|restic\/restic|regclient\/[a-z]+):v?\d[\w.-]*\w/g;
    const named = (file: string) => read(file).match(version) ?? [];

    test.each(files)("are the ones that %s names", (file) => {
        expect([REGISTRY_TAG, CACHE_TAG, ...operations]).toEqual(expect.arrayContaining(named(file)));
    });

    test.each([sections, ["lab/README.md"]])("are both in %s", (...places) => {
        expect(new Set(places.flatMap(named))).toEqual(new Set([REGISTRY_TAG, CACHE_TAG]));
    });

    test("are those of docs/why/images.md, which says why", () => {
        expect(named("docs/why/images.md")).toEqual(expect.arrayContaining(operations));
    });
});
