import * as fs from "node:fs";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { FakeDsm } from "./dsm";
import { ScriptHost, shells } from "./shells";

interface List {
    using: string;
    registries: { name: string; url: string; username?: string; enable_trust_SSC: boolean }[];
}

const api = "SYNO.Docker.Registry";
// Each shell meets one DSM: what differs between the shells has nothing to do with what differs between those.
const forms = shells.map(([shell, command], index) => [shell, ["7.2", "6.2", "7.1"][index] ?? "7.2", command] as const);

describe.each(forms)("registry list under %s, DSM %s", (_, dsm, shell) => {
    let host: ScriptHost;
    let fake: FakeDsm;
    let values: Record<string, string>;
    beforeEach(async () => {
        host = new ScriptHost([...shell]);
        fake = await FakeDsm.start(host, dsm);
        values = {
            synowebapi: fake.command,
            privilege: "root",
            name: "nas-registry nas.home.lan 9160",
            url: "https://nas.home.lan:9160",
            trust: "true",
            username: "admin",
            steps: "  1. do it",
        };
    });
    afterEach(() => {
        fake.close();
        host.remove();
    });

    const attempt = (action: "apply" | "revert", changed = {}) =>
        host.run(["nas/synology/dsm.sh", "nas/synology/registryList.sh"], { ...values, ...changed }, action);
    const run = async (action: "apply" | "revert", changed = {}) => {
        expect(await attempt(action, changed)).toEqual({ code: 0, stdout: "", stderr: "" });
    };
    const list = () => fake.call(api, "get") as Promise<List>;
    const names = async () => (await list()).registries.map(({ name }) => name);
    const addOther = (url: string) =>
        fake.call(api, "create", 'name="work"', `url="${url}"`, "enable_trust_SSC=false", 'username="builder"');

    test("the registry is entered with its user, and Docker Hub stays in use", async () => {
        await run("apply");
        expect(await list()).toMatchObject({
            using: "Docker Hub",
            registries: [
                { name: "Docker Hub" },
                { name: values.name, url: values.url, username: "admin", enable_trust_SSC: true },
            ],
        });
    });

    test("a second apply changes nothing", async () => {
        await run("apply");
        fake.changes();
        await run("apply");
        expect(fake.changes()).toEqual([]);
    });

    test("revert leaves the list as it was", async () => {
        await addOther("https://work.example");
        const before = await list();
        await run("apply");
        await run("revert");
        expect(await list()).toEqual(before);
    });

    test.each([
        ["105", "may not do this (code 105)"],
        ["119", "there is no session (code 119)"],
        ["no-effect", "it said that the entry is saved, and does not list it"],
    ])("what DSM does not do (%s) ends with its reason and the steps", async (webApi, reason) => {
        fake.behave(dsm, webApi);
        const { code, stderr } = await attempt("apply");
        expect(code).toBe(1);
        expect(stderr).toContain(
            `${reason}. Do this by hand, or leave the list out, and run 'up' again:\n  1. do it\n`,
        );
    });

    test("revert without apply does nothing", async () => {
        fake.changes();
        await run("revert");
        expect(fake.changes()).toEqual([]);
    });

    // The same in every shell and on every DSM, and seconds each.
    if (dsm === "7.2") {
        test("another user changes the entry, and not the password that a person has entered", async () => {
            await run("apply");
            const given = [`name="${values.name}"`, `url="${values.url}"`, 'username="admin"', 'password="typed"'];
            await fake.call(api, "set", `oldname="${values.name}"`, "enable_trust_SSC=true", ...given);
            await run("apply", { username: "anna" });
            expect((await list()).registries[1]).toMatchObject({ name: values.name, username: "anna" });
            const kept = fs.readFileSync(
                host.path("dsm", "var", "packages", "ContainerManager", "etc", "registries.json"),
                "utf8",
            );
            expect(kept).toContain('"password":"typed"');
        });

        test("two registries of one NAS go one by one", async () => {
            const other = { name: "nas-registry nas.home.lan 9161", url: "https://nas.home.lan:9161" };
            await run("apply");
            await run("apply", other);
            await run("revert");
            expect(await names()).toEqual(["Docker Hub", other.name]);
            await run("revert", other);
            expect(await names()).toEqual(["Docker Hub"]);
        });

        test("another registry that is in use stays in use", async () => {
            await addOther("https://work.example");
            await fake.call(api, "using", 'name="work"');
            await run("apply");
            expect((await list()).using).toBe("work");
            await run("revert");
            expect((await list()).using).toBe("work");
        });

        test("when ours was in use and goes, Docker Hub is", async () => {
            await addOther("https://work.example");
            await run("apply");
            await fake.call(api, "using", `name="${values.name}"`);
            await run("revert");
            expect((await list()).using).toBe("Docker Hub");
        });

        test("an entry that a person made for the same address is enough, and stays", async () => {
            await addOther(`${values.url}/`);
            fake.changes();
            await run("apply");
            await run("revert");
            expect(fake.changes()).toEqual([]);
            expect(await names()).toEqual(["Docker Hub", "work"]);
        });

        test("an entry that DSM does not take out is said", async () => {
            await run("apply");
            fake.behave(dsm, "no-effect");
            const { code, stderr } = await attempt("revert");
            expect(code).toBe(1);
            expect(stderr).toContain(
                "it said that it is done, and it is not. Remove the entry 'nas-registry nas.home.lan 9160'",
            );
        });
    }
});
