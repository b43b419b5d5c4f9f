import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { owner } from "../registryFiles";
import { shells } from "../shells";
import { BackupNas } from "./backupNas";

let nas: BackupNas;
const others: BackupNas[] = [];
afterEach(() => [nas, ...others.splice(0)].forEach((each) => each.remove()));

/** Another NAS, whose stack has the same backup. */
async function another(shell: string[]): Promise<BackupNas> {
    const other = await BackupNas.make(shell);
    others.push(other);
    other.args = { ...nas.args };
    return other;
}

const containing = (text: string): unknown => expect.stringContaining(text);
const done = (result: Record<string, string>, expected: Record<string, unknown>) =>
    expect(result, result.output).toMatchObject(expected);

describe("a start of the registry during the last step of a restore", () => {
    const [, shell] = shells[0] ?? [];
    const place = (name: string) => path.join(nas.files.data, name);

    test.each([
        ["before both renames", ["docker=old", "switch/new=new"], "new"],
        ["between them", ["switch/old=old", "switch/new=new"], "new"],
        ["after them", ["docker=new", "switch/old=old"], "new"],
        ["where there were no images", ["switch/new=new"], "new"],
        ["when the old ones are put back", ["switch/failed=new", "switch/old=old"], "old"],
    ])("%s ends it", async (_, there, expected) => {
        nas = await BackupNas.make(shell ?? []);
        for (const each of there) {
            const [name = "", text = ""] = each.replace("switch", ".nas-registry-switch").split("=");
            fs.mkdirSync(place(name), { recursive: true });
            fs.writeFileSync(path.join(place(name), "which"), text);
            for (const of of [path.dirname(name), name].filter((one) => one !== "."))
                fs.chownSync(place(of), owner, owner);
        }
        nas.start();
        expect(fs.readFileSync(place("docker/which"), "utf8")).toBe(expected);
        nas.start();
        expect(fs.readFileSync(place("docker/which"), "utf8")).toBe(expected);
    });
});

describe("a restore", () => {
    const [, shell] = shells[0] ?? [];
    let images: Record<string, string>;
    beforeEach(async () => {
        nas = await BackupNas.make(shell ?? []);
        nas.beginsQuickly();
        await nas.push("team/app", "1", "one");
        await nas.push("team/other", "1", "other");
        images = nas.images();
        done(await nas.perform("backup"), { result: "ok" });
    });

    test("takes the place of images only when that is said, and keeps them aside", async () => {
        await nas.push("team/app", "2", "newer");
        const newer = nas.images();
        done(await nas.perform("restore"), { result: "failed", said: containing("--replace") });
        done(await nas.perform("restore", "replace=yes", "dry_run=yes"), {
            result: "ok",
            said: containing("would restore"),
        });
        expect(nas.images()).toEqual(newer);
        const result = await nas.perform("restore", "replace=yes");
        done(result, { result: "ok" });
        expect(nas.images()).toEqual(images);
        const aside = /'(\/.*)'/.exec(result.said ?? "")?.[1] ?? "";
        fs.renameSync(path.join(aside, "old"), path.join(aside, "docker"));
        expect(nas.images(aside)).toEqual(newer);
    });

    test.each([
        ["images", "holds_images", []],
        ["tags of other images", "other_tags team/app", ["repository=team/app"]],
        ["the room that it takes", "restore-size", ["replace=yes"]],
        ["the room that there is", "free_bytes", ["replace=yes"]],
    ])("takes %s for none only when it could look", async (_, look, options) => {
        await nas.push("team/app", "1", "newer");
        const newer = nas.images();
        nas.wrapEngine(`case "$*" in *"${look}"*) exit 137 ;; esac`);
        done(await nas.perform("restore", ...options), { result: "failed" });
        expect(nas.images()).toEqual(newer);
    });

    test("says when it could not be seen what is kept of what was there before", async () => {
        nas.wrapEngine(`case "$*" in *list_kept) exit 137 ;; esac`);
        done(await nas.perform("restore", "replace=yes"), {
            result: "ok",
            said: containing("what was there before could not be seen"),
        });
        expect(nas.images()).toEqual(images);
    });

    test("to a point in time takes the backup before it, and says which there are when there is none", async () => {
        const then = new Date().toISOString().slice(0, 19);
        await sleep(1100);
        await nas.push("team/app", "2", "newer");
        await nas.perform("backup");
        done(await nas.perform("restore", "snapshot=2001-01-01", "replace=yes"), {
            result: "failed",
            said: containing("there are: "),
        });
        done(await nas.perform("restore", `snapshot=${then}`, "replace=yes"), { result: "ok" });
        expect(nas.images()).toEqual(images);
        done(await nas.perform("restore", "replace=yes"), { result: "ok" });
        expect(Object.keys(nas.images())).toContain("team/app:2");
    });

    test("that does not serve is taken back", async () => {
        await nas.push("team/app", "2", "newer");
        const newer = nas.images();
        nas.engineSays("health", "unhealthy");
        nas.values = { health_patience: 2 };
        done(await nas.perform("restore", "replace=yes"), {
            result: "failed",
            said: containing("has again what it had"),
        });
        expect(nas.images()).toEqual(newer);
        expect(nas.engineSaid("running")).toBe("true");
        expect(fs.readdirSync(nas.files.data).sort()).toEqual([".nas-registry", "docker"]);
    });

    test("is rehearsed with indexes and all of their images, by a few calls of restic", async () => {
        const [one, two] = [await nas.push("multi", "amd64", "one"), await nas.push("multi", "arm64", "two")];
        fs.rmSync(nas.v2("repositories/multi/_manifests/tags"), { recursive: true });
        nas.pushIndex("multi", "latest", one, two);
        done(await nas.perform("backup"), { result: "ok" });
        nas.wrap("restic", `echo "called: $*"`);
        const { output = "", ...rehearsed } = await nas.perform("rehearse");
        done({ ...rehearsed, output }, { result: "ok", images: "3" });
        expect(output).toContain("pulled multi:latest");
        // The links, and blobs of each of three levels.
        expect(output.match(/^called: restore /gm)).toHaveLength(4);
    });

    test("of damaged images says which, and is made only when that is said", async () => {
        const other = await another(shell ?? []);
        const digest = await nas.push("team/app", "2", "damaged");
        const layer = fs.readdirSync(nas.v2("repositories/team/app/_layers/sha256"))[0] ?? "";
        fs.writeFileSync(nas.v2("blobs/sha256", layer.slice(0, 2), layer, "data"), "flipped");
        fs.rmSync(nas.v2("blobs/sha256", digest.slice(0, 2), digest), { recursive: true });
        await nas.perform("backup");
        const refused = await other.perform("restore");
        done(refused, { result: "failed", said: containing("--damaged") });
        expect(refused.output).toContain(`the blob sha256:${layer} is damaged`);
        expect(refused.output).toContain(`team/app@sha256:${digest} is missing or damaged`);
        expect(fs.readdirSync(other.files.data)).toEqual([".nas-registry"]);
        done(await other.perform("restore", "damaged=yes"), { result: "warning" });
    });

    test("of one repository leaves the others, and tags of another image unless they are to be replaced", async () => {
        fs.rmSync(nas.v2("repositories/team/app"), { recursive: true });
        const layer = "blobs/sha256";
        fs.rmSync(nas.v2(layer), { recursive: true });
        const moved = await nas.push("team/other", "1", "moved");
        done(await nas.perform("restore", "repository=team/app"), { result: "ok" });
        expect(nas.images()).toEqual({ ...images, "team/other:1": moved });
        done(await nas.perform("restore", "repository=team/other"), {
            result: "failed",
            said: containing("another image in the registry than in the backup: 1;"),
        });
        done(await nas.perform("restore", "repository=team/other", "replace=yes"), { result: "ok" });
        expect(nas.images()).toEqual(images);
        done(await nas.perform("restore", "repository=team"), {
            result: "failed",
            said: containing("no repository 'team'"),
        });
    });

    test("of what is missing heals every image, and leaves tags as they are", async () => {
        const digest = images["team/app:1"] ?? "";
        const layer = fs.readdirSync(nas.v2("repositories/team/other/_layers/sha256"))[0] ?? "";
        await nas.push("team/app", "1", "moved");
        await nas.push("team/app", "2", "newer");
        await nas.push("team/app", "old", "one");
        const all = nas.images();
        for (const of of [digest, layer]) fs.rmSync(nas.v2("blobs/sha256", of.slice(0, 2), of, "data"));
        expect(() => nas.images()).toThrow();
        done(await nas.perform("restore", "missing=yes", "dry_run=yes"), { said: "would bring 2 blobs back" });
        expect(() => nas.images()).toThrow();
        done(await nas.perform("restore", "missing=yes"), {
            result: "ok",
            said: containing("brought 2 blobs back"),
        });
        expect(nas.images()).toEqual(all);
        done(await nas.perform("restore", "missing=yes"), {
            result: "ok",
            said: containing("brought 0 blobs back"),
        });
    });

    test("that is killed at any moment leaves the old images or the new ones, and a registry that runs", async () => {
        await nas.push("team/app", "2", "newer");
        const newer = nas.images();
        const outcomes = new Set<string>();
        for (let calls = 5; calls < 18; calls++) {
            nas.killAt(calls);
            await nas.run("perform", "restore", "replace=yes").catch(() => undefined);
            nas.killTool();
            nas.killAt(0);
            await nas.run("tick");
            expect(nas.engineSaid("running")).toBe("true");
            const found = JSON.stringify(nas.images());
            expect([JSON.stringify(images), JSON.stringify(newer)]).toContain(found);
            outcomes.add(found);
            const kept = fs.readdirSync(nas.files.data).filter((name) => name.startsWith(".nas-registry-"));
            for (const name of kept) {
                expect(name).toMatch(/^\.nas-registry-before-/);
                const { said = "" } = nas.result("restore");
                // One whose last look was killed says that it could not see.
                if (!said.includes("could not be seen")) expect(said).toContain(`'${path.join(nas.files.data, name)}'`);
                fs.rmSync(path.join(nas.files.data, name), { recursive: true });
            }
            if (found === JSON.stringify(images)) await nas.push("team/app", "2", "newer");
        }
        expect(outcomes.size).toBe(2);
    });
});
