import * as fs from "node:fs";
import * as os from "node:os";

import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as random from "@pulumi/random";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { NasDaemonConfig, NasRegistry } from "../../components";
import { required } from "./arguments";
import { registered, type Registered } from "./mocks";

// Transport keys are written into a home of the test's own.
vi.mock("node:os", async (original) => ({
    ...(await original<typeof os>()),
    userInfo: () => ({ homedir: `${os.tmpdir()}/nas-registry-options-test` }),
}));
afterAll(() => fs.rmSync(`${os.tmpdir()}/nas-registry-options-test`, { recursive: true, force: true }));

const component = "nas-registry:index:NasRegistry";

describe("an option of the component reaches every child", () => {
    let children: Registered[];
    let remoteCommands: Registered[];
    let parent: Registered | undefined;
    const providers: Record<string, string> = {};

    beforeAll(async () => {
        const resources = await registered(() => {
            const first = new random.RandomId("first", { byteLength: 1 });
            const own = [
                new docker.Provider("own-docker", { host: "ssh://root@nas" }),
                new command.Provider("own-command", {}),
            ];
            new NasRegistry("registry", required, {
                providers: own,
                protect: true,
                retainOnDelete: true,
                dependsOn: [first],
                aliases: [{ name: "formerly" }],
                transformations: [
                    ({ type, props, opts }) =>
                        type === "docker:index/container:Container"
                            ? { props: { ...(props as object), hostname: "transformed" }, opts }
                            : undefined,
                ],
            });
        });
        const others = ["first", "own-docker", "own-command"];
        parent = resources.find(({ type }) => type === component);
        children = resources.filter(({ type, name }) => type !== component && !others.includes(name));
        remoteCommands = children.filter(({ type }) => type.startsWith("command:"));
        for (const { type, options } of children) {
            providers[type.split(":")[0] ?? ""] = options.provider.replace(/::[^:]*$/, "");
        }
    });

    test("there are children, and all of them are the component's", () => {
        expect(children.length).toBeGreaterThan(10);
        for (const { name, options } of children) {
            expect(options.parent, name).toMatch(/::registry$/);
        }
    });

    test("protect", () => {
        expect(children.filter(({ options }) => !options.protect).map(({ name }) => name)).toEqual([]);
    });

    test("retainOnDelete", () => {
        expect(children.filter(({ options }) => !options.retainOnDelete).map(({ name }) => name)).toEqual([]);
    });

    test("dependsOn", () => {
        const waits = ({ options }: Registered) => options.dependencies.some((urn) => urn.endsWith("::first"));
        expect(children.filter((child) => !waits(child)).map(({ name }) => name)).toEqual([]);
    });

    test("providers", () => {
        expect(remoteCommands).not.toEqual([]);
        expect(providers.command).toMatch(/::own-command$/);
        expect(providers.docker).toMatch(/::own-docker$/);
    });

    test("transformations", () => {
        const containers = children.filter(({ type }) => type === "docker:index/container:Container");
        expect(containers.map(({ inputs }) => inputs.hostname)).toEqual(["transformed", "transformed"]);
    });

    test("aliases: the component says its former name, from which the engine infers the children's", () => {
        expect(parent?.options.aliases).toEqual(["formerly"]);
        // It can, since each child's name begins with the component's.
        for (const { name } of children) {
            expect(name).toMatch(/^registry(-|$)/);
        }
    });
});

test("without options nothing is protected, kept, or waited for", async () => {
    const resources = await registered(() => new NasRegistry("registry", required));
    for (const { options } of resources) {
        expect(options).toMatchObject({ protect: false, retainOnDelete: false });
    }
    const probe = resources.find(({ name }) => name === "registry-probe");
    expect(probe?.options.dependencies).toEqual([]);
});

test("the daemon's configuration waits for what the component waits for, and is kept where that is", async () => {
    const resources = await registered(() => {
        const first = new random.RandomId("first", { byteLength: 1 });
        const { vendor, connection } = required;
        new NasDaemonConfig("docker", { vendor, connection }, { dependsOn: [first], retainOnDelete: true });
    });
    for (const name of ["docker-probe", "docker-daemon"]) {
        const options = resources.find((each) => each.name === name)?.options;
        expect(options?.retainOnDelete).toBe(true);
        expect(options?.dependencies).toContainEqual(expect.stringMatching(/::first$/));
    }
});
