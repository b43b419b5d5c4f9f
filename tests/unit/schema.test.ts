import * as fs from "node:fs";
import * as path from "node:path";

import { getPulumiComponents } from "@pulumi/pulumi/provider/experimental/provider";
import { describe, expect, test } from "vitest";

import * as components from "../../components";
import { argumentsFile, argumentsSchema } from "../../toolchain/argumentsSchema";
import { inferSchema } from "../../toolchain/schema";
import { enumValues, readSchema, type Property } from "../schema";

const schema = readSchema();
const resources = Object.entries(schema.resources);
const types = Object.entries(schema.types);

/** Every property of the schema under the name by which a reader finds it. */
const properties = new Map<string, Property>([
    ...resources.flatMap(([token, { inputProperties, properties }]) => [
        ...named(`${token} input`, inputProperties),
        ...named(`${token} output`, properties),
    ]),
    ...types.flatMap(([token, type]) => named(token, type.properties ?? {})),
]);

function named(owner: string, all: Record<string, Property>): [string, Property][] {
    return Object.entries(all).map(([name, property]) => [`${owner} ${name}`, property]);
}

test("the committed schema is what the sources say; `npm run schema` writes it", async () => {
    const committed = fs.readFileSync(path.join(__dirname, "..", "..", "schema.json"), "utf8");
    expect(await inferSchema()).toBe(committed);
}, 60_000);

test("so are the arguments that are checked when a program runs", async () => {
    const packageSchema = fs.readFileSync(path.join(__dirname, "..", "..", "schema.json"), "utf8");
    expect(await argumentsSchema(packageSchema)).toBe(fs.readFileSync(argumentsFile, "utf8"));
});

test("the package offers its components and no other resource", () => {
    const exported = getPulumiComponents(components) as unknown as { name: string }[];
    expect(resources.map(([token]) => token)).toEqual(exported.map(({ name }) => `nas-registry:index:${name}`));
    expect(resources.every(([, { isComponent }]) => isComponent)).toBe(true);
});

describe("every property", () => {
    test("is described", () => {
        expect([...properties].filter(([, { description }]) => !description).map(([name]) => name)).toEqual([]);
    });

    test("has a type that says what it holds", () => {
        const vague = (property: Property): boolean =>
            property.type === undefined
                ? !Object.hasOwn(schema.types, property.$ref?.replace("#/types/", "") ?? "")
                : [property.items, property.additionalProperties].some((inner) => inner && vague(inner));
        expect([...properties].filter(([, property]) => vague(property)).map(([name]) => name)).toEqual([]);
    });

    test("takes outputs of other resources, unless it decides which resources there are", () => {
        const structural = [
            "cache",
            "daemonMirror",
            "daemonTrust",
            "networkMode",
            "networkMode",
            "operations",
            "registryList",
            "takeOverDataFrom",
            "takeOverDataFrom",
            "tier",
            "tls",
            "tls",
        ];
        const plain = [...properties].filter(([, property]) => property.plain).map(([name]) => name.split(" ").pop());
        expect(plain.sort()).toEqual(structural);
    });
});

test("every set of allowed words is an enum with described values", () => {
    const words = Object.entries(components).filter(([, value]) => typeof value === "object");
    expect(words).not.toEqual([]);
    for (const [name, value] of words) {
        // In an order of the compiler's own.
        expect(enumValues(schema, name)?.sort()).toEqual(Object.values(value as Record<string, string>).sort());
        const described = schema.types[`nas-registry:index:${name}`]?.enum?.every(({ description }) => description);
        expect(described, name).toBe(true);
    }
});
