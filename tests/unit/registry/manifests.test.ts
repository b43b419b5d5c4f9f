import { describe, expect, test } from "vitest";

import { configOf, problemsOf } from "../arguments";

const platformList = [{ os: "linux", architecture: "arm64" }];

describe("config.yml", () => {
    test.each<[object, object]>([
        [{}, { manifests: { indexes: { platforms: "all" } } }],
        [{ disabled: true }, { disabled: true, manifests: { indexes: { platforms: "all" } } }],
        [{ indexPlatforms: "none" }, { manifests: { indexes: { platforms: "none" } } }],
        [
            { indexPlatforms: "list", platformList },
            { manifests: { indexes: { platforms: "list", platformlist: platformList } } },
        ],
        [{ allowUrls: ["^a"] }, { manifests: { urls: { allow: ["^a"] }, indexes: { platforms: "all" } } }],
        [{ denyUrls: ["^b"] }, { manifests: { urls: { deny: ["^b"] }, indexes: { platforms: "all" } } }],
    ])("validation with %j", (validation, rendered) =>
        expect(configOf({ validation })).toHaveProperty("validation", rendered),
    );
});

describe("what is refused", () => {
    const together = "validation.platformList: it goes with indexPlatforms list; give both or neither.";
    test.each<[object, string]>([
        [
            { indexPlatforms: "some" },
            `validation.indexPlatforms: "some" is not allowed; it must be one of all, none, list.`,
        ],
        [{ indexPlatforms: "list" }, together],
        [{ platformList }, together],
        [
            { indexPlatforms: "list", platformList: [{ os: "linux" }] },
            "validation.platformList[0].architecture: it is missing.",
        ],
        [{ disabled: "yes" }, `validation.disabled: "yes" is not allowed; it must be true or false.`],
        [{ allowUrls: "^a" }, `validation.allowUrls: "^a" is not allowed; it must be a list.`],
        [{ denyUrls: [5] }, "validation.denyUrls[0]: 5 is not allowed; it must be text."],
    ])("%j", (validation, sentence) => expect(problemsOf({ validation })).toBe(sentence));
});
