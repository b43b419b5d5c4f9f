import { describe, expect, test } from "vitest";

import type { Cache } from "../../components/registry/sections/cache";
import { renderConfig } from "../../components/registry/sections/rendered";
import { extraConfigProblems, mergeExtraConfig } from "../../components/registry/sections/extraConfig";
import { knownKeys } from "../../components/registry/sections/extraConfig";
import { ownedKeys } from "../../components/registry/sections";
import type { Schema } from "../../components/settings/schema";
import { renderYaml, type ConfigTree } from "../../components/registry/sections/yaml";
import { withDefaults } from "../../components/registry/settings";
import type { PlainArgs } from "../../components/registry/sections";
import { readSchema } from "../schema";
import { certificatePem, configOf, privateKeyPem, required } from "./arguments";

const redis = {
    addresses: ["redis.lan:6379"],
    database: 1,
    username: "registry",
    password: "redis-s3cret",
    tls: { caCertificate: certificatePem, certificate: certificatePem, privateKey: privateKeyPem },
    sentinel: { masterName: "main", username: "registry", password: "s3cret" },
};
const everything: [string, Partial<PlainArgs>, Cache?][] = [
    ["the defaults", {}],
    [
        "users, TLS, metrics, notifications and an external Redis",
        {
            tls: "given",
            certificate: { certificate: certificatePem, privateKey: privateKeyPem },
            externalUrl: "https://registry.example.com",
            metrics: { address: "192.168.1.20" },
            logLevel: "warn",
            notifications: { endpoints: [{ name: "ci", url: "https://ci.lan" }], includeReferences: true },
            cache: "external",
            externalRedis: redis,
        },
        { kind: "external", redis },
    ],
    [
        "a token server and S3",
        {
            auth: "token",
            token: {
                realm: "https://auth.lan/token",
                service: "registry",
                issuer: "auth",
                jwks: '{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}',
            },
            storage: { s3: { bucket: "images", regionEndpoint: "https://s3.lan" } },
        },
    ],
    ["Azure", { storage: { azure: { accountName: "account", container: "images", accountKey: "s3cret" } } }],
    ["Google", { storage: { gcs: { bucket: "images", credentials: "{}" } } }],
    ["an upstream registry", { upstream: {}, auth: "none", cache: "none" }, { kind: "none" }],
];

/** What no argument sets. */
const CONSTANTS = /^(version|health\b.*|redis\.(dialtimeout|readtimeout|writetimeout|maxretries))$/;

const isTree = (value: unknown): value is ConfigTree =>
    typeof value === "object" && value !== null && !Array.isArray(value);
/** Every key with the keys that lead to it. */
const pathsOf = (value: unknown, path: string[] = []): string[][] =>
    isTree(value)
        ? Object.entries(value).flatMap(([key, inner]) => [[...path, key], ...pathsOf(inner, [...path, key])])
        : [];
const isOwned = (path: string[]) => path.some((_, index) => ownedKeys.has(path.slice(0, index + 1).join(".")));
const holdsOwned = (path: string[]) => [...ownedKeys.keys()].some((key) => key.startsWith(`${path.join(".")}.`));

describe.each(everything)("of a configuration with %s", (_, args, cache) => {
    const config = configOf(args, cache) as ConfigTree;

    test("every key is an argument's, or a constant", () => {
        const free = pathsOf(config).filter((path) => !isOwned(path) && !holdsOwned(path));
        expect(free.map((path) => path.join(".")).filter((key) => !CONSTANTS.test(key))).toEqual([]);
    });

    test("extraConfig takes away nothing of an argument's", () => {
        const owned = (tree: ConfigTree) => pathsOf(tree).filter(isOwned);
        for (const path of pathsOf(config)) {
            const last = path.length - 1;
            const text = renderYaml(
                path.reduceRight<ConfigTree>((inner, key, index) => ({ [key]: index === last ? null : inner }), {}),
            );
            if (extraConfigProblems(text).length === 0) {
                expect(owned(mergeExtraConfig(config, text)), text).toEqual(owned(config));
            }
        }
    });
});

describe("keys that arguments set", () => {
    const args = Object.keys(readSchema().resources["nas-registry:index:NasRegistry"]?.inputProperties ?? {});

    test.each([...ownedKeys])("%s is distribution's, and set by %s", (key, owners) => {
        const names = key.split(".");
        expect(names.reduce<Schema | undefined>((keys, name) => keys?.properties?.[name], knownKeys())).toBeDefined();
        const owning = owners
            .replace("upstream of a NasMirror", "")
            .split(/, with | and | or /)
            .filter(Boolean);
        expect(owning.filter((name) => !args.includes(name))).toEqual([]);
    });
});

test("every storage driver but the one for the data directory is an argument's", () => {
    const others = knownKeys().drivers.filter((driver) => driver !== "filesystem");
    expect(others.filter((driver) => !ownedKeys.has(`storage.${driver}`))).toEqual([]);
});

test("a configuration is not rendered with what contradicts it", () => {
    const given: Partial<PlainArgs> = { tls: "reverse-proxy", networkMode: "host" };
    const settings = withDefaults("registry", { ...required, ...given });
    const render = (extraConfig: string) =>
        renderConfig(settings, { httpSecret: "0".repeat(64), cache: { kind: "inmemory" }, extraConfig });
    expect(render("catalog: {maxentries: 5}")).toContain("addr: 127.0.0.1:9160");
    expect(() => render("http: {addr: '0.0.0.0:9160'}")).toThrow(
        "extraConfig: 'http.addr' is not for extraConfig; set port and bindAddress instead.",
    );
});
