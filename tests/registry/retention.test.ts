/** Tags are deleted by rules: the program on the NAS, its real shells, the real registry and the real regctl. */
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import { beforeAll, describe, expect, test } from "vitest";

import { retentionValues, type RetentionArgs } from "../../components/operations/retention/retention";
import { regctlConfig } from "../../components/operations/regclient";
import { ownClient, ownHost } from "../../components/registry/ownClient";
import type { Plain } from "../../components/settings/section";
import { ensureRegctl } from "../../toolchain/goPrograms";
import { shells } from "../scripts/shells";
import { selfSigned } from "./certificate";
import { pushImage, pushManifest } from "./image";
import { OperationsProgram } from "./program";
import { render, serve, settingsAndSecrets, type RenderedOptions } from "./rendered";
import type { Registry } from "./server";

const INDEX = "application/vnd.oci.image.index.v1+json";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const user = { name: "anna", password: "pass word '$(id)" };
const HOUR = 3600;

let certificate: Awaited<ReturnType<typeof selfSigned>>;
let regctl: string;
beforeAll(async () => {
    certificate = await selfSigned();
    regctl = await ensureRegctl();
});

async function prepared(rules: Plain<RetentionArgs>, more: RenderedOptions["args"] = {}) {
    const options: RenderedOptions = {
        args: { tls: "given", auth: "htpasswd", deletes: true, ...more },
        certificate,
        users: [user],
    };
    const registry = await serve(options);
    const [settings] = settingsAndSecrets({
        args: { ...options.args, networkMode: "host", hostName: "127.0.0.1", port: registry.port },
    });
    const caCertificate = certificate.certificate;
    const program = new OperationsProgram(
        registry,
        render(options).config,
        ["retention/retention.sh"],
        {
            ...retentionValues(rules),
            ...ownClient(settings),
            regctl_image: "regctl",
            regctl_config: regctlConfig(ownHost(settings, { ...user, caCertificate })),
        },
        { regctl },
    );
    return { registry, program };
}

const as = { user: `${user.name}:${user.password}` };
const digestOf = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
const linkOf = (registry: Registry, repository: string, tag: string) =>
    path.join(registry.data, "docker/registry/v2/repositories", repository, "_manifests/tags", tag, "current/link");

/** Pushes an image as if it had been some hours ago. */
async function push(registry: Registry, repository: string, tag: string, hours: number, layerContent?: string) {
    const { manifest } = await pushImage(registry, repository, tag, { ...as, ...(layerContent && { layerContent }) });
    age(registry, repository, tag, hours);
    return manifest.split("/").pop() ?? "";
}

function age(registry: Registry, repository: string, tag: string, hours: number) {
    const time = Date.now() / 1000 - hours * HOUR;
    fs.utimesSync(linkOf(registry, repository, tag), time, time);
}

async function pushOther(registry: Registry, repository: string, tag: string, manifest: Record<string, unknown>) {
    expect((await pushManifest(registry, repository, tag, { schemaVersion: 2, ...manifest }, as)).status).toBe(201);
    return digestOf(JSON.stringify({ schemaVersion: 2, ...manifest }));
}

const tagsOf = async (registry: Registry, repository: string): Promise<string[]> => {
    const { tags } = (await (await registry.fetch(`/v2/${repository}/tags/list`, as)).json()) as { tags?: string[] };
    return (tags ?? []).sort();
};
const descriptor = (mediaType: string, digest: string, size = 2) => ({ mediaType, digest, size });

describe.each(shells)("%s", (_, shell) => {
    test("deletes what no rule keeps, over the registry's own TLS, by its first user", async () => {
        const { registry, program } = await prepared({
            rules: [{ repositories: ["ci/**"], keepNewest: 2, keepYounger: "24h" }],
            maxShare: 60,
            apply: true,
        });
        for (const [tag, hours] of [
            ["1", 50],
            ["2", 40],
            ["3", 30],
            ["4", 20],
            ["latest", 60],
        ] as const) {
            await push(registry, "ci/app", tag, hours);
            await push(registry, "app", tag, hours);
        }
        await push(registry, "ci/app", "sibling", 1, "layer of ci/app:3");
        const dry = await program.perform(shell, "prune", "dry_run=yes");
        expect(dry).toMatchObject({ code: 0, result: "ok", said: "would delete 2 of 11 tags", planned: "2" });
        expect(dry.output).toContain("  ci/app:2\n  ci/app:1\n");
        expect(await tagsOf(registry, "ci/app")).toEqual(["1", "2", "3", "4", "latest", "sibling"]);

        const done = await program.perform(shell, "prune");
        expect(done).toMatchObject({ code: 0, result: "ok", deleted: "2", tags: "11" });
        expect(await tagsOf(registry, "ci/app")).toEqual(["3", "4", "latest", "sibling"]);
        expect(await tagsOf(registry, "app")).toHaveLength(5);
        const again = await program.perform(shell, "prune");
        expect(again.said).toBe("all 9 tags stay");
        expect(program.asked).not.toContain(user.password);
        expect(program.asked).toContain("tag delete");
        expect(fs.readdirSync(program.path("control/operations")).sort()).toEqual(["reserve", "results", "run"]);
    });

    test("an empty registry is right", async () => {
        const { program } = await prepared({ rules: [{ keepNewest: 1 }], apply: true });
        expect(await program.perform(shell, "prune")).toMatchObject({ code: 0, said: "all 0 tags stay" });
    });

    test("an index keeps its images, and a referrer goes with what it is about", async () => {
        const { registry, program } = await prepared({ rules: [{ keepNewest: 2 }], maxShare: 90, apply: true });
        const amd64 = await push(registry, "app", "1-amd64", 9);
        const index = await pushOther(registry, "app", "1", {
            mediaType: INDEX,
            manifests: [descriptor(MANIFEST, amd64)],
        });
        const old = await push(registry, "app", "old", 30);
        const signature = (about: string) =>
            pushOther(registry, "app", `${about.replace(":", "-")}.sig`, {
                mediaType: MANIFEST,
                config: descriptor("application/vnd.oci.image.config.v1+json", digestOf("{}")),
                layers: [],
                annotations: { about },
            });
        for (const about of [amd64, index, old]) await signature(about);
        await push(registry, "app", "2", 2);
        expect(await program.perform(shell, "prune")).toMatchObject({ code: 0, deleted: "2" });
        expect(await tagsOf(registry, "app")).toEqual(
            ["1", "1-amd64", "2", ...[amd64, index].map((each) => `${each.replace(":", "-")}.sig`)].sort(),
        );
    });

    test("refuses the whole when more than a share would go", async () => {
        const { registry, program } = await prepared({ rules: [{ keepNewest: 1 }], maxShare: 60, apply: true });
        for (const tag of ["1", "2", "3"]) await push(registry, "app", tag, 10 - Number(tag));
        for (const tag of ["1", "2"]) await push(registry, "other", tag, 10 - Number(tag));
        const dry = await program.perform(shell, "prune", "dry_run=yes");
        expect(dry).toMatchObject({ code: 0, result: "warning" });
        const done = await program.perform(shell, "prune");
        expect(done).toMatchObject({ code: 1, result: "failed" });
        expect(done.said).toMatch(/^2 of 3 tags of 'app' would go, more than operations.retention.maxShare/);
        expect([await tagsOf(registry, "app"), await tagsOf(registry, "other")].flat()).toHaveLength(5);
    });

    test("does nothing until apply is true, nor where the registry takes no deletes", async () => {
        const rules = { rules: [{ keepYounger: "1h" }], maxShare: 100 };
        const { registry, program } = await prepared(rules);
        await push(registry, "app", "1", 2);
        const said = "would delete 1 of 1 tags; nothing is deleted until operations.retention.apply is true";
        expect(await program.perform(shell, "prune")).toMatchObject({ code: 0, said });
        for (const more of [{ deletes: false }, { readOnly: true }]) {
            const { config } = render({ args: { deletes: true, ...more } });
            const other = await prepared({ ...rules, apply: true });
            await push(other.registry, "app", "1", 2);
            fs.writeFileSync(other.program.path("control/registry/config.yml"), config);
            expect(await other.program.perform(shell, "prune")).toMatchObject({
                result: "failed",
                said: expect.stringMatching(/takes no deletes now; 0 of 1/) as string,
            });
            expect(await tagsOf(other.registry, "app")).toEqual(["1"]);
        }
    });

    test("leaves what was pushed between the plan and its turn, with what is about it", async () => {
        const { registry, program } = await prepared({ rules: [{ keepYounger: "1h" }], maxShare: 100, apply: true });
        await push(registry, "app", "3", 4);
        const again = await push(registry, "app", "2", 5);
        const about = `${again.replace(":", "-")}.sig`;
        await push(registry, "app", about, 5);
        await push(registry, "app", "1", 6);
        // What runs before the first deletion.
        const link = linkOf(registry, "app", "2");
        fs.writeFileSync(program.path("before"), `#!/bin/sh\n/usr/bin/touch '${link}'\n`, { mode: 0o755 });
        expect(await program.perform(shell, "prune")).toMatchObject({ code: 0, deleted: "2" });
        expect(await tagsOf(registry, "app")).toEqual(["2", about].sort());
    });

    test("what cannot be read, or is not a tag of the registry's, is never deleted", async () => {
        const { registry, program } = await prepared({ rules: [{ keepYounger: "1h" }], maxShare: 100, apply: true });
        for (const tag of ["1", "2", "3"]) await push(registry, "app", tag, 2);
        fs.writeFileSync(linkOf(registry, "app", "1"), "sha256:12");
        age(registry, "app", "1", 2);
        const strange = linkOf(registry, "app", "2\n./app/_manifests/tags/3");
        fs.mkdirSync(path.dirname(strange), { recursive: true });
        fs.copyFileSync(linkOf(registry, "app", "3"), strange);
        expect(await program.perform(shell, "prune")).toMatchObject({ code: 0, deleted: "2", tags: "2" });
        expect(fs.existsSync(linkOf(registry, "app", "1"))).toBe(true);
    });

    test("a registry that does not run is said", async () => {
        const { program } = await prepared({ rules: [{ keepYounger: "1h" }], apply: true });
        fs.writeFileSync(program.path("stopped"), "");
        expect(await program.perform(shell, "prune")).toMatchObject({
            code: 1,
            said: expect.stringMatching(/does not run/) as string,
        });
    });
});
