import * as fs from "node:fs";
import * as path from "node:path";

import { describe, expect, test } from "vitest";

import {
    CACHE_TAG,
    DEFAULT_IMAGE,
    DEFAULT_REDIS_IMAGE,
    REGISTRY_TAG,
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

test("the default registry is of the release that the tests run", () => {
    const [, version] = /distribution\/v3 v(\S+)/.exec(read("toolchain/registry/go.mod")) ?? [];
    expect(REGISTRY_TAG).toBe(`registry:${version}`);
});

describe("the tags of the default images", () => {
    const docs = fs.readdirSync(path.join(root, "docs"), { recursive: true, encoding: "utf8" });
    const pages = docs.filter((page) => page.endsWith(".md")).map((page) => `docs/${page}`);
    const sections = ["container", "cache"].map((name) => `components/registry/sections/${name}.ts`);
    const files = ["README.md", "schema.json", ...sections, "lab/README.md", ...pages];
    /** Whole versions of the two; "registry:3" and another cache in an example are no defaults. */
    const named = (file: string) =>
        read(file).match(/\bregistry:\d+\.\d+\.\d+[\w-]*|\bvalkey\/valkey:\d[\w.-]*\w/g) ?? [];

    test.each(files)("are the ones that %s names", (file) => {
        expect([REGISTRY_TAG, CACHE_TAG]).toEqual(expect.arrayContaining(named(file)));
    });

    test.each([sections, ["lab/README.md"]])("are both in %s", (...places) => {
        expect(new Set(places.flatMap(named))).toEqual(new Set([REGISTRY_TAG, CACHE_TAG]));
    });
});
