import * as fs from "node:fs";
import * as path from "node:path";

import { beforeAll, describe, expect, test } from "vitest";

import {
    authProviders,
    knownKeys,
    storageDrivers,
    storageKeys,
    type Kind,
} from "../../components/registry/sections/knownKeys";
import { ensureRegistryKeys, registrySources } from "../../toolchain/goPrograms";
import { run } from "../../toolchain/process";
import { flatten, isForDriver, isKeys } from "./keys";
import { readConfig } from "./server";

const table = flatten(knownKeys);

describe("keys that distribution's parser knows", () => {
    const goKinds: Record<string, string> = {
        any: "interface",
        boolean: "bool",
        duration: "duration",
        integer: "int",
        string: "string",
        version: "string",
    };

    test("the table has them all, with their kinds", async () => {
        const known = JSON.parse(await run(await ensureRegistryKeys(), [])) as Record<string, string>;
        // The places of middleware are named by the code that asks for them.
        const typed = table
            .filter(([key]) => !isForDriver(key))
            .map(([key, kind]) => [key.replace(/^middleware\.\w+/, "middleware.*"), goKinds[kind]]);
        for (const map of ["storage.*.*", "auth.*.*", "middleware.*[].options.*"]) {
            expect(known[map]).toBe("interface");
            typed.push([map, "interface"]);
        }
        expect(Object.fromEntries(typed)).toEqual(known);
    });

    test("the program refuses a mapping for each of them, and for no other key", async () => {
        const refusable: string[] = [];
        /** A value that is wrong for the key, with the key behind it in a comment; each on a line of its own. */
        const wrong = (kind: Kind, at: string): string => {
            const element = Array.isArray(kind) ? kind[0] : kind;
            const keys = isKeys(element) ? element : undefined;
            const inner = keys?.["*"];
            if (kind === "any" || inner === "any" || isForDriver(at)) {
                return "{},\n";
            }
            if (!keys || inner) {
                refusable.push(at);
                return `${inner ? "{any: {wrong: kind}}" : "{wrong: kind}"}, # ${at}\n`;
            }
            const entries = Object.entries(keys).map(([key, each]) => `${key}: ${wrong(each, `${at}.${key}`)}`);
            // Middleware is a mapping with any keys to the parser.
            const unknown = at === "middleware" ? "" : "unheard-of: {wrong: kind}, # unheard-of\n";
            const mapping = `{\n${unknown}${entries.join("")}}`;
            return `${Array.isArray(kind) ? `[${mapping}]` : mapping},\n`;
        };
        const { version: _version, storage: _storage, auth: _auth, ...sections } = knownKeys;
        const entries = Object.entries(sections).map(([key, kind]: [string, Kind]) => `${key}: ${wrong(kind, key)}`);
        const config = `{version: 0.1, storage: {inmemory: {}},\n${entries.join("")}}\n`;

        const output = await readConfig({ config });
        const lines = config.split("\n");
        const refused = [...output.matchAll(/line (\d+): cannot unmarshal !!map/g)].map(
            ([, line]) => lines[Number(line) - 1]?.split(" # ")[1],
        );
        expect(refused).toEqual(refusable);
        expect(refused.length).toBeGreaterThan(100);
    });
});

describe("keys that drivers look for", () => {
    /** Every key that a file asks its parameters for. */
    const asked = (file: string) =>
        [
            /\b(?:parameters|options)\["(\w+)"\]/g,
            /getParameterAs\w+(?:\[\w+\])?\(parameters, "(\w+)"/g,
            /getStringOption\("(\w+)"/g,
            /mapstructure:"(\w+)"/g,
        ].flatMap((pattern) => [...file.matchAll(pattern)].map(([, key]) => key ?? ""));
    let sources = "";
    beforeAll(async () => {
        sources = path.join(await registrySources(), "registry");
    });
    const source = (file: string) => fs.readFileSync(path.join(sources, file), "utf8");
    const names = (kind: Kind) => flatten(kind).map(([key]) => key.replace("[]", ""));
    const sorted = (keys: string[]) => [...new Set(keys)].sort();

    test.each([
        ["filesystem", "filesystem/driver.go"],
        ["s3", "s3-aws/s3.go"],
        ["gcs", "gcs/gcs.go"],
    ] as const)("storage.%s", (driver, file) => {
        const own = names(storageDrivers[driver]).map((key) => key.replace(".*", ""));
        expect(sorted(own)).toEqual(sorted(asked(source(`storage/driver/${file}`))));
    });

    test("storage.azure", () => {
        const own = names(storageDrivers.azure).map((key) => key.replace("credentials.", ""));
        expect(sorted([...own, "credentials"])).toEqual(sorted(asked(source("storage/driver/azure/parser.go"))));
    });

    test("storage has a driver for every one that the program registers", () => {
        const drivers = ["filesystem/driver.go", "inmemory/driver.go", "s3-aws/s3.go", "gcs/gcs.go", "azure/azure.go"];
        const registered = drivers
            .map((file) => source(`storage/driver/${file}`))
            .flatMap((text) => [
                ...[...text.matchAll(/factory\.Register\("(\w+)"/g)].map(([, name]) => name ?? ""),
                ...[...text.matchAll(/driverName\s+= "(\w+)"/g)].map(([, name]) => name ?? ""),
            ]);
        expect(Object.keys(storageDrivers).sort()).toEqual(registered.sort());
    });

    test("the rest of storage", () => {
        const app = source("handlers/app.go");
        const read = [...app.matchAll(/\b(?:Storage|mc|readOnly|config|d|p|redirectConfig|cc)\["(\w+)"\]/g)];
        const own = names(storageKeys).flatMap((key) => key.split("."));
        // The one section that is asked for by a function of the parser.
        expect(sorted(own)).toEqual(sorted([...read.map(([, key]) => key ?? ""), "tag"]));
    });

    test("auth.htpasswd and auth.silly", () => {
        const forItsTests = "overrideDummyHash";
        const htpasswd = asked(source("auth/htpasswd/access.go")).filter((key) => key !== forItsTests);
        expect(sorted(names(authProviders.htpasswd))).toEqual(sorted(htpasswd));
        expect(sorted(names(authProviders.silly))).toEqual(sorted(asked(source("auth/silly/access.go"))));
    });

    test("auth.token", () => {
        const text = source("auth/token/accesscontroller.go");
        const listed = /keys := \[\]string\{(.*)\}/.exec(text)?.[1] ?? "";
        const strings = [...listed.matchAll(/"(\w+)"/g)].map(([, key]) => key ?? "");
        expect(sorted(names(authProviders.token))).toEqual(sorted([...strings, ...asked(text)]));
    });

    test("options of storage's middleware", () => {
        const read = ["cloudfront", "redirect", "rewrite"].flatMap((name) =>
            asked(source(`storage/driver/middleware/${name}/middleware.go`)),
        );
        const own = names(knownKeys.middleware.storage).flatMap((key) => /options\.(\w+)$/.exec(key)?.[1] ?? []);
        expect(sorted(own)).toEqual(sorted(read));
    });
});
