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

// The TypeScript examples are compiled with everything else (`npm run types`).

const root = path.join(__dirname, "..", "..");
const inTypeScript = fs
    .readdirSync(path.join(root, "examples"))
    .filter((name) => fs.existsSync(path.join(root, "examples", name, "index.ts")));

test("there are examples in TypeScript", () => expect(inTypeScript).toEqual(["two-nases", "typescript"]));

test.each(inTypeScript)("the example %s is a project that npm installs and Pulumi runs", (name) => {
    const manifest = JSON.parse(read(`${name}/package.json`)) as {
        private: boolean;
        main: string;
        dependencies: Record<string, string>;
    };
    const { dependencies: own } = JSON.parse(read("../package.json")) as typeof manifest;
    const { runtime, name: project } = parse(read(`${name}/Pulumi.yaml`)) as Record<string, string>;
    expect({ ...manifest, project, runtime }).toMatchObject({
        ...{ private: true, name: project, main: "index.ts", runtime: "nodejs" },
    });
    // What it imports and nothing else, at the versions that the package takes: one copy of the SDK for both.
    const imported = [...read(`${name}/index.ts`).matchAll(/from "([^".][^"]*)"/g)].map(([, from]) => from ?? "");
    expect(Object.keys(manifest.dependencies).sort()).toEqual(imported.sort());
    for (const [dependency, version] of Object.entries(manifest.dependencies)) {
        expect(version).toBe(dependency === "nas-registry" ? "file:../.." : own[dependency]);
    }
    expect(read(`${name}/.npmrc`)).toMatch(/^install-links=true$/m);
});

test.each(["README.md", "docs/start/own-program.md"])(
    "%s says before the program how the package is installed",
    (page) => {
        const text = fs.readFileSync(path.join(root, page), "utf8");
        expect(text).toMatch(
            /```sh\nnpm install --install-links \.\.\/nas-registry\b[^\n]*\n```\s+```ts\nimport \{ NasRegistry \} from "nas-registry";/,
        );
    },
);

test("docs/how-to/two-nases.md shows the program of two NASes as it is deployed by its end-to-end test", () => {
    const shown = /```ts\n([^]*?)```/.exec(read("../docs/how-to/two-nases.md"))?.[1];
    expect(shown).toBe(read("two-nases/index.ts"));
});

test("docs/how-to/two-nases.md names the end-to-end tests of its claims, and no others", () => {
    const claims = [...read("../docs/how-to/two-nases.md").matchAll(/^\|[^|]*\|([^|]*)\|$/gm)].slice(1);
    const proofs = read("../tests/e2e/scaling.test.ts");
    const tests = [...proofs.matchAll(/\btest\(\s*"([^"]+)"/g)].map(([, name]) => name ?? "");
    const named = claims.flatMap(([, cell = ""]) => cell.split(";").map((name) => name.trim()));
    expect(named.filter((name) => tests.includes(name)).sort()).toEqual(tests.sort());
});

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
