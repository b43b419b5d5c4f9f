import * as fs from "node:fs";

import { expect, test } from "vitest";

import { knownKeys } from "../../components/registry/sections/extraConfig";
import type { Schema } from "../../components/settings/schema";
import { inferKnownKeys, knownKeysFile } from "../../toolchain/knownKeys";
import { isForDriver } from "./keys";
import { readConfig } from "./server";

test("the known keys are those of distribution's sources", async () => {
    // When this fails: npm run known-keys
    expect(fs.readFileSync(knownKeysFile, "utf8")).toBe(await inferKnownKeys());
});

test("the program refuses a mapping for each of them, and for no other key", async () => {
    const refusable: string[] = [];
    const isAny = (schema: Schema) => Object.keys(schema).length === 0;
    /** A value that is wrong for the key, with the key behind it in a comment; each on a line of its own. */
    const wrong = ({ items, ...schema }: Schema, at: string): string => {
        const { properties, additionalProperties: inner } = items ?? schema;
        if (isAny(items ?? schema) || (inner && isAny(inner)) || isForDriver(at)) {
            return "{},\n";
        }
        if (!properties) {
            refusable.push(at);
            return `${inner ? "{any: {wrong: kind}}" : "{wrong: kind}"}, # ${at}\n`;
        }
        const entries = Object.entries(properties).map(([key, each]) => `${key}: ${wrong(each, `${at}.${key}`)}`);
        // Middleware is a mapping with any keys to the parser.
        const unknown = at === "middleware" ? "" : "unheard-of: {wrong: kind}, # unheard-of\n";
        const mapping = `{\n${unknown}${entries.join("")}}`;
        return `${items ? `[${mapping}]` : mapping},\n`;
    };
    const { version: _version, storage: _storage, auth: _auth, ...sections } = knownKeys().properties ?? {};
    const entries = Object.entries(sections).map(([key, each]) => `${key}: ${wrong(each, key)}`);
    const config = `{version: 0.1, storage: {inmemory: {}},\n${entries.join("")}}\n`;

    const output = await readConfig({ config });
    const lines = config.split("\n");
    const refused = [...output.matchAll(/line (\d+): cannot unmarshal !!map/g)].map(
        ([, line]) => lines[Number(line) - 1]?.split(" # ")[1],
    );
    expect(refused).toEqual(refusable);
    expect(refused.length).toBeGreaterThan(100);
});
