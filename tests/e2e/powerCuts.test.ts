/**
 * Power cuts at any moment of what a registry does; `make power-cuts` makes thirty of each kind, `-t gc` only those during a collection.
 */
import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, expect, test } from "vitest";

import { NasVendor } from "../../components/nas/vendors";
import { REGCTL_TAG, REGISTRY_TAG, RESTIC_TAG } from "../../components/registry/sections/images";
import type { Nas } from "../../lab";
import { random } from "./killUp";
import type { Load } from "./load";
import { eventually, loadOn, must, Setting } from "./setting";

const isLong = process.env.POWER_CUTS !== undefined;
/** Of each kind. */
const cuts = Number(process.env.POWER_CUTS ?? 1);
const seed = Number(process.env.POWER_CUTS_SEED ?? randomInt(2 ** 31));
const vendor = (process.env.POWER_CUTS_VENDOR ?? NasVendor.Synology) as NasVendor;
const numbers = random(seed);
const stack = "cuts";

/** Where the program of the operations is, and a directory for backups. */
const { place, backups } =
    vendor === NasVendor.Qnap
        ? { place: "/share/CACHEDEV1_DATA/.nas-registry/registry/operations", backups: "/share/CACHEDEV1_DATA/backups" }
        : { place: "/volume1/@nas-registry/registry/operations", backups: "/volume1/backups" };

let setting: Setting;
let nas: Nas;
let outputs: Record<string, string>;
let load: Load;

beforeAll(async () => {
    setting = await Setting.open("cuts");
    console.log(`POWER_CUTS_SEED=${seed}`);
    await setting.serveOperationsImages();
    // Interrupted, it runs again; it does not become due meanwhile.
    const schedule = "0 0 1 1 *";
    nas = await setting.nas(
        { vendor, name: stack },
        {
            certificateNames: ["images.lan"],
            operations: {
                garbageCollection: { schedule, uploadPatience: "0", deleteUntagged: true },
                backup: { schedule, rehearsal: schedule, directory: backups, image: RESTIC_TAG },
                retention: {
                    ...{ schedule, image: REGCTL_TAG, apply: true, maxShare: 100 },
                    rules: [{ repositories: ["nightly"], keepNewest: 1 }],
                },
            },
        },
    );
    await setting.workspace.operate(stack, "up");
    outputs = await setting.workspace.outputs(stack);
    load = loadOn(nas, outputs, { repositories: ["team/app", "web"], seed, most: 40, largest: 300_000 });
    await pushSome(load);
});
afterAll(async () => {
    await load.stop();
    await setting.close();
});

/** As the NAS's scheduler or somebody at a desk has it done; whoever has left a lock is not waited for. */
const perform = (operation: string) => nas.exec(`/bin/sh ${place}/run perform ${operation} wait=20`);
const performed = async (operation: string) => {
    const { code, stdout, stderr } = await perform(operation);
    expect(code, `${operation}: ${stdout}${stderr}${await outputOf(operation)}`).toBe(0);
};
const outputOf = async (operation: string) =>
    (await nas.exec(`cd ${place}/results; cat ${operation.replace(/ .*/, "")}*`)).stdout;

/** All that the NAS's scheduler has, once. */
async function tick(): Promise<void> {
    for (const { command, code, stdout, stderr } of await nas.runScheduled()) {
        const { stdout: said } = await nas.exec(`tail -n 20 ${place}/results/*`);
        expect(code, `${command}: ${stdout}${stderr}${said}`).toBe(0);
    }
}

/** Pushes images until some were acknowledged; none of them may wait. */
async function pushSome(to: Load): Promise<void> {
    const { pushes, blocked, failures } = to.report();
    to.start(2);
    await eventually(20, () => Promise.resolve(to.report().pushes > pushes + 3));
    expect(await to.stop()).toMatchObject({ blocked, failures });
}

const serves = () =>
    eventually(60, () => must(nas.exec("curl -fsk https://127.0.0.1:9160/ || curl -fsk https://127.0.0.1:5000/")));

/** What an interrupted operation would leave. */
const leftovers = () =>
    must(
        nas.exec(`cd ${place}
        ls -d tmp.* ../registry/writes stopped restoring 2>/dev/null
        grep -l '^result=running' results/*
        ls -d ${nas.sharedFolder}/registry-data/.nas-registry-restored 2>/dev/null
        true`),
    );
const containers = async () => (await nas.docker("ps", "--all", "--format", "{{.Names}}")).split("\n").sort();

/** Images that are pushed beside those of {@link load}, for what deletes them. */
let others: Load;
const pushOthers = async (repository: string, times: number) => {
    others = loadOn(nas, outputs, { repositories: [repository], seed: times });
    await pushSome(others);
};

interface Kind {
    /** Milliseconds, about; measured in the long form. */
    takes: number;
    /** Other tests have it in their short form. */
    isOnlyLong?: true;
    /** Before it begins. */
    prepare?: (round: number) => Promise<unknown>;
    /** How many clients push and pull meanwhile. */
    clients: number;
    run: (round: number) => Promise<unknown>;
    /** After the next tick. */
    next?: (round: number) => Promise<unknown>;
}

/** Another image and another setting every time. */
const change = (round: number) => ({
    image: round % 2 === 0 ? "registry:3" : REGISTRY_TAG,
    logLevel: round % 2 === 0 ? "warn" : "info",
});

const kinds: Record<string, Kind> = {
    push: { takes: 4000, clients: 4, run: () => sleep(4000) },
    gc: {
        takes: 4000,
        clients: 2,
        prepare: () => pushSome(load),
        run: () => perform("gc"),
        next: () => performed("gc"),
    },
    backup: {
        takes: 8000,
        clients: 2,
        run: () => perform("backup"),
        next: async () => {
            // The check that comes once a week.
            await must(nas.exec(`rm -f ${place}/backup-checked`));
            await performed("backup");
            if (isLong) await performed("rehearse");
        },
    },
    prune: {
        takes: 4000,
        isOnlyLong: true,
        clients: 2,
        prepare: (round) => pushOthers("nightly", round),
        run: () => perform("prune"),
        next: async () => {
            await performed("prune");
            // The newest one, and what is called latest.
            const kept = others.expected().length - (await others.verifyAll()).length;
            expect([1, 2]).toContain(kept);
        },
    },
    restore: {
        takes: 12_000,
        isOnlyLong: true,
        clients: 0,
        prepare: async (round) => {
            if (round === 0) await performed("backup");
            await pushOthers("new", round);
        },
        run: () => perform("restore replace=yes"),
        next: async () => {
            // What is served is all from before or all from the backup.
            const gone = await others.verifyAll();
            expect([0, others.expected().length]).toContain(gone.length);
            await performed("restore replace=yes");
            expect(await others.verifyAll()).toHaveLength(others.expected().length);
            await must(nas.exec(`rm -rf ${nas.sharedFolder}/registry-data/.nas-registry-before-*`));
        },
    },
    upgrade: {
        takes: 18_000,
        clients: 2,
        prepare: async (round) => {
            setting.workspace.changeArguments(stack, change(round));
            return Promise.resolve();
        },
        run: () => setting.workspace.attempt(stack, "up"),
        next: async (round) => {
            await setting.workspace.operate(stack, "up");
            expect(await nas.docker("inspect", "--format", "{{.Config.Image}}", "registry")).toBe(change(round).image);
            expect(Object.keys((await setting.workspace.operate(stack, "up")).changes)).toEqual(["same"]);
        },
    },
};

/** Does it once, and loses the power at that moment, if any; how long it took. */
async function course({ clients, prepare, run }: Kind, round: number, moment?: number): Promise<number> {
    await prepare?.(round);
    load.start(clients);
    const began = Date.now();
    const running = run(round);
    if (moment !== undefined) {
        await sleep(moment);
        await nas.powerCut();
    }
    await running;
    const ended = Date.now();
    await load.stop();
    return ended - began;
}

async function expectAllWell(): Promise<void> {
    await serves();
    // The scheduler itself may have begun the same a moment before.
    await eventually(30, async () => {
        expect(await leftovers()).toBe("");
        expect(await containers()).toEqual(["registry", "registry-redis"]);
    });
    expect(await load.verifyAll()).toEqual([]);
}

test.each(Object.entries(kinds).filter(([, { isOnlyLong }]) => isLong || !isOnlyLong))(
    "nothing is lost when the power fails during: %s",
    async (name, kind) => {
        const whole = isLong ? await course(kind, 0) : kind.takes;
        const first = isLong ? 1 : 0;
        if (isLong) console.log(`${name} takes ${whole} ms`);
        for (let round = first; round < first + cuts; round++) {
            const moment = Math.round(((round - first + numbers.next().value) / cuts) * whole);
            console.log(`${name}: the power fails after ${moment} ms`);
            await course(kind, round, moment);
            const back = Date.now();
            await tick();
            if (name !== "upgrade") await expectAllWell();
            await kind.next?.(round);
            await expectAllWell();
            // What is pushed now is in no backup.
            await (name === "restore" ? pushOthers("more", round) : pushSome(load));
            console.log(`${name}: all is well ${Date.now() - back} ms after it is back`);
        }
    },
    7_200_000,
);
