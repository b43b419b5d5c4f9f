import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import * as pulumi from "@pulumi/pulumi";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";

import { problemsOf, hostKey, required } from "./arguments";
import { registered, type Registered } from "./mocks";

// Transport keys are written into a home of the test's own.
vi.mock("node:os", async (original) => ({
    ...(await original<typeof os>()),
    userInfo: () => ({ homedir: `${os.tmpdir()}/nas-registry-stack-test` }),
}));
afterAll(() => fs.rmSync(`${os.tmpdir()}/nas-registry-stack-test`, { recursive: true, force: true }));
afterEach(() => pulumi.runtime.setAllConfig({}));

const root = path.join(__dirname, "..", "..");
const read = (file: string) => parse(fs.readFileSync(path.join(root, file), "utf8")) as { config?: object };

/** What the stack program makes of this value of its setting. */
function up(registry: unknown): Promise<Registered[]> {
    if (registry !== undefined) {
        pulumi.runtime.setConfig("project:registry", JSON.stringify(registry));
    }
    vi.resetModules();
    return registered(() => import("../../index"));
}

describe("the stack program", () => {
    const args = { ...required, port: 5005, deletes: false, users: [{ name: "anna", password: "chosen by Anna" }] };

    test("hands the object of its setting to the component as it is", async () => {
        const { NasRegistry } = await import("../../components");
        const own = await registered(() => new NasRegistry("registry", args));
        const byName = (all: Registered[]) => new Map(all.map((each) => [`${each.type} ${each.name}`, each]));
        expect(byName(await up(args))).toEqual(byName(own));
    });

    test("ends in outputs of a screen, none of which is a script", async () => {
        pulumi.runtime.setConfig("project:registry", JSON.stringify(args));
        vi.resetModules();
        let outputs: Record<string, pulumi.Output<unknown>> = {};
        await registered(async () => (outputs = await import("../../index")));
        const texts = await Promise.all(
            Object.values(outputs).map((output) => new Promise<unknown>((resolve) => void output.apply(resolve))),
        );
        expect(texts.length).toBeGreaterThan(5);
        expect(JSON.stringify(texts)).not.toMatch(/\bset -eu|\bfi\b/);
        expect(texts.map(String).join("\n").split("\n").length).toBeLessThan(40);
    });

    test.each([
        [{ ...args, memroy: 512 }, "memroy: there is no such setting; did you mean memory?"],
        [{ ...args, port: "5005" }, 'port: "5005" is not allowed; it must be a number.'],
        [{ ...args, connection: { host: "nas" } }, "connection.hostKey: it is missing."],
        [{}, "connection: it is missing.\nvendor: it is missing."],
    ])("leaves %j to the component's own checks", async (given, sentence) => {
        await expect(up(given)).rejects.toMatchObject({ message: sentence });
    });

    test.each([[undefined], [5], ["synology"], [null]])("says what to give in place of %j", async (given) => {
        await expect(up(given)).rejects.toThrow(
            "nas-registry:registry: it must be an object with the arguments of NasRegistry, of which 'vendor' and 'connection' are required; begin with 'pulumi config set --path registry.vendor synology', or copy Pulumi.synology.yaml.",
        );
    });
});

test("the project declares no setting, whose default would hide the component's", () => {
    expect(read("Pulumi.yaml").config).toBeUndefined();
});

test.each(["synology", "qnap"])("the stack %s needs the NAS's host key and nothing else", (stack) => {
    const { config } = read(`Pulumi.${stack}.yaml`) as { config: Record<string, { connection: object }> };
    expect(Object.keys(config)).toEqual(["nas-registry:registry"]);
    const args = config["nas-registry:registry"];
    expect(problemsOf(args ?? {})).toMatch(/^connection\.hostKey: the host key is missing; [^\n]*$/);
    expect(problemsOf({ ...args, connection: { ...args?.connection, hostKey } })).toBe("");
});
