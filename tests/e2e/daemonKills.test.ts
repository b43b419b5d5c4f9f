import { randomInt } from "node:crypto";
import * as path from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import type { Nas } from "../../lab";
import { linkedProgram } from "../linkedProgram";
import { addDaemonStack, running } from "./daemonStack";
import { killUp, random, upAfterKill } from "./killUp";
import { eventually, must, Setting } from "./setting";

const rounds = 20;
const stack = "killed";
const file = "/var/packages/ContainerManager/etc/dockerd.json";
/** Is there while the script runs on the NAS. */
const lock = `${file}.nas-registry.lock`;
const theirs = "theirs.example:5000";

let setting: Setting;
let nas: Nas;
let untouched: string;

beforeAll(async () => {
    setting = await Setting.open("daemon-kills", linkedProgram("tests/daemon"));
    const daemon = { "insecure-registries": [theirs], "max-concurrent-downloads": 5 };
    nas = await setting.lab.startNas({ vendor: "synology", foreignContainer: "photos", daemon });
    untouched = await content();
});
afterAll(() => setting.close());

const content = () => must(nas.exec(`cat ${file}`));
const beside = async () => (await must(nas.exec(`ls -A $(dirname ${file})/`))).trim().split("\n");

/** What is asked for in a round; each update has something to do. */
const registryOf = (round: number) => `round-${round}.example:5000`;

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const appears = (link: string) => must(nas.exec(`timeout 60 sh -c 'until [ -h ${link} ]; do sleep 0.02; done'`));

/** The file and the running daemon have what the stack asks for, and everything else is as it was. */
async function isAsAsked(registry: string): Promise<void> {
    expect(JSON.parse(await content())).toEqual({
        ...(JSON.parse(untouched) as object),
        "insecure-registries": [theirs, registry],
    });
    const { insecure } = await running(nas);
    expect(insecure.filter((each) => each.endsWith(".example:5000")).sort()).toEqual([registry, theirs].sort());
    expect((await nas.docker("inspect", "--format", "{{.State.Status}}", "photos")).trim()).toBe("running");
}

test(`up is killed at ${rounds} random moments: each time the next one puts everything right`, async () => {
    const seed = Number(process.env.KILL_SEED ?? randomInt(2 ** 31));
    await addDaemonStack(setting.workspace, stack, nas, { insecureRegistries: [registryOf(0)] });
    const ask = (registry: string) => {
        setting.workspace.change(stack, { settings: JSON.stringify({ insecureRegistries: [registry] }) });
        return Date.now();
    };
    await setting.workspace.operate(stack, "up");
    const began = ask("measured.example:5000");
    const scriptBegan = appears(lock).then(() => Date.now());
    await setting.workspace.operate(stack, "up");
    const [whole, script] = [Date.now() - began, Date.now() - (await scriptBegan)];
    await isAsAsked("measured.example:5000");

    const fell = { "before the script": 0, "during it": 0, "after it": 0 };
    const numbers = random(seed);
    for (let round = 1; round <= rounds; round++) {
        const registry = registryOf(round);
        ask(registry);
        // One in each twentieth of an update, and every second while the script runs, which is the shorter part.
        const share = (round - 1 + numbers.next().value) / rounds;
        await killUp(setting.workspace, stack, async () => {
            await (round % 2 ? sleep(share * whole) : appears(lock).then(() => sleep(share * script)));
        });
        const [now, names] = await Promise.all([content(), beside()]);
        const then = names.includes(path.basename(lock)) ? "during it" : "after it";
        fell[then === "after it" && !now.includes(registry) ? "before the script" : then]++;

        await upAfterKill(setting.workspace, stack);
        await isAsAsked(registry);
    }
    console.log(`an update takes ${whole} ms; with KILL_SEED=${seed} kills fell so: ${JSON.stringify(fell)}`);
    // Or they have shown little.
    expect(fell["before the script"]).toBeGreaterThan(0);
    expect(fell["during it"]).toBeGreaterThan(0);
}, 1_800_000);

test("destroy afterwards leaves the NAS as it was", async () => {
    await setting.workspace.operate(stack, "destroy", "--run-program");
    expect(await content()).toBe(untouched);
    expect(await beside()).toEqual(["dockerd.json"]);
    expect((await running(nas)).insecure).not.toContain(registryOf(rounds));
    await eventually(60, async () =>
        (await nas.docker("inspect", "--format", "{{.State.Status}}", "photos")).startsWith("running"),
    );
});
