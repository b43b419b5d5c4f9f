import * as fs from "node:fs";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { ScriptHost, shells } from "./shells";

describe.each(shells)("a lock, under %s,", (_, shell) => {
    let host: ScriptHost;
    beforeEach(() => {
        host = new ScriptHost(shell);
        fs.chmodSync(host.directory, 0o700);
    });
    afterEach(() => host.remove());

    const take = () => host.run(["../tests/scripts/lock.sh"], { place: host.directory, vendor_ground: "" }, "apply");
    const left = () => fs.readdirSync(host.directory).filter((name) => name.startsWith("lock"));
    const leave = (name: string, holder: string) => fs.symlinkSync(holder, host.path(name));
    const taken = { code: 0, stderr: "" };

    test("that somebody who was killed has left is had by one at a time", async () => {
        for (let round = 0; round < 8; round++) {
            leave("lock", "99999999:1");
            const all = await Promise.all(Array.from({ length: 6 }, take));
            for (const each of all) expect(each).toMatchObject(taken);
            expect(left()).toEqual([]);
        }
    });

    test("is taken also when those who were to take it away have been killed", async () => {
        leave("lock", "99999999:1");
        leave("lock.99999999:1", "99999998:2");
        leave("lock.99999999:1.99999998:2", "99999997:3");
        expect(await take()).toMatchObject(taken);
        expect(left()).toEqual([]);
    });
});
