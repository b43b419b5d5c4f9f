import { describe, expect, test } from "vitest";

import type { RegistryTier } from "../../../components";
import { presets, type Preset } from "../../../components/registry/sections/tier";
import { withDefaults } from "../../../components/registry/settings";
import { problemsOf, required } from "../arguments";

const settingsOf = (args: object) => withDefaults("registry", { ...required, ...args });

describe.each(Object.entries(presets) as [RegistryTier, Preset][])("tier %s", (tier, preset) => {
    // Where the cache is, is decided before there are settings.
    const { cache: _, ...settings } = preset;

    test("is its preset", () => expect(settingsOf({ tier })).toMatchObject(settings));

    test.each<[keyof typeof settings, unknown]>([
        ["auth", "none"],
        ["tls", "none"],
        ["deletes", false],
        ["memory", 64],
        ["cpus", 0.5],
    ])("gives way to %s %s", (name, value) =>
        expect(settingsOf({ tier, [name]: value })).toMatchObject({ ...settings, [name]: value }),
    );
});

test("without a tier it is production", () => expect(settingsOf({})).toEqual(settingsOf({ tier: "production" })));

describe("limits that are refused", () => {
    const swap = "it must be a whole number of MiB, at least memory, or -1.";
    test.each<[object, string]>([
        [{ tier: "gold" }, `tier: "gold" is not allowed; it must be one of basic, intermediate, production.`],
        [{ memory: 32 }, "memory: 32 is not allowed; it must be a whole number of MiB, at least 64, or 0."],
        [{ memorySwap: 512 }, `memorySwap: 512 is not allowed; ${swap}`],
        [{ tier: "basic", memorySwap: 512 }, `memorySwap: 512 is not allowed; ${swap}`],
        [{ memory: 0, memorySwap: 512 }, `memorySwap: 512 is not allowed; ${swap}`],
        [{ memory: 256, memorySwap: 512 }, ""],
        [{ memorySwap: 1024 }, ""],
        [{ memorySwap: -1 }, ""],
        [{ cpus: 9.95 }, "cpus: 9.95 is not allowed; it must be a number of CPUs from 0.1 to 9.9, or 0."],
        [
            { restart: "sometimes" },
            `restart: "sometimes" is not allowed; it must be one of always, unless-stopped, on-failure, no.`,
        ],
        [
            { labels: { "nas-registry.owner": "me" } },
            `labels: "nas-registry.owner" is not allowed; it must be a name without spaces that does not begin with 'nas-registry.'.`,
        ],
        [
            { dataDirectoryChange: "copy" },
            `dataDirectoryChange: "copy" is not allowed; it must be one of refuse, move, leave.`,
        ],
        [
            { sharedFolder: "docker/images" },
            `sharedFolder: "docker/images" is not allowed; it must be the name of a shared folder, without slashes.`,
        ],
    ])("%j", (args, sentence) => expect(problemsOf(args)).toBe(sentence));
});
