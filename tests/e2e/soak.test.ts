/** Pushes and pulls that go on while all that a NAS may do to a registry is done to it; `make soak` does it for half an hour. */
import { randomInt } from "node:crypto";

import { afterAll, beforeAll, expect, test } from "vitest";

import { REGCTL_TAG, RESTIC_TAG } from "../../components/registry/sections/images";
import type { Nas } from "../../lab";
import { ensureRestServer } from "../../toolchain/goPrograms";
import { random } from "./killUp";
import type { Failure, Load } from "./load";
import { eventually, loadOn, must, Setting } from "./setting";

const minutes = Number(process.env.SOAK_MINUTES ?? 1);
const seed = Number(process.env.SOAK_SEED ?? randomInt(2 ** 31));
const numbers = random(seed);
const stack = "soak";
const program = "/volume1/@nas-registry/registry/operations/run";

let setting: Setting;
let nas: Nas;
let load: Load;

beforeAll(async () => {
    setting = await Setting.open("soak");
    console.log(`SOAK_SEED=${seed}`);
    await setting.serveOperationsImages();
    const user = { username: "nas", password: "sesame" };
    const server = await setting.lab.startRestServer(await ensureRestServer(), { name: "backups", ...user });
    nas = await setting.nas(
        { vendor: "synology", name: stack },
        {
            operations: {
                garbageCollection: { uploadPatience: "0", deleteUntagged: true },
                backup: { rest: { url: `${server.url}/registry`, ...user }, image: RESTIC_TAG },
                retention: { rules: [{ repositories: ["nightly/**"], keepNewest: 1 }], image: REGCTL_TAG, apply: true },
            },
        },
    );
    await setting.workspace.operate(stack, "up");
    load = loadOn(nas, await setting.workspace.outputs(stack), { repositories: ["team/app", "web", "tools"], seed });
    load.start(4);
});
afterAll(async () => {
    await load.stop();
    await setting.close();
});

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const operate = (verb: string) => setting.workspace.command([verb, "--stack", stack]);
const verbs = ["gc", "backup", "prune"] as const;
/** As the NAS's scheduler does it, every five minutes. */
const tick = () =>
    must(nas.exec(`/bin/sh ${program} tick || { tail -n 20 ${program.replace(/run$/, "results")}/*; exit 1; }`));
const serves = () =>
    eventually(60, () => must(nas.exec("curl -fsk https://127.0.0.1:9160/ || curl -fsk https://127.0.0.1:5000/")));

/** Times in which nobody could be answered, or no delete, for which distribution needs its cache. */
const outages: { began: number; ended: number; kinds: Failure["kind"][] }[] = [];
const inAnOutage = ({ began, ended, kind }: Failure) =>
    outages.some((outage) => outage.kinds.includes(kind) && began <= outage.ended + 2000 && ended >= outage.began);
const expectNothingFailed = () => expect(load.report().failures.filter((each) => !inAnOutage(each))).toEqual([]);

/** Does something to the registry, and waits until it serves again. */
async function outage(
    run: () => Promise<unknown>,
    kinds: Failure["kind"][] = ["push", "pull", "delete"],
): Promise<void> {
    const began = Date.now();
    const ongoing = { began, ended: Infinity, kinds };
    outages.push(ongoing);
    await run();
    await serves();
    ongoing.ended = Date.now();
}

/** What may happen while something is done. */
const events: Record<string, () => Promise<unknown>> = {
    "the cache is killed": () =>
        outage(
            () => nas.docker("kill", "registry-redis").then(() => nas.docker("start", "registry-redis")),
            ["delete"],
        ),
    "the registry is killed": () => outage(() => must(nas.exec("kill -9 $(pgrep -f '^registry serve' | head -n 1)"))),
    "the program is killed": async () => {
        await nas.exec(`kill -9 $(pgrep -f '${program} perform')`);
        await tick();
    },
    "the engine restarts": () =>
        outage(async () => {
            await must(nas.exec("systemctl restart pkg-ContainerManager-dockerd"));
            await serves();
            await tick();
        }),
    "the power fails": () =>
        outage(async () => {
            await nas.powerCut();
            await serves();
            await tick();
        }),
};

test("no pull fails while garbage is collected, and pushes wait", async () => {
    await sleep(3000);
    for (let round = 0; round < 3; round++) {
        const { code, stdout, stderr } = await operate("gc");
        expect(code, `${stdout}${stderr}`).toBe(0);
        await sleep(1000);
    }
    const { pulls, blocked } = load.report();
    expect(pulls).toBeGreaterThan(20);
    expect(blocked).toBeGreaterThan(0);
    expectNothingFailed();
    await load.stop();
    expect(await load.verifyAll()).toEqual([]);
    load.start(4);
});

test(`whatever happens meanwhile, nothing that was acknowledged is lost, ${minutes} minutes long`, async () => {
    const names = Object.keys(events);
    const end = Date.now() + minutes * 60_000;
    for (let round = 0; round < names.length || Date.now() < end; round++) {
        const name = names[round % names.length] ?? "";
        // A collection every second time, since only that deletes.
        const verb = round % 2 === 0 ? "gc" : (verbs[Math.floor(numbers.next().value * verbs.length)] ?? "gc");
        const moment = numbers.next().value * 4000;
        console.log(`${name}, ${Math.round(moment)} ms after ${verb} began`);
        const operated = operate(verb);
        await sleep(moment);
        await events[name]?.();
        await operated;
        // Whatever was interrupted, the next look puts it right.
        await tick();
        const { code, stdout, stderr } = await operate(verb);
        expect(code, `${verb}, after ${name}:\n${stdout}${stderr}`).toBe(0);
    }
    expectNothingFailed();
    const { pushes, pulls, retried } = await load.stop();
    console.log(`${pushes} pushes, ${pulls} pulls, ${retried} requests repeated`);
    expect(await load.verifyAll()).toEqual([]);
}, 7_200_000);
