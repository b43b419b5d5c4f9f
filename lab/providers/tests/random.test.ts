import { compareSync } from "bcryptjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { plainProps, Props, shown } from "../core/values";
import { randomProvider } from "../random/provider";
import { Plugin, startPlugin } from "./support/plugin";
import { theCall } from "./support/recordings";
import { shape } from "./support/shape";

let plugin: Plugin;
beforeAll(async () => {
    plugin = await startPlugin(randomProvider);
});
afterAll(() => plugin.stop());

const PASSWORD = "urn:pulumi:dev::p::random:index/randomPassword:RandomPassword::p";

async function create(urn: string, properties: Props): Promise<{ id: string; properties: Props }> {
    const created = await plugin.call("Create", { urn, properties });
    return { id: shown(created.id), properties: plainProps(created.properties as Props) };
}

describe("creating gives the recorded shape, with new content", () => {
    test.each([
        ["RandomPassword", "redis"],
        ["RandomBytes", "http-secret"],
        ["RandomId", "id"],
    ])("%s", async (type, name) => {
        const call = theCall("random", "Create", type, name, "02");
        const first = await plugin.call("Create", call.request);
        const second = await plugin.call("Create", call.request);
        expect(shape(first)).toEqual(shape(call.response));
        expect(first.properties).not.toEqual(second.properties);
    });
});

test("a password has its length, only the characters asked for, and the hash of itself", async () => {
    const { properties } = await create(PASSWORD, { length: 40, special: false, upper: false });
    expect(properties.result).toMatch(/^[a-z0-9]{40}$/);
    expect(compareSync(shown(properties.result), shown(properties.bcryptHash))).toBe(true);
});

test("a password has at least what its minima ask for, and special characters from the list given", async () => {
    const { properties } = await create(PASSWORD, {
        length: 8,
        minSpecial: 3,
        minUpper: 2,
        minNumeric: 2,
        overrideSpecial: "~",
    });
    const result = shown(properties.result);
    expect(result).toHaveLength(8);
    expect(result.match(/~/g)?.length).toBeGreaterThanOrEqual(3);
    expect(result.match(/[A-Z]/g)?.length).toBeGreaterThanOrEqual(2);
});

test("the forms of random bytes are of one content", async () => {
    const bytes = await create("urn:pulumi:dev::p::random:index/randomBytes:RandomBytes::b", { length: 5 });
    expect(Buffer.from(shown(bytes.properties.base64), "base64").toString("hex")).toBe(bytes.properties.hex);
    expect(bytes.id).toBe(bytes.properties.base64);

    const id = await create("urn:pulumi:dev::p::random:index/randomId:RandomId::i", { byteLength: 5 });
    expect(BigInt(`0x${shown(id.properties.hex)}`).toString()).toBe(id.properties.dec);
    expect(id.id).toBe(Buffer.from(shown(id.properties.hex), "hex").toString("base64url"));
});

test.each([
    [{}, "Missing required property 'length'"],
    [
        { length: 0 },
        "Invalid Attribute Value. Attribute length value must be at least 1, got: 0. Examine values at 'p.length'.",
    ],
    [
        { length: 4, minLower: 5 },
        "Invalid Attribute Value. Attribute length value must be at least sum of min_upper + min_lower + min_numeric + min_special, " +
            "got: 4. Examine values at 'p.length'.",
    ],
    [{ length: 4, lenght: 4 }, "Invalid or unknown key. Examine values at 'p.lenght'."],
])("inputs %j are refused", async (news: Props, reason) => {
    const { failures } = await plugin.call("Check", { urn: PASSWORD, olds: {}, news });
    expect(failures).toEqual([{ property: "", reason }]);
});

test("a new length replaces the password", async () => {
    const { properties: olds } = await create(PASSWORD, { length: 12 });
    const answer = await plugin.call("Diff", { urn: PASSWORD, id: "none", olds, news: { length: 13 } });
    expect(answer).toEqual({ changes: "DIFF_SOME", diffs: ["length"], replaces: ["length"] });
});
