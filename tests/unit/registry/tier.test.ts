import { describe, expect, test } from "vitest";

import type { RegistryTier } from "../../../components";
import { withDefaults, withPresets } from "../../../components/registry/settings";
import { problemsOf, required } from "../arguments";

const settingsOf = (args: object) => withDefaults("registry", { ...required, ...args });

const unlimited = { auth: "none", tls: "none", deletes: false, memory: 0, cpus: 0, logs: undefined };
const rotation = { driver: "json-file", options: { "max-size": "10m", "max-file": "3" } };
const limited = { auth: "htpasswd", tls: "own-authority", deletes: true, memory: 1024, cpus: 2, logs: rotation };

describe.each<[RegistryTier, typeof limited | typeof unlimited, string]>([
    ["basic", unlimited, "inmemory"],
    ["intermediate", limited, "inmemory"],
    ["production", limited, "redis"],
])("tier %s", (tier, settings, cache) => {
    // It decides which resources there are, before there are settings.
    test(`has the cache ${cache}`, () => expect(withPresets("registry", { tier })).toHaveProperty("cache", cache));

    test("is its preset", () => expect(settingsOf({ tier })).toMatchObject(settings));

    test.each<[keyof typeof settings, unknown]>([
        ["auth", "none"],
        ["tls", "none"],
        ["deletes", false],
        ["cpus", 0.5],
    ])("gives way to %s %s", (name, value) =>
        expect(settingsOf({ tier, [name]: value })).toMatchObject({ ...settings, [name]: value }),
    );

    test("gives way to memory 64m", () =>
        expect(settingsOf({ tier, memory: "64m" })).toMatchObject({ ...settings, memory: 64 }));
});

test("without a tier it is production", () => expect(settingsOf({})).toEqual(settingsOf({ tier: "production" })));

describe("limits that are refused", () => {
    const swap = "it must be a size such as 512m or 1g, at least memory, or -1.";
    test.each<[object, string]>([
        [{ tier: "gold" }, `tier: "gold" is not allowed; it must be one of basic, intermediate, production.`],
        [
            { memory: "32m" },
            'memory: "32m" is not allowed; it must be a size such as 512m or 1g, from 64m to 1024g, or 0.',
        ],
        [{ memorySwap: "512m" }, `memorySwap: "512m" is not allowed; ${swap}`],
        [{ tier: "basic", memorySwap: "512m" }, `memorySwap: "512m" is not allowed; ${swap}`],
        [{ memory: "0", memorySwap: "512m" }, `memorySwap: "512m" is not allowed; ${swap}`],
        [{ memory: "256m", memorySwap: "512m" }, ""],
        [{ memorySwap: "1g" }, ""],
        [{ memorySwap: "-1" }, ""],
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
