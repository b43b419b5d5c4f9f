import * as fs from "node:fs";
import * as path from "node:path";

import { describe, expect, test } from "vitest";
import { parse } from "yaml";

import { enumValues, readSchema } from "../schema";

const schema = readSchema();
const component = schema.resources["nas-registry:index:NasRegistry"];
const connection = schema.types["nas-registry:index:SshConnectionArgs"];
const read = (file: string) => fs.readFileSync(path.join(__dirname, "..", "..", "examples", file), "utf8");
const snakeCase = (names: string[]) => names.map((name) => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`));

/** All required names are among the given ones, and all given ones are known. */
function expectProperties(given: string[], known: object = {}, required: string[] = []): void {
    expect(given).toEqual(expect.arrayContaining(required));
    expect(Object.keys(known)).toEqual(expect.arrayContaining(given));
}

// The TypeScript example is compiled with everything else (`npm run types`).

test("the YAML example gives and reads what the schema has", () => {
    const { resources, outputs } = parse(read("yaml/Pulumi.yaml")) as {
        resources: { registry: { type: string; properties: { vendor: string; connection: object } } };
        outputs: Record<string, string>;
    };
    const { type, properties } = resources.registry;
    expect(type).toBe("nas-registry:NasRegistry");
    expectProperties(Object.keys(properties), component?.inputProperties, component?.requiredInputs);
    expectProperties(Object.keys(properties.connection), connection?.properties, connection?.required);
    expect(enumValues(schema, "NasVendor")).toContain(properties.vendor);
    const readOutputs = Object.values(outputs).map((text) => /^\$\{registry\.(\w+)\}$/.exec(text)?.[1] ?? text);
    expectProperties(readOutputs, component?.properties);
});

describe("the Python example", () => {
    const program = read("python/__main__.py");
    const names = (pattern: RegExp) => [...program.matchAll(pattern)].map(([, name]) => name ?? "");
    const inSnakeCase = (names: object = {}) => Object.fromEntries(snakeCase(Object.keys(names)).map((n) => [n, 1]));

    test("gives what the schema has", () => {
        expectProperties(
            names(/^ {4}(\w+)=/gm),
            inSnakeCase(component?.inputProperties),
            snakeCase(component?.requiredInputs ?? []),
        );
        expectProperties(
            names(/^ {8}"(\w+)":/gm),
            inSnakeCase(connection?.properties),
            snakeCase(connection?.required ?? []),
        );
    });

    test("reads what the schema has", () => {
        const outputs = names(/registry\.(\w+)\)/g);
        expect(outputs).not.toEqual([]);
        expectProperties(outputs, inSnakeCase(component?.properties));
    });
});
