import { createHash } from "node:crypto";

import { afterAll, beforeAll, expect, test } from "vitest";

import type { Client, Nas } from "../../lab";
import { must, RegistryView, Setting } from "./setting";

const stack = "synology";
const data = "/volume1/docker/old-registry";

let setting: Setting;
let client: Client;
let nas: Nas;

const layer = "any bytes";
const config = "{}";
const image = manifest({
    schemaVersion: 2,
    mediaType: "application/vnd.docker.distribution.manifest.v2+json",
    config: descriptor("application/vnd.docker.container.image.v1+json", config),
    layers: [descriptor("application/vnd.docker.image.rootfs.diff.tar.gzip", layer)],
});
const schema1 = manifest({
    schemaVersion: 1,
    name: "team/ancient",
    tag: "1",
    architecture: "amd64",
    fsLayers: [{ blobSum: `sha256:${sha256(layer)}` }],
    history: [{ v1Compatibility: "{}" }],
});

/** A directory as distribution 2 left it, of a user of DSM: one image that can be read and one that cannot. */
beforeAll(async () => {
    setting = await Setting.open("adoption");
    client = await setting.client("laptop");
    nas = await setting.nas({ vendor: "synology" }, { dataDirectory: data });
    const files = {
        ...stored("team/app", image, [config, layer]),
        ...stored("team/ancient", schema1, [layer]),
    };
    const write = Object.entries(files).map(
        ([file, content]) =>
            `mkdir -p '${data}/${file}' && rmdir '${data}/${file}' && printf %s '${content}' >'${data}/${file}'`,
    );
    await must(nas.exec(`set -e\n${write.join("\n")}\nchown -R 1026:100 ${data}`));
});
afterAll(() => setting.close());

const traces = () =>
    must(
        nas.exec(
            `ls -lnR ${data}; ls /volume1/docker; cat /root/.ssh/authorized_keys; /usr/local/bin/docker ps --all --quiet`,
        ),
    );

test("it is refused, since it is another user's, until it is said that it may be taken", async () => {
    const before = await traces();
    const { code, stdout, stderr } = await setting.workspace.attempt(stack, "up");
    expect(stdout + stderr).toContain(`'${data}' belongs to 1026:100, and the registry runs as 91600:91600`);
    expect(code).not.toBe(0);
    expect(await traces()).toBe(before);
    await setting.workspace.configure(stack, "registry.takeOverDataFrom", "1026:100");
    const { stdout: planned } = await setting.workspace.operate(stack, "preview");
    expect(planned).toMatch(/registry-data-owner +create/);
});

test("with an image of schema 1 inside it is refused, by name, before anything is changed", async () => {
    const before = await traces();
    const { code, stdout, stderr } = await setting.workspace.attempt(stack, "up");
    expect(stdout + stderr).toContain(
        `dataDirectory: '${data}' holds images of manifest schema 1, which distribution 3 cannot read: team/ancient@sha256:${sha256(schema1)} (at most`,
    );
    expect(code).not.toBe(0);
    expect(await traces()).toBe(before);
});

test("without it the registry serves the images of its predecessor, which are its own then", async () => {
    await must(nas.exec(`rm -r ${data}/docker/registry/v2/repositories/team/ancient`));
    await setting.workspace.operate(stack, "up");
    const registry = new RegistryView(client, await setting.workspace.outputs(stack));
    expect(await registry.get("/v2/_catalog")).toEqual({ status: 200, body: '{"repositories":["team/app"]}' });
    expect(await registry.get("/v2/team/app/manifests/1")).toEqual({ status: 200, body: image });
    expect(await registry.get(`/v2/team/app/blobs/sha256:${sha256(layer)}`)).toEqual({ status: 200, body: layer });
    expect((await nas.docker("inspect", "--format", "{{.Config.User}}", "registry")).trim()).toBe("91600:91600");
    expect(await must(nas.exec(`find ${data} ! -uid 91600 ! -name .nas-registry`))).toBe("");
    await registry.push("team/app:2");
});

function sha256(content: string): string {
    return createHash("sha256").update(content).digest("hex");
}

function descriptor(mediaType: string, content: string) {
    return { mediaType, size: content.length, digest: `sha256:${sha256(content)}` };
}

/** In the form in which clients send it. */
function manifest(content: object): string {
    return JSON.stringify(content, null, 3);
}

/** The files of an image with the tag 1 in a registry's data directory: path -> content. */
function stored(repository: string, text: string, blobs: string[]): Record<string, string> {
    const root = "docker/registry/v2";
    const own = `${root}/repositories/${repository}`;
    const link = `sha256:${sha256(text)}`;
    return {
        ...Object.fromEntries(
            [text, ...blobs].map((blob) => [
                `${root}/blobs/sha256/${sha256(blob).slice(0, 2)}/${sha256(blob)}/data`,
                blob,
            ]),
        ),
        ...Object.fromEntries(
            blobs.map((blob) => [`${own}/_layers/sha256/${sha256(blob)}/link`, `sha256:${sha256(blob)}`]),
        ),
        [`${own}/_manifests/revisions/sha256/${sha256(text)}/link`]: link,
        [`${own}/_manifests/tags/1/current/link`]: link,
        [`${own}/_manifests/tags/1/index/sha256/${sha256(text)}/link`]: link,
    };
}
