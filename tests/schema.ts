import * as fs from "node:fs";
import * as path from "node:path";

/** A property of a Pulumi schema, as far as the tests look at it. */
export interface Property {
    type?: string;
    $ref?: string;
    items?: Property;
    additionalProperties?: Property;
    plain?: boolean;
    description?: string;
}

export interface Schema {
    resources: Record<
        string,
        {
            isComponent?: boolean;
            inputProperties: Record<string, Property>;
            requiredInputs: string[];
            properties: Record<string, Property>;
        }
    >;
    types: Record<
        string,
        {
            enum?: { value: string; description?: string }[];
            properties?: Record<string, Property>;
            required?: string[];
        }
    >;
}

/** The committed schema. */
export function readSchema(): Schema {
    return JSON.parse(fs.readFileSync(path.join(__dirname, "..", "schema.json"), "utf8")) as Schema;
}

export function enumValues(schema: Schema, name: string): string[] | undefined {
    return schema.types[`nas-registry:index:${name}`]?.enum?.map(({ value }) => value);
}
