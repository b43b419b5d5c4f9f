import { createHash, randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Nas, NasOptions } from "../../lab";
import type { Arguments } from "../../lab/workspace";
import type { CommandResult } from "../../toolchain/process";
import { shown } from "../pages";
import { check, eventually, identity, must, RegistryView, Setting } from "./setting";

const stack = "operations";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

let setting: Setting;
let nas: Nas;
let registry: RegistryView;

beforeAll(async () => {
    setting = await Setting.open("operations");
    nas = await setting.nas(
        { vendor: "synology", name: stack },
        { operations: { garbageCollection: { schedule: "30 3 * * sun", uploadPatience: "0" } } },
    );
    await setting.workspace.operate(stack, "up");
    registry = new RegistryView(await setting.client("laptop"), await setting.workspace.outputs(stack));
});
afterAll(() => setting.close());

const operate = (...args: string[]): Promise<CommandResult> => setting.workspace.command([...args, "--stack", stack]);
const digestOf = (content: string) => `sha256:${createHash("sha256").update(content).digest("hex")}`;

/** The status of each request of a push, in its order. */
async function pushBlob(repository: string, content: string): Promise<number> {
    const { status, headers } = await registry.send("POST", `/v2/${repository}/blobs/uploads/`);
    if (status !== 202) return status;
    const separator = headers.location?.includes("?") ? "&" : "?";
    const address = `${headers.location}${separator}digest=${encodeURIComponent(digestOf(content))}`;
    return (await registry.send("PUT", address, content)).status;
}

/** An image of one layer, as its manifest has it. */
function image(layer = randomBytes(4000).toString("hex")) {
    const config = JSON.stringify({ architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [] } });
    const descriptor = (mediaType: string, content: string) => ({
        mediaType,
        digest: digestOf(content),
        size: content.length,
    });
    const manifest = JSON.stringify({
        schemaVersion: 2,
        mediaType: MANIFEST,
        config: descriptor("application/vnd.oci.image.config.v1+json", config),
        layers: [descriptor("application/vnd.oci.image.layer.v1.tar", layer)],
    });
    return { layer, config, manifest, digest: digestOf(manifest) };
}

const putManifest = async (repository: string, tag: string, { manifest }: { manifest: string }) =>
    must(
        registry.client.exec(
            `cat >/tmp/manifest; curl -s --cacert /tmp/ca.crt -u "${registry.outputs.username}:${registry.outputs.password}" \\
                -X PUT -H 'Content-Type: ${MANIFEST}' --data-binary @/tmp/manifest -o /dev/null -w '%{http_code}' \\
                '${registry.outputs.url}/v2/${repository}/manifests/${tag}'`,
            { input: manifest },
        ),
    ).then(Number);

async function push(repository: string, tag: string, pushed: ReturnType<typeof image>): Promise<number[]> {
    return [
        await pushBlob(repository, pushed.layer),
        await pushBlob(repository, pushed.config),
        await putManifest(repository, tag, pushed),
    ];
}

/** Asks for the digest of a tag, and deletes its manifest, by the commands of the page about cleaning up. */
async function deleteAsShown(repository: string, tag: string, digest: string): Promise<void> {
    const { username, password } = registry.outputs;
    const desk = path.join(setting.workspace.directory, "curl");
    fs.writeFileSync(desk, `silent\nfail\nuser = "${username}:${password}"\nconnect-to = "::${nas.address}:"\n`);
    const others = { "--user admin": `--config ${desk}`, "team/app": repository };
    const asked = [
        shown("registry=$(pulumi stack output url)"),
        shown("pulumi stack output caCertificate >ca.pem"),
        shown("oci=application/vnd.oci.image docker=application/vnd.docker.distribution.manifest"),
        shown('accept="Accept: $oci.index.v1+json, $oci.manifest.v1+json, $docker.list.v2+json, $docker.v2+json"'),
        shown('curl --cacert ca.pem --user admin --head --header "$accept" "$registry/v2/team/app/manifests/1.0"', {
            ...{ ...others, "1.0": tag },
        }),
        shown('curl --cacert ca.pem --user admin --request DELETE "$registry/v2/team/app/manifests/sha256:…"', {
            ...{ ...others, "sha256:…": digest },
        }),
    ];
    const said = await must(setting.atDesk(asked.join("\n"), stack));
    expect(said.toLowerCase()).toContain(`docker-content-digest: ${digest}\r\n`);
}

describe("garbage collection", () => {
    test("of a registry without images is done", async () => {
        expect(await setting.shown("npx nas-registry gc --stack synology", stack)).toMatchObject({
            code: 0,
            stdout: expect.stringMatching(/nothing to collect/) as string,
        });
    });

    test("frees what was deleted, and the same can be pushed and pulled again", async () => {
        const pushed = image();
        expect(await push("app", "1", pushed)).toEqual([201, 201, 201]);
        const kept = image();
        expect(await push("app", "2", kept)).toEqual([201, 201, 201]);
        const layer = `/v2/app/blobs/${digestOf(pushed.layer)}`;
        expect((await registry.send("HEAD", layer)).status).toBe(200);
        await deleteAsShown("app", "1", pushed.digest);

        const before = await identity(nas, "registry");
        const dry = await setting.shown("npx nas-registry gc --stack synology --dry-run", stack);
        expect(dry).toMatchObject({
            code: 0,
            stdout: expect.stringMatching(/would free 8\.\d KiB: 2 blobs/) as string,
        });
        expect((await registry.send("GET", layer)).status).toBe(200);
        const { code, stdout } = await operate("gc", "--json");
        expect(code).toBe(0);
        const { freed_bytes: freed, ...said } = JSON.parse(stdout) as Record<string, string>;
        expect(Number(freed)).toBe(pushed.layer.length + pushed.manifest.length);
        expect(said).toMatchObject({ operation: "gc", result: "ok" });
        expect(await identity(nas, "registry")).toBe(before);

        // What the cache has said of it before is forgotten.
        expect((await registry.send("HEAD", layer)).status).toBe(404);
        expect(await putManifest("app", "1", pushed)).toBe(400);
        expect(await push("app", "1", pushed)).toEqual([201, 201, 201]);
        expect((await registry.get(layer)).body).toBe(pushed.layer);
        expect((await registry.get(`/v2/app/blobs/${digestOf(kept.layer)}`)).body).toBe(kept.layer);
    });

    test("does not break an upload that began before it", async () => {
        const doomed = image();
        await push("app", "3", doomed);
        await registry.send("DELETE", `/v2/app/manifests/${doomed.digest}`);
        const { headers } = await registry.send("POST", "/v2/app/blobs/uploads/");
        const patched = await registry.send("PATCH", headers.location ?? "", "the first half, ");
        expect(patched.status).toBe(202);
        expect(await operate("gc")).toMatchObject({ code: 0, stdout: expect.stringMatching(/freed/) as string });
        const rest = "and the second";
        const again = await registry.send("PATCH", patched.headers.location ?? "", rest);
        const whole = `the first half, ${rest}`;
        const digest = encodeURIComponent(digestOf(whole));
        expect((await registry.send("PUT", `${again.headers.location}&digest=${digest}`)).status).toBe(201);
        expect((await registry.get(`/v2/app/blobs/${digestOf(whole)}`)).body).toBe(whole);
    });

    test("is seen by the check when the program is not as the stack left it", async () => {
        const checked = await setting.shown("npx nas-registry check --stack synology", stack);
        expect(checked.stdout).toContain("nothing found");
        const chain = await setting.shown("npx nas-registry chain diskstation.local:9160", stack, {
            "diskstation.local": nas.address,
        });
        expect(chain.stdout).toContain("Names:    DNS:diskstation.local");
        await must(nas.exec("echo >>/volume1/@nas-registry/registry/operations/run"));
        expect((await check(setting.workspace, stack)).stdout).toMatch(/finding +registry-operations/);
    });
});

test("a snapshot of the NAS's own is brought back, and the cache does not vouch for what came later", async () => {
    const data = "/volume1/docker/registry-data";
    const tags = () => registry.get("/v2/app/tags/list");
    const before = await tags();
    await must(nas.exec(`mkdir ${data}.snapshot && cp -a ${data}/docker ${data}.snapshot`));
    const later = image();
    expect(await push("app", "later", later)).toEqual([201, 201, 201]);
    const docker = { "docker ": "/usr/local/bin/docker " };
    for (const command of [
        shown("docker stop registry", docker),
        shown("cd /volume1/docker/registry-data && mv docker docker.before && cp -a .snapshot/docker docker", {
            ".snapshot": `${data}.snapshot`,
        }),
        shown("docker restart registry-redis", docker),
        shown("docker start registry", docker),
    ]) {
        await must(nas.exec(command));
    }
    await eventually(60, async () => (await registry.get("/v2/")).status === 200);
    expect((await registry.send("HEAD", `/v2/app/blobs/${digestOf(later.layer)}`)).status).toBe(404);
    expect(await tags()).toEqual(before);
    expect(await setting.shown("npx nas-registry verify --stack synology", stack)).toMatchObject({ code: 0 });
    await must(nas.exec(`rm -r ${data}.snapshot ${data}/docker.before`));
});

describe.each<{ options: NasOptions; ground: string; args?: Arguments }>([
    { options: { vendor: "synology", name: "syno" }, ground: "/volume1/@nas-registry/registry" },
    { options: { vendor: "qnap" }, ground: "/share/CACHEDEV1_DATA/.nas-registry/registry" },
    {
        ...{ options: { vendor: "linux" }, ground: "/var/lib/nas-registry/registry" },
        args: { hostName: "homeserver.local" },
    },
])("by the scheduler of a $options.vendor", ({ options, ground, args }) => {
    let here: Nas;
    const place = `${ground}/operations`;
    /** A QNAP has entries of its own; DSM's name a task by its number. */
    const scheduled = async () =>
        (await here.runScheduled()).filter(({ command }) => /operations\/run tick|synoschedtask/.test(command));
    const result = async () => (await here.exec(`cat ${place}/results/gc`)).stdout;
    /** As if the NAS had been off for a week. */
    const aWeekOff = () => must(here.exec(`echo $(($(cat ${place}/ticked) - 604800)) >${place}/ticked`));

    beforeAll(async () => {
        here = await setting.nas(options, { ...args, operations: { garbageCollection: { uploadPatience: "0" } } });
        await setting.workspace.operate(here.name, "up");
    });
    afterAll(() => here.remove());

    test("what is due runs, as root, with the little that there is of an environment", async () => {
        expect(await scheduled()).toMatchObject([{ code: 0 }]);
        expect(await result()).toBe("");
        await aWeekOff();
        expect(await scheduled()).toMatchObject([{ code: 0 }]);
        expect(await result()).toMatch(/^result=ok$[^]*^said=there was nothing to collect/m);
        // Once, however long the NAS was off.
        const before = await result();
        await here.runScheduled();
        expect(await result()).toBe(before);
    });

    test("what was interrupted runs again, and one that fails fails the task", async () => {
        await must(here.exec(`sed -i 's/^result=.*/result=running/; s/^pid=.*/pid=0/' ${place}/results/gc`));
        await here.runScheduled();
        expect(await result()).toMatch(/^result=ok$[^]*^interrupted=1$/m);
        await here.docker("stop", "registry");
        await aWeekOff();
        expect(await scheduled()).toMatchObject([{ code: 1 }]);
        expect(await result()).toMatch(/^result=failed$[^]*^said=the registry 'registry' does not run/m);
        await here.docker("start", "registry");
    });

    test("who may write in the shared folder changes nothing that root runs, and leads it nowhere", async () => {
        const mallory = (script: string) => here.exec(script, { user: "mallory" });
        const known = () =>
            must(
                here.exec(`cat ${place}/run; stat -c '%A %u:%g %h %n' ${place}/run /etc/shadow
                    stat -c '%A %u:%g %n' /* ${ground}/.. ${ground}/* ${here.sharedFolder}`),
            );
        const before = await known();
        const evil = "/tmp/evil; echo 'id >/tmp/owned' >/tmp/evil; chmod 755 /tmp/evil";
        for (const attempt of [
            `echo 'id >/tmp/owned' >>${place}/run`,
            `: >${evil}; cp /tmp/evil ${place}/run`,
            `mv ${ground} ${ground}.x`,
            `mv ${ground}/.. ${ground}/../../x`,
            `rm -rf ${place}; ln -s /tmp ${place}`,
            `ln -s /tmp ${ground}/../evil`,
            `ln ${place}/run '${here.sharedFolder}/a hard link'`,
            `mkfifo ${place}/lock`,
            `mkdir '${place}/tmp.x'`,
        ]) {
            expect((await mallory(attempt)).code, attempt).not.toBe(0);
        }
        // In the shared folder all of that can be done; a container is mounted what is at the path then.
        const strange = `cd ${here.sharedFolder} && mkdir -p 'a b' ./-rf "$(printf 'new\nline')"`;
        const swap = `${strange} && mv registry-data ./-away && ln -s / registry-data`;
        const isSwapped = (await mallory(swap)).code === 0;
        expect(isSwapped).toBe(options.vendor !== "linux");
        await aWeekOff();
        await here.runScheduled();
        const verified = await setting.workspace.command(["verify", "--stack", here.name]);
        expect(verified.code).toBe(isSwapped ? 2 : 0);
        expect(await must(here.exec("ls /tmp/owned 2>/dev/null || true"))).toBe("");
        if (isSwapped) {
            await must(mallory(`cd ${here.sharedFolder} && rm registry-data && mv ./-away registry-data`));
        }
        expect(await known()).toBe(before);
        expect(await setting.workspace.command(["verify", "--stack", here.name])).toMatchObject({ code: 0 });
    });

    test("a second up changes nothing, and logs in nowhere", async () => {
        const logins = await here.sshLogins();
        expect(Object.keys((await setting.workspace.operate(here.name, "up")).changes)).toEqual(["same"]);
        expect(await here.sshLogins()).toBe(logins);
    });

    test("a destroy takes the entry away", async () => {
        await setting.workspace.operate(here.name, "destroy", "--run-program");
        expect(await scheduled()).toEqual([]);
        expect((await here.exec(`ls -d ${ground}`)).stdout).toBe("");
    });
});

test("a destroy takes the program away, and leaves the images", async () => {
    await setting.workspace.operate(stack, "destroy");
    expect(await must(nas.exec("ls -d /volume1/@nas-registry 2>/dev/null; ls /volume1/docker/registry-data"))).toBe(
        "docker\n",
    );
});
