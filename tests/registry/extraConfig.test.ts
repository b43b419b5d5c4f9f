import { expect, test } from "vitest";

import { DATA_MOUNT } from "../../components/registry/mounts";
import { extraConfigProblems, mergeExtraConfig } from "../../components/registry/extraConfig";
import type { ConfigTree } from "../../components/registry/yaml";
import { pushImage } from "./image";
import { startFailure, startRegistry } from "./server";

const base: ConfigTree = {
    version: 0.1,
    storage: { filesystem: { rootdirectory: DATA_MOUNT } },
    http: { headers: { "X-A": ["a"], "X-B": ["b"] } },
};
const withExtra = (text: string) => {
    expect(extraConfigProblems(text, base)).toEqual([]);
    return startRegistry({ config: mergeExtraConfig(base, text) });
};

test("a section that was not there works", async () => {
    const registry = await withExtra("catalog: {maxentries: 2}");
    expect((await registry.fetch("/v2/_catalog?n=2")).status).toBe(200);
    expect((await registry.fetch("/v2/_catalog?n=3")).status).toBe(400);
});

test("a key inside a section wins, and the others stay", async () => {
    const registry = await withExtra("http: {headers: {X-B: [c, d], X-E: [e]}}");
    const { headers } = await registry.fetch("/v2/");
    expect([headers.get("x-a"), headers.get("x-b"), headers.get("x-e")]).toEqual(["a", "c, d", "e"]);
});

test("a key that is taken away is gone", async () => {
    const registry = await withExtra("http: {headers: {X-A: null}}");
    const { headers } = await registry.fetch("/v2/");
    expect([headers.get("x-a"), headers.get("x-b")]).toEqual([null, "b"]);
});

test("another storage driver takes the place of the first", async () => {
    const registry = await withExtra("storage: {filesystem: null, inmemory: {}}");
    await pushImage(registry, "a", "1");
    expect(registry.files()).toEqual([]);
});

test.each(["off", "12:30", "2001-01-01", "0755", "1_000"])("%j in quotes stays text", async (value) => {
    // Shown by the log, where a fault would be false, 750, a time, 493 and 1000.
    const registry = await withExtra(`log: {formatter: json, fields: {shown: "${value}"}}`);
    expect(registry.log).toContain(`"shown":"${value}"`);
});

// What extraConfigProblems says of the program, where it would not show otherwise.
test("a second storage driver does not start", async () => {
    expect(extraConfigProblems("storage: {inmemory: {}}", base)).toHaveLength(1);
    const output = await startFailure({ config: mergeExtraConfig(base, "storage: {inmemory: {}}") });
    expect(output).toContain("must provide exactly one storage type");
});

test("a second way to authenticate does not start", async () => {
    const text = "auth: {none: {}, silly: {realm: a, service: b}}";
    expect(extraConfigProblems(text, base)).toHaveLength(1);
    expect(await startFailure({ config: mergeExtraConfig(base, text) })).toContain("must provide exactly one type");
});

test("a boolean in quotes is not enabled, without a word", async () => {
    expect(extraConfigProblems("storage: {delete: {enabled: 'true'}}", base)).toHaveLength(1);
    const registry = await startRegistry({ config: mergeExtraConfig(base, "storage: {delete: {enabled: 'true'}}") });
    const { manifest } = await pushImage(registry, "a", "1");
    expect((await registry.fetch(manifest, { method: "DELETE" })).status).toBe(405);
});

test("a misspelled key is ignored, without a word", async () => {
    expect(extraConfigProblems("catalog: {maxentires: 2}", base)).toHaveLength(1);
    const registry = await startRegistry({ config: mergeExtraConfig(base, "catalog: {maxentires: 2}") });
    expect((await registry.fetch("/v2/_catalog?n=3")).status).toBe(200);
    expect(registry.log).not.toContain("maxentires");
});
