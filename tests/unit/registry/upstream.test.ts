import { describe, expect, test } from "vitest";

import { renderConfig } from "../../../components/registry/sections/rendered";
import { withDefaults } from "../../../components/registry/settings";
import { parse } from "yaml";
import { problemsOf, required } from "../arguments";

const config = (upstream: object | undefined) =>
    parse(renderConfig(withDefaults("mirror", required), { httpSecret: "", cache: { kind: "none" }, upstream })) as {
        proxy?: object;
    };

describe("config.yml", () => {
    test("of a registry has no proxy", () => expect(config(undefined).proxy).toBeUndefined());

    test.each<[object, object]>([
        [{}, {}],
        [{ url: "https://ghcr.io" }, { remoteurl: "https://ghcr.io" }],
        [
            { username: "anna", password: "s3cret" },
            { username: "anna", password: "s3cret" },
        ],
        [{ ttl: "0" }, { ttl: "0s" }],
    ])("of a mirror with %j", (upstream, rendered) =>
        expect(config(upstream).proxy).toEqual({
            remoteurl: "https://registry-1.docker.io",
            ttl: "168h",
            ...rendered,
        }),
    );
});

describe("what is refused", () => {
    const url = "an http or https URL without user name and password";
    test.each<[object, string]>([
        [{ url: "ghcr.io" }, `upstream.url: "ghcr.io" is not allowed; it must be ${url}.`],
        [{ url: "https://t0ken@ghcr.io" }, `upstream.url: the value given is not allowed; it must be ${url}.`],
        [
            { username: "anna:s3cret", password: "s3cret" },
            "upstream.username: the value given is not allowed; it must be a user name.",
        ],
        ...[{ username: "anna" }, { password: "s3cret" }].map((half): [object, string] => [
            half,
            "upstream: username and password go together; give both or neither.",
        ]),
        [{ username: "anna", password: 5 }, "upstream.password: the value given is not allowed; it must be text."],
        [
            { ttl: "-1h" },
            'upstream.ttl: "-1h" is not allowed; it must be a duration such as 90s or 24h, from 0 to 87600h.',
        ],
    ])("%j", (upstream, sentence) => expect(problemsOf({ upstream })).toBe(sentence));
});
