/** One program with as many registries as its argument says; prints what it took as JSON. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { mock } from "node:test";

import * as pulumi from "@pulumi/pulumi";

import { NasRegistry } from "../../components";
import { capableNas, defaults } from "../../tests/unit/mocks";

export interface Figures {
    /** Milliseconds; loading is not in it. */
    elapsed: number;
    /** Most memory that the process had, MiB. */
    memory: number;
}

// The program runs through tsx, whose source maps would cost more than all else: compiled programs have none.
process.setSourceMapsEnabled(false);

async function measure(registries: number): Promise<Figures> {
    await pulumi.runtime.setMocks({
        call: () => ({}),
        newResource: ({ type, name, inputs }) => {
            const state = { ...(inputs as object), ...defaults[type], stdout: capableNas };
            return { id: `${name}-id`, state };
        },
    });
    const start = performance.now();
    for (let index = 0; index < registries; index++) {
        new NasRegistry(`registry-${index}`, {
            vendor: "synology",
            connection: {
                host: `nas-${index}.lan`,
                hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINac5tHT4rEfdOQYcalxs7rk41DMvMwPsXobLs782iQp",
            },
        });
    }
    await pulumi.runtime.disconnect();
    return {
        elapsed: performance.now() - start,
        memory: process.resourceUsage().maxRSS / 1024,
    };
}

// Where the transport's keys are written.
const homedir = fs.mkdtempSync(path.join(os.tmpdir(), "nas-registry-bench-"));
const user = os.userInfo();
mock.method(os, "userInfo", () => ({ ...user, homedir }));
void measure(Number(process.argv[2]))
    .then((figures) => console.log(JSON.stringify(figures)))
    .finally(() => fs.rmSync(homedir, { recursive: true, force: true }));
