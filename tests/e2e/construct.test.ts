import * as fs from "node:fs";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Client, Nas } from "../../lab";
import { programWithPackage } from "../installedPackage";
import { RegistryView, Setting } from "./setting";

let setting: Setting;
let client: Client;
let nas: Nas;
let ownProcess: string[];

/** Parents, type and name of every resource of a stack but its root and the default providers. */
async function resourcesOf(stack: string): Promise<string[]> {
    const state = JSON.parse(await setting.workspace.export(stack)) as {
        deployment: { resources: { urn: string; type: string }[] };
    };
    return state.deployment.resources
        .map(({ urn }) => urn.split("::").slice(2).join("::"))
        .filter((resource) => !/^pulumi:(pulumi:Stack|providers:[a-z-]+)::/.test(resource))
        .sort();
}

async function deploy(stack: string, remote: boolean): Promise<void> {
    const connection = { host: nas.address, port: nas.sshPort, user: nas.user, hostKey: nas.hostKey };
    const config = { "remote:connection": connection, "remote:remote": remote };
    await setting.workspace.initStack(stack, config, [nas]);
}

beforeAll(async () => {
    setting = await Setting.open("construct", programWithPackage("tests/remote"));
    client = await setting.client("laptop");
    nas = await setting.lab.startNas({ vendor: "synology" });
    await deploy("own", false);
    await setting.workspace.operate("own", "up");
    ownProcess = await resourcesOf("own");
    await setting.workspace.operate("own", "destroy", "--run-program");
});
afterAll(() => setting.close());

describe.each([["the ssh-agent"], ["a secret key"]])("served to another language, with %s", (credentials) => {
    const stack = credentials.replaceAll(" ", "-");

    beforeAll(async () => {
        await deploy(stack, true);
        if (credentials === "a secret key") {
            await setting.workspace.useKey(stack, fs.readFileSync(nas.privateKeyFile, "utf8"));
        }
        await setting.workspace.operate(stack, "up");
    });

    test("makes the same resources as in the program's own process", async () => {
        expect(ownProcess.length).toBeGreaterThan(15);
        expect(await resourcesOf(stack)).toEqual(ownProcess);
    });

    test("serves", async () => {
        const registry = new RegistryView(client, await setting.workspace.outputs(stack));
        expect(await registry.get("/v2/_catalog")).toMatchObject({ status: 200 });
    });

    test("keeps the password and the key out of the state, and makes no secret of the address", async () => {
        const { password, url } = await setting.workspace.outputs(stack);
        const state = await setting.workspace.export(stack);
        expect(state).not.toContain(password);
        expect(state).not.toContain(fs.readFileSync(nas.privateKeyFile, "utf8").split("\n")[2]);
        expect(state).toContain(`"url": "${url}"`);
    });

    test("changes nothing in a second up", async () => {
        expect(Object.keys((await setting.workspace.operate(stack, "up")).changes)).toEqual(["same"]);
    });

    test("is taken back by destroy", async () => {
        await setting.workspace.operate(stack, "destroy", "--run-program");
        expect(await nas.docker("ps", "--all", "--quiet")).toBe("");
    });
});
