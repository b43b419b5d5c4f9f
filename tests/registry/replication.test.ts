/** Copies get to another registry: the program on the NAS, its real shells, two real registries, and the real regsync. */
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { regctlConfig } from "../../components/operations/regclient";
import {
    regsyncValues,
    replicationValues,
    targetHost,
    type ReplicationArgs,
} from "../../components/operations/replication/replication";
import { verificationValues } from "../../components/operations/verification/verification";
import { ownClient, ownHost } from "../../components/registry/ownClient";
import type { Plain } from "../../components/settings/section";
import { ensureRegctl, ensureRegsync } from "../../toolchain/goPrograms";
import { shells } from "../scripts/shells";
import { selfSigned } from "./certificate";
import { pushImage, pushManifest } from "./image";
import { OperationsProgram } from "./program";
import { render, serve, settingsAndSecrets, type RenderedOptions } from "./rendered";
import type { Registry } from "./server";

const INDEX = "application/vnd.oci.image.index.v1+json";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
/** With what a template of Go's, a shell and JSON could take for theirs. */
const user = { name: "anna", password: `{{env "HOME"}} '$(id)" \\n{{` };
const other = { name: "copier", password: "}}another {{ one" };
const as = { user: `${user.name}:${user.password}` };
const there = { user: `${other.name}:${other.password}` };

let certificates: Awaited<ReturnType<typeof selfSigned>>[];
let images: Record<string, string>;
beforeAll(async () => {
    certificates = await Promise.all([selfSigned(), selfSigned()]);
    const ownImage = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "registry-test-")), "image");
    fs.writeFileSync(ownImage, '#!/bin/sh\nshift\nexec "$@"\n', { mode: 0o755 });
    images = { regctl: await ensureRegctl(), regsync: await ensureRegsync(), registry: ownImage };
});
afterAll(() => fs.rmSync(path.dirname(images.registry ?? ""), { recursive: true }));

async function prepared(
    args: Partial<Plain<ReplicationArgs>> = {},
    more: RenderedOptions["args"] = {},
    ofSource: RenderedOptions["args"] = {},
) {
    const [certificate, ofTarget] = certificates as [(typeof certificates)[0], (typeof certificates)[0]];
    const options: RenderedOptions = {
        args: { tls: "given", auth: "htpasswd", deletes: true, ...ofSource },
        ...(ofSource.cache === "none" && { cache: { kind: "none" } }),
        certificate,
        users: [user],
    };
    const registry = await serve(options);
    const target = await serve({
        ...options,
        args: { ...options.args, ...more },
        certificate: ofTarget,
        users: [other],
    });
    const [settings] = settingsAndSecrets({
        args: { ...options.args, networkMode: "host", hostName: "127.0.0.1", port: registry.port },
    });
    const replication: Plain<ReplicationArgs> = {
        ...args,
        target: {
            registry: target.authority,
            username: other.name,
            password: other.password,
            caCertificate: ofTarget.certificate,
            ...args.target,
        },
    };
    const own = ownHost(settings, { ...user, caCertificate: certificate.certificate });
    const host = targetHost(replication.target);
    const values = {
        ...replicationValues(replication),
        ...verificationValues(undefined),
        sparse_indexes: "",
        ...ownClient(settings),
        regctl_image: "regctl",
        regctl_config: regctlConfig(own, host),
        regsync_image: "regsync",
        ...regsyncValues(own, host, replication),
    };
    const scripts = ["replication/replication.sh", "restore/restore.sh", "verification/verification.sh"];
    const program = new OperationsProgram(registry, render(options).config, scripts, values, images);
    return { registry, target, program };
}

const digestOf = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
const push = async (registry: Registry, repository: string, tag: string) =>
    (await pushImage(registry, repository, tag, as)).manifest.split("/").pop() ?? "";
const statusOf = async (registry: Registry, repository: string, tag: string) =>
    (await registry.fetch(`/v2/${repository}/manifests/${tag}`, there)).status;
const descriptor = (mediaType: string, digest: string, size: number) => ({ mediaType, digest, size });

describe.each(shells)("%s", (_, shell) => {
    test("copies what is not there yet, and deletes nothing", async () => {
        const { registry, target, program } = await prepared({ repositories: ["app", "ci/**"], exceptTags: ["pr-*"] });
        for (const name of ["app", "ci/a/b", "left/out"]) {
            for (const tag of ["1", "pr-1"]) await push(registry, name, tag);
        }
        await pushImage(target, "app", "own", there);
        const dry = await program.perform(shell, "replicate", "dry_run=yes");
        expect(dry).toMatchObject({ code: 0, said: `would copy 2 tags to ${target.authority}` });
        expect(await statusOf(target, "app", "1")).toBe(404);

        const done = await program.perform(shell, "replicate");
        expect(done).toMatchObject({ code: 0, result: "ok", copied: "2", failed: "0" });
        for (const name of ["app", "ci/a/b"]) expect(await statusOf(target, name, "1")).toBe(200);
        expect(await statusOf(target, "app", "pr-1")).toBe(404);
        expect(await statusOf(target, "app", "own")).toBe(200);
        expect(await statusOf(target, "left/out", "1")).toBe(404);
        const again = await program.perform(shell, "replicate");
        expect(again).toMatchObject({ code: 0, said: `copied 0 tags to ${target.authority}` });

        // A tag that was pushed again.
        await pushImage(registry, "app", "1", { ...as, layerContent: "anew" });
        expect(await program.perform(shell, "replicate")).toMatchObject({ copied: "1" });
        const text = [program.asked, done.output].join();
        for (const { password } of [user, other]) expect(text).not.toContain(password);
        expect(fs.readdirSync(program.path("control/operations")).sort()).toEqual(["reserve", "results", "run"]);
    });

    test("indexes and what is about an image go with it", async () => {
        const { registry, target, program } = await prepared({ tags: ["v*"] });
        const image = await push(registry, "app", "amd64");
        const manifests = [descriptor(MANIFEST, image, (await manifestOf(registry, "app", image)).length)];
        const index = { schemaVersion: 2, mediaType: INDEX, manifests };
        expect((await pushManifest(registry, "app", "v1", index, as)).status).toBe(201);
        const about = digestOf(JSON.stringify(index)).replace(":", "-");
        await push(registry, "app", `${about}.sig`);
        expect(await program.perform(shell, "replicate")).toMatchObject({ code: 0 });
        expect(await statusOf(target, "app", "v1")).toBe(200);
        expect(await statusOf(target, "app", image)).toBe(200);
        expect(await statusOf(target, "app", `${about}.sig`)).toBe(200);
        expect(await statusOf(target, "app", "amd64")).toBe(404);
    });

    test("an empty registry, and a repository without tags, are right", async () => {
        const { registry, program } = await prepared();
        expect(await program.perform(shell, "replicate")).toMatchObject({ code: 0, copied: "0" });
        await push(registry, "app", "1");
        const digest = await push(registry, "untagged", "1");
        const tags = path.join(registry.data, "docker/registry/v2/repositories/untagged/_manifests/tags");
        fs.rmSync(tags, { recursive: true });
        expect(digest).toContain("sha256:");
        expect(await program.perform(shell, "replicate")).toMatchObject({ code: 0, copied: "1" });
    });

    test("a target that is not there, or does not know the user or the certificate, is said soon", async () => {
        for (const wrong of [{ registry: "127.0.0.1:9" }, { password: "wrong password" }, { caCertificate: "" }]) {
            const { program } = await prepared({ target: wrong as Plain<ReplicationArgs>["target"] });
            const began = Date.now();
            const { code, said } = await program.perform(shell, "replicate");
            expect({ code, said }).toEqual({
                code: 1,
                said: expect.stringMatching(/does not answer as it should/) as string,
            });
            expect(Date.now() - began).toBeLessThan(30_000);
        }
    });

    test("a target that takes no pushes is a failure with the numbers", async () => {
        const { registry, program } = await prepared({}, { readOnly: true });
        await push(registry, "app", "1");
        expect(await program.perform(shell, "replicate")).toMatchObject({
            code: 1,
            result: "failed",
            said: expect.stringMatching(/^1 tags could not be copied to .*, and 0 were/) as string,
        });
    });

    test("one that takes too long is ended, and said", async () => {
        const { registry, program } = await prepared({ timeout: "2s" });
        await push(registry, "app", "1");
        fs.rmSync(program.path("images/regsync"));
        fs.writeFileSync(program.path("images/regsync"), "#!/bin/sh\nexec /bin/sleep 60\n", { mode: 0o755 });
        const began = Date.now();
        expect(await program.perform(shell, "replicate")).toMatchObject({
            code: 0,
            result: "warning",
            said: expect.stringMatching(/timeout/) as string,
        });
        expect(Date.now() - began).toBeLessThan(30_000);
        // That name may be another registry's.
        expect(program.asked).not.toContain("rm --force registry-operation");
    });
});

describe("what images lack", () => {
    // A password costs a tenth of a second for each request.
    const open = { auth: "none" } as const;
    const v2 = (registry: Registry, ...names: string[]) =>
        path.join(registry.data, "docker/registry/v2/blobs/sha256", ...names);
    const blobs = (registry: Registry) =>
        fs
            .readdirSync(v2(registry), { recursive: true, encoding: "utf8" })
            .filter((name) => name.endsWith("/data"))
            .map((name) => v2(registry, name));
    const flip = (file: string) => {
        const content = fs.readFileSync(file);
        const bit = Math.floor(Math.random() * content.length * 8);
        content[bit >> 3] = (content[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        fs.writeFileSync(file, content);
    };

    test("after 1,000 flipped bits comes back from the replica, and no tag is moved", async () => {
        const [[, shell]] = shells as [(typeof shells)[0]];
        const { registry, program } = await prepared({}, open, { ...open, cache: "none" });
        const digests: Record<string, string> = {};
        for (let i = 0; i < 20; i++)
            digests[`team/app${i % 3}:v${i}`] = await push(registry, `team/app${i % 3}`, `v${i}`);
        const amd64 = digests["team/app0:v0"] ?? "";
        const manifests = [descriptor(MANIFEST, amd64, (await manifestOf(registry, "team/app0", amd64)).length)];
        await pushManifest(registry, "team/app0", "all", { schemaVersion: 2, mediaType: INDEX, manifests }, as);
        expect(await program.perform(shell, "replicate")).toMatchObject({ copied: "21" });
        // There the tag is still what it was.
        const moved = (digests["team/app1:v1"] = digests["team/app1:v4"] ?? "");
        const body = await manifestOf(registry, "team/app1", moved);
        await registry.fetch("/v2/team/app1/manifests/v1", {
            ...as,
            method: "PUT",
            headers: { "content-type": MANIFEST },
            body,
        });
        const before = new Map(blobs(registry).map((file) => [file, fs.readFileSync(file, "utf8")]));
        const drawn = [...before.keys()].filter(() => Math.random() < 0.4);
        for (let i = 0; i < 1000; i++) flip(drawn[Math.floor(Math.random() * drawn.length)] ?? "");
        const damaged = drawn.filter((file) => fs.readFileSync(file, "utf8") !== before.get(file));
        const isDamaged = (digest: string) => damaged.some((file) => file.includes(digest.slice(7)));

        const found = await program.perform(shell, "verify");
        expect(found).toMatchObject({ result: "warning", damaged: String(damaged.length) });
        for (const [name, digest] of Object.entries(digests)) {
            const layer = `layer of ${name === "team/app1:v1" ? "team/app1:v4" : name}`;
            const isBroken = [digest, digestOf("{}"), digestOf(layer)].some(isDamaged);
            expect(found.output.includes(`${name} cannot be pulled whole`), name).toBe(isBroken);
        }
        const dry = await program.perform(shell, "restore", "missing=yes", "from_replica=yes", "dry_run=yes");
        expect(dry).toMatchObject({
            code: 0,
            said: expect.stringMatching(/^would ask .* for what \d+ images lack$/) as string,
        });
        expect(blobs(registry)).toHaveLength(before.size - damaged.length);

        const healed = await program.perform(shell, "restore", "missing=yes", "from_replica=yes");
        expect(healed, healed.output).toMatchObject({ code: 0, result: "ok", broken_images: "0" });
        expect(new Map(blobs(registry).map((file) => [file, fs.readFileSync(file, "utf8")]))).toEqual(before);
        for (const [name, digest] of Object.entries(digests)) {
            const [repository = "", tag] = name.split(":");
            const answer = await registry.fetch(`/v2/${repository}/manifests/${tag}`, as);
            expect([answer.status, answer.headers.get("docker-content-digest")]).toEqual([200, digest]);
        }
        expect(await program.perform(shell, "verify", "all=yes")).toMatchObject({ result: "ok" });
        expect(await program.perform(shell, "restore", "from_replica=yes")).toMatchObject({ code: 0, result: "ok" });
        const text = [program.asked, healed.output].join();
        for (const { password } of [user, other]) expect(text).not.toContain(password);
    });

    test.each(shells)("%s: that the replica does not have is named", async (_, shell) => {
        const { registry, target, program } = await prepared({}, open, { ...open, cache: "none" });
        const names = ["app", "own"];
        for (const name of names) await push(registry, name, "1");
        expect(await program.perform(shell, "replicate")).toMatchObject({ copied: "2" });
        const layers = names.map((name) => digestOf(`layer of ${name}:1`).slice(7));
        for (const hex of layers) fs.rmSync(v2(registry, hex.slice(0, 2), hex, "data"));
        fs.rmSync(path.join(target.data, "docker/registry/v2/repositories/own"), { recursive: true });
        const { code, result, output } = await program.perform(shell, "restore", "missing=yes", "from_replica=yes");
        expect([code, result]).toEqual([0, "warning"]);
        expect(output).toMatch(/^own@sha256:[0-9a-f]{64} still lacks something$/m);
        expect(output).not.toMatch(/^app@/m);
        expect(output).toContain("1 of 2 images still lack something");
    });
});

async function manifestOf(registry: Registry, repository: string, digest: string): Promise<string> {
    return (await registry.fetch(`/v2/${repository}/manifests/${digest}`, as)).text();
}
