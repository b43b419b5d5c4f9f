import { expect, test } from "vitest";

import { DATA_MOUNT } from "../../components/registry/sections/container";
import { extraConfigProblems, mergeExtraConfig } from "../../components/registry/sections/extraConfig";
import type { ConfigTree } from "../../components/registry/sections/yaml";
import { pushImage } from "./image";
import { startFailure, startRegistry } from "./server";

const base: ConfigTree = {
    version: 0.1,
    storage: { filesystem: { rootdirectory: DATA_MOUNT } },
    http: { prefix: "/first/", headers: { "X-A": ["a"] } },
};
const withExtra = (text: string) => {
    expect(extraConfigProblems(text, base)).toEqual([]);
    return startRegistry({ config: mergeExtraConfig(base, text) });
};

test("a section that was not there works", async () => {
    const registry = await withExtra("catalog: {maxentries: 2}");
    expect((await registry.fetch("/first/v2/_catalog?n=2")).status).toBe(200);
    expect((await registry.fetch("/first/v2/_catalog?n=3")).status).toBe(400);
});

test("a key inside a section wins, and the others stay", async () => {
    const registry = await withExtra("http: {prefix: /below/}");
    expect((await registry.fetch("/first/v2/")).status).toBe(404);
    const { status, headers } = await registry.fetch("/below/v2/");
    expect([status, headers.get("x-a")]).toEqual([200, "a"]);
});

test("a key that is taken away is gone", async () => {
    const registry = await withExtra("http: {prefix: null}");
    const { status, headers } = await registry.fetch("/v2/");
    expect([status, headers.get("x-a")]).toEqual([200, "a"]);
});

test.each(["off", "12:30", "2001-01-01", "0755", "1_000"])("%j in quotes stays text", async (value) => {
    // Shown by the log, where a fault would be false, 750, a time, 493 and 1000.
    const text = `log: {formatter: json, fields: {shown: "${value}"}}`;
    const registry = await startRegistry({ config: mergeExtraConfig(base, text) });
    expect(registry.log).toContain(`"shown":"${value}"`);
});

// What extraConfigProblems says of the program, where it would not show otherwise.
const plain: ConfigTree = { ...base, http: {} };

test("a second storage driver does not start", async () => {
    const s3: ConfigTree = { ...base, storage: { s3: { bucket: "images", region: "eu-central-1" } } };
    const text = "storage: {filesystem: {maxthreads: 50}}";
    expect(extraConfigProblems(text, s3)).toHaveLength(1);
    expect(await startFailure({ config: mergeExtraConfig(s3, text) })).toContain(
        "must provide exactly one storage type",
    );
});

test("no version does not start", async () => {
    expect(extraConfigProblems("version: null", base)).toHaveLength(1);
    expect(await startFailure({ config: mergeExtraConfig(base, "version: null") })).toContain("version");
});

test("a boolean in quotes is not enabled, without a word", async () => {
    const text = "storage: {delete: {enabled: 'true'}}";
    expect(extraConfigProblems(text)).toContainEqual(expect.stringContaining("without quotes"));
    const registry = await startRegistry({ config: mergeExtraConfig(plain, text) });
    const { manifest } = await pushImage(registry, "a", "1");
    expect((await registry.fetch(manifest, { method: "DELETE" })).status).toBe(405);
});

test("a misspelled key is ignored, without a word", async () => {
    expect(extraConfigProblems("catalog: {maxentires: 2}", base)).toHaveLength(1);
    const registry = await startRegistry({ config: mergeExtraConfig(plain, "catalog: {maxentires: 2}") });
    expect((await registry.fetch("/v2/_catalog?n=3")).status).toBe(200);
    expect(registry.log).not.toContain("maxentires");
});
