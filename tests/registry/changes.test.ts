/** What may be changed in a registry: `deletes` and `readOnly`. */
import { describe, expect, test } from "vitest";

import { pushImage } from "./image";
import { serve } from "./rendered";
import { remove, status } from "./requests";

describe("deletes", () => {
    test.each([
        [true, 202],
        [false, 405],
    ])("%s: a delete is answered with %i", async (deletes, expected) => {
        const registry = await serve({ args: { deletes } });
        const { manifest } = await pushImage(registry, "a", "1");
        expect(await remove(registry, manifest)).toBe(expected);
    });

    test("false: a tag cannot be deleted either", async () => {
        const registry = await serve({ args: { deletes: false } });
        await pushImage(registry, "a", "1");
        expect(await remove(registry, "/v2/a/manifests/1")).toBe(405);
    });
});

test("readOnly: pulls go on, pushes and deletes are refused", async () => {
    const writable = await serve();
    const { manifest } = await pushImage(writable, "a", "1");
    const registry = await serve({ args: { readOnly: true, deletes: true }, data: writable.data });
    expect(await status(registry, manifest)).toBe(200);
    await expect(pushImage(registry, "a", "2")).rejects.toThrow("405");
    expect(await remove(registry, manifest)).toBe(405);
});
