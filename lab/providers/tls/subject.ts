import { isIP } from "node:net";
import type { JsonGeneralName, JsonNameParams } from "@peculiar/x509";
import { list, object, Property, string } from "../core/schema";
import { isProps, Props, text, texts } from "../core/values";

/** Distinguished name attributes in the order in which Go's crypto/x509 writes them. */
const ATTRIBUTES: [property: string, oid: string][] = [
    ["country", "2.5.4.6"],
    ["organization", "2.5.4.10"],
    ["organizationalUnit", "2.5.4.11"],
    ["locality", "2.5.4.7"],
    ["province", "2.5.4.8"],
    ["streetAddresses", "2.5.4.9"],
    ["postalCode", "2.5.4.17"],
    ["commonName", "2.5.4.3"],
    ["serialNumber", "2.5.4.5"],
    ["emailAddress", "1.2.840.113549.1.9.1"],
];

export const SUBJECT: Property = object(
    Object.fromEntries(ATTRIBUTES.map(([name]) => [name, name === "streetAddresses" ? list(string()) : string()])),
    { replaces: true },
);

export const ALTERNATIVE_NAMES: Record<string, Property> = {
    dnsNames: list(string(), { replaces: true }),
    ipAddresses: list(string(), { replaces: true }),
    uris: list(string(), { replaces: true }),
};

export function subjectName(planned: Props): JsonNameParams {
    const subject = isProps(planned.subject) ? planned.subject : {};
    return ATTRIBUTES.flatMap(([name, oid]): JsonNameParams => {
        const values = name === "streetAddresses" ? texts(subject, name) : [text(subject, name) ?? ""];
        const wanted = values.filter((value) => value !== "");
        if (wanted.length === 0) {
            return [];
        }
        return name === "emailAddress" ? [{ [oid]: wanted.map((ia5String) => ({ ia5String })) }] : [{ [oid]: wanted }];
    });
}

export function alternativeNames(planned: Props): JsonGeneralName[] {
    const wrong = texts(planned, "ipAddresses").find((address) => isIP(address) === 0);
    if (wrong !== undefined) {
        throw new Error(`Invalid IP address: Failed to parse ${JSON.stringify(wrong)}`);
    }
    return [
        ...texts(planned, "dnsNames").map((value) => ({ type: "dns" as const, value })),
        ...texts(planned, "ipAddresses").map((value) => ({ type: "ip" as const, value })),
        ...texts(planned, "uris").map((value) => ({ type: "url" as const, value })),
    ];
}
