import { X509Certificate } from "node:crypto";
import * as os from "node:os";
import * as path from "node:path";
import * as tls from "node:tls";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Client, Nas } from "../../lab";
import { labImages } from "../../lab/content";
import type { Arguments, Operation } from "../../lab/workspace";
import { capture } from "../../toolchain/process";
import { identity, must, RegistryView, Setting } from "./setting";
import { watchManifest, type Watched } from "./watch";

/**
 * One registry and what can become of it: each group is a row of docs/reference/changes.md, and begins where the one before ended.
 * How long the registry was away is printed and not asserted.
 */
const stack = "synology";
const share = "/volume1/docker";
const tagList = "/v2/team/app/tags/list";
const stored = { status: 200, body: '{"name":"team/app","tags":["1"]}' };

let setting: Setting;
let client: Client;
let nas: Nas;
let registry: RegistryView;
let photos: string;

beforeAll(async () => {
    setting = await Setting.open("changes");
    client = await setting.client("laptop");
    const users = [{ name: "admin" }, { name: "anna" }];
    nas = await setting.nas({ vendor: "synology", foreignContainer: "photos" }, { users });
    photos = await identity(nas, "photos");
    await setting.workspace.operate(stack, "up");
    registry = new RegistryView(client, await setting.workspace.outputs(stack));
    await registry.push("team/app:1");
});
afterAll(() => setting.close());

/** `up` with other arguments; whatever they are, somebody else's container notices nothing. */
async function update(args: Arguments): Promise<Operation> {
    setting.workspace.changeArguments(stack, args);
    const operation = await setting.workspace.operate(stack, "up");
    expect(await identity(nas, "photos")).toBe(photos);
    registry = new RegistryView(client, await setting.workspace.outputs(stack));
    return operation;
}

/** As update, while a client asks for the image. */
async function watchedUpdate(change: string, args: Arguments): Promise<Watched> {
    const watch = watchManifest(client, registry, "team/app:1");
    await update(args);
    const seen = await watch.stop();
    console.log(`${change}: away for ${seen.gap.toFixed(1)} s`);
    return seen;
}

/** `up` or `preview` that fails with the sentence and leaves the registry as it was. */
async function expectRefusal(operation: string, ...sentences: (string | RegExp)[]): Promise<void> {
    const before = await containers();
    const { code, stdout, stderr } = await setting.workspace.attempt(stack, operation);
    for (const sentence of sentences) {
        expect(stdout + stderr).toMatch(sentence);
    }
    expect(code).not.toBe(0);
    expect(await containers()).toEqual(before);
}

const containers = () => Promise.all(["registry", "registry-redis"].map((name) => identity(nas, name)));
const networks = async () =>
    (await nas.docker("network", "ls", "--no-trunc", "--quiet", "--filter", "name=registry")).split("\n").sort();
const names = async () =>
    (await nas.docker("ps", "--all", "--filter", "name=registry", "--format", "{{.Names}}")).trim().split("\n").sort();

/** The certificate that the registry shows to whoever trusts its authority; it is valid for the NAS's name. */
function shownCertificate(): Promise<X509Certificate> {
    const { url = "", caCertificate } = registry.outputs;
    return new Promise((resolve, reject) => {
        const socket = tls.connect({
            host: nas.address,
            port: Number(new URL(url).port),
            servername: "diskstation.local",
            ca: caCertificate,
        });
        socket.on("error", reject);
        socket.on("secureConnect", () => {
            const certificate = socket.getPeerX509Certificate();
            socket.destroy();
            if (certificate) {
                resolve(certificate);
            } else {
                reject(new Error("the registry showed no certificate"));
            }
        });
    });
}

describe("users", () => {
    let before: string[];
    let old: RegistryView;

    beforeAll(async () => {
        old = registry;
        expect((await old.get(tagList, passwordOf(old, "anna"), "anna")).status).toBe(200);
        before = await containers();
        await update({
            users: [
                { name: "admin", rotation: "2" },
                { name: "ben", password: "chosen by Ben" },
            ],
        });
    });

    const statusOf = async (name: string, password?: string) => (await registry.get(tagList, password, name)).status;
    const passwordOf = (view: RegistryView, name: string) =>
        (view.outputs.passwords as unknown as Record<string, string>)[name];

    test("added, removed and rotated: nothing restarts", async () => expect(await containers()).toEqual(before));
    test("rotated: the new password works and the old one does not", async () => {
        expect(passwordOf(registry, "admin")).not.toBe(passwordOf(old, "admin"));
        expect(await statusOf("admin", passwordOf(registry, "admin"))).toBe(200);
        expect(await statusOf("admin", passwordOf(old, "admin"))).toBe(401);
    });
    test("removed: the password does not work", async () => {
        expect((await old.get(tagList, passwordOf(old, "anna"), "anna")).status).toBe(401);
    });
    test("added with a password of their own: it works", async () => {
        expect(await statusOf("ben", "chosen by Ben")).toBe(200);
    });
});

describe("configuration, limits and log settings", () => {
    let before: string;
    let seen: Watched;

    beforeAll(async () => {
        before = await identity(nas, "registry");
        seen = await watchedUpdate("configuration, limits and log settings", {
            headers: { "X-Content-Type-Options": ["nosniff"], "X-Team": ["platform"] },
            logLevel: "debug",
            memory: "512m",
            logs: { maxSize: "5m", maxFiles: 2 },
        });
    });

    test("the container is replaced, the data is kept", async () => {
        expect(await identity(nas, "registry")).not.toBe(before);
        expect(await registry.get(tagList)).toEqual(stored);
    });
    test("meanwhile a client finds the image or nobody, and never an error", () => {
        expect([...seen.statuses].filter((status) => status !== 0)).toEqual([200]);
    });
    test("the configuration is in force", async () => {
        const { stdout } = await client.exec(`curl -sk -D - -o /dev/null ${registry.outputs.url}/v2/`);
        expect(stdout).toMatch(/^x-team: platform\r$/im);
        expect(await must(nas.exec("/usr/local/bin/docker logs registry 2>&1"))).toContain('"level":"debug"');
    });
    test("limits and log settings are in force", async () => {
        const [inspected] = JSON.parse(await nas.docker("inspect", "registry")) as { HostConfig: object }[];
        expect(inspected?.HostConfig).toMatchObject({
            Memory: 512 * 1024 * 1024,
            LogConfig: { Type: "json-file", Config: { "max-size": "5m", "max-file": "2" } },
        });
    });
});

describe("image and port", () => {
    let redis: string;
    let events: { Action: string; Actor: { ID: string; Attributes: { name?: string } } }[];

    beforeAll(async () => {
        const now = async () => (await must(nas.exec("date +%s.%N"))).trim();
        redis = await identity(nas, "registry-redis");
        const since = await now();
        await update({ image: "registry:3", port: 9161 });
        const format = ["--since", since, "--until", await now(), "--format", "{{json .}}"];
        const lines = (await nas.docker("events", ...format)).trim().split("\n");
        events = lines.map((line) => JSON.parse(line) as (typeof events)[number]);
    });

    test("another image: it is pulled before the container stops", async () => {
        const pulled = events.findIndex(({ Action, Actor }) => Action === "pull" && Actor.ID === "registry:3");
        const stopped = events.findIndex(
            ({ Action, Actor }) => Action === "kill" && Actor.Attributes.name === "registry",
        );
        expect(pulled).toBeGreaterThanOrEqual(0);
        expect(stopped).toBeGreaterThan(pulled);
        expect((await nas.docker("inspect", "--format", "{{.Config.Image}}", "registry")).trim()).toBe("registry:3");
    });
    test("another port: the registry serves the same images there, and nobody listens on the old one", async () => {
        expect(registry.outputs.url).toBe("https://diskstation.local:9161");
        expect(await registry.get(tagList)).toEqual(stored);
        expect((await client.exec("curl -sk https://diskstation.local:9160/")).code).toBe(7);
    });
    test("neither touches Redis", async () => expect(await identity(nas, "registry-redis")).toBe(redis));
    test("an image by tag and digest is the one of the digest, and a second up changes nothing", async () => {
        const format = ["--format", "{{index .RepoDigests 0}}"];
        const [, digest] = (await nas.docker("image", "inspect", ...format, "registry:3")).trim().split("@");
        const image = `${labImages.image}@${digest}`;
        expect((await update({ image })).changes).toMatchObject({ replace: expect.any(Number) as number });
        expect((await nas.docker("inspect", "--format", "{{.Config.Image}}", "registry")).trim()).toBe(image);
        expect(Object.keys((await update({ image })).changes)).toEqual(["same"]);
    });
});

describe("the key that reaches Docker", () => {
    const authorizedLines = async () =>
        (await must(nas.exec("grep nas-registry: /root/.ssh/authorized_keys"))).trim().split("\n");

    test("rotated: its line takes the old one's place, and no container or network notices", async () => {
        const [old, ...others] = await authorizedLines();
        expect(others).toEqual([]);
        const before = [await containers(), await networks()];
        await update({ transportKeyRotation: "2" });
        const now = await authorizedLines();
        expect(now).toHaveLength(1);
        expect(now).not.toContain(old);
        expect([await containers(), await networks()]).toEqual(before);
    });
    test("locked to an address: it opens Docker from there, and from nowhere else", async () => {
        // As the NAS's sshd sees this machine.
        const log = await must(nas.exec("cat /var/log/sshd.log"));
        const [, here = ""] = /Accepted publickey for root from (\S+) /.exec(log) ?? [];
        await update({ transportKeyFrom: ["192.0.2.0/24", here] });
        const [line = ""] = await authorizedLines();
        const [, id = ""] = / nas-registry:([0-9a-f]+):/.exec(line) ?? [];
        const directory = path.join(os.userInfo().homedir, ".nas-registry", id);
        const options = ["BatchMode=yes", "IdentitiesOnly=yes", `UserKnownHostsFile=${directory}/known_hosts`];
        const words = ["-F", "none", "-T", "-p", String(nas.sshPort), "-i", `${directory}/key`];
        const asked = () =>
            capture("ssh", [...words, ...options.flatMap((each) => ["-o", each]), `root@${nas.address}`], {
                input: "GET /_ping HTTP/1.0\r\n\r\n",
            });
        const open = { code: 0, stdout: expect.stringContaining("200 OK") as string };
        expect(await asked()).toEqual({ ...open, stderr: "" });
        setting.workspace.changeArguments(stack, { transportKeyFrom: ["192.0.2.0/24"] });
        // Whether it fails depends on the connection that the last one may have left open.
        await setting.workspace.attempt(stack, "up");
        expect(await asked()).toMatchObject({
            code: 255,
            stderr: expect.stringContaining("Permission denied") as string,
        });
        await update({ transportKeyFrom: undefined });
        expect(await asked()).toEqual({ ...open, stderr: "" });
    });
    test("rotated: a refresh and a second up reach Docker with it and change nothing", async () => {
        await setting.workspace.operate(stack, "refresh", "--run-program");
        expect(Object.keys((await setting.workspace.operate(stack, "up")).changes)).toEqual(["same"]);
    });
});

describe("a certificate that ends soon, and another cache", () => {
    let old: X509Certificate;
    let authority: string | undefined;

    beforeAll(async () => {
        old = await shownCertificate();
        authority = registry.outputs.caCertificate;
        await setting.workspace.import(stack, endingSoon(await setting.workspace.export(stack)));
        await update({ cache: "inmemory" });
    });

    test("renewal: the registry shows a new certificate of the same authority and key", async () => {
        const renewed = await shownCertificate();
        expect(renewed.serialNumber).not.toBe(old.serialNumber);
        expect(renewed.publicKey.equals(old.publicKey)).toBe(true);
        expect(registry.outputs.caCertificate).toBe(authority);
    });
    test("another cache: Redis is gone, the data is kept", async () => {
        expect(await names()).toEqual(["registry"]);
        expect(await registry.get(tagList)).toEqual(stored);
    });
});

/** A state whose server certificate has 29 days left. */
function endingSoon(state: string): string {
    const parsed = JSON.parse(state) as {
        deployment: { resources: { type: string; outputs?: { validityEndTime?: string } }[] };
    };
    for (const { type, outputs } of parsed.deployment.resources) {
        if (type === "tls:index/locallySignedCert:LocallySignedCert" && outputs) {
            outputs.validityEndTime = new Date(Date.now() + 29 * 24 * 3_600_000).toISOString();
        }
    }
    return JSON.stringify(parsed);
}

describe("tier", () => {
    let production: RegistryView;

    beforeAll(() => {
        production = registry;
    });

    test("down to basic: anybody reaches the same images, which is said", async () => {
        const { stdout, stderr } = await update({ tier: "basic", cache: undefined, users: undefined });
        expect(stdout + stderr).toContain("auth is none: whoever reaches port 9161 on 0.0.0.0 may read and overwrite");
        expect(stdout + stderr).toContain("tls is none: passwords and images cross the network readable");
        expect(registry.outputs.url).toBe("http://diskstation.local:9161");
        expect(await registry.get(tagList, "")).toEqual(stored);
    });
    test("up to production: Redis, TLS and the users' earlier passwords are back, with the same images", async () => {
        await update({ tier: "production", users: [{ name: "admin", rotation: "2" }] });
        expect(registry.outputs.password).toBe(production.outputs.password);
        expect(await names()).toEqual(["registry", "registry-redis"]);
        expect(await registry.get(tagList)).toEqual(stored);
        expect((await registry.get(tagList, "")).status).toBe(401);
    });
});

describe("data directory", () => {
    test("another one is refused, with the ways to go on", async () => {
        setting.workspace.changeArguments(stack, { dataDirectory: `${share}/images` });
        await expectRefusal(
            "up",
            `dataDirectory: the images are in '${share}/registry-data' and not in '${share}/images': set dataDirectoryChange to move`,
        );
        expect(await registry.get(tagList)).toEqual(stored);
    });

    test("move: no push that succeeded is lost, and no pull fails but for the gap", async () => {
        await registry.push("team/pushed:0");
        const push = `touch /tmp/pushing; number=0
            while [ -e /tmp/pushing ]; do
                number=$((number + 1)); image=${registry.name}/team/pushed:$number
                docker tag busybox:lab $image && docker push -q $image >/dev/null 2>&1 && echo $number
            done`;
        const pushes = client.exec(push);
        const seen = await watchedUpdate("data directory", { dataDirectoryChange: "move" });
        await client.exec("rm /tmp/pushing");
        const pushed = (await pushes).stdout.trim().split("\n");
        expect(pushed.length).toBeGreaterThan(2);
        const { tags } = JSON.parse((await registry.get("/v2/team/pushed/tags/list")).body) as { tags: string[] };
        expect(tags).toEqual(expect.arrayContaining(["0", ...pushed]));
        expect([...seen.statuses].filter((status) => status !== 0)).toEqual([200]);
        expect(await registry.pull("team/app:1")).toMatchObject({ code: 0 });
        expect((await nas.exec(`ls -d ${share}/registry-data`)).code).not.toBe(0);
    });
});

describe("the NAS", () => {
    test("another one is refused, in a preview and before it is contacted", async () => {
        const other = await setting.lab.startNas({ vendor: "synology", name: "other", hostNames: ["other"] });
        const connection = { host: other.address, hostKey: other.hostKey };
        setting.workspace.changeArguments(stack, { connection });
        const sentence = `connection: ${other.address} is another NAS than ${nas.address}, since host and host key both differ`;
        await expectRefusal("preview", sentence);
        await expectRefusal("up", sentence);
        expect(await other.sshLogins()).toBe(0);
        await other.remove();
    });

    describe("the same one by another address, and another data directory whose predecessor is left", () => {
        let address: string;
        let before: string[];

        beforeAll(async () => {
            before = await networks();
            const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
            address = await setting.lab.engine.docker.run(["inspect", "--format", format, nas.container]);
            await update({
                connection: { host: address, port: 22, hostKey: nas.hostKey },
                dataDirectory: `${share}/fresh`,
                dataDirectoryChange: "leave",
            });
        });

        test("another address: it comes into the certificate, and the networks stay", async () => {
            expect((await shownCertificate()).checkIP(address)).toBe(address);
            expect(await networks()).toEqual(before);
            expect(await must(nas.exec("grep -c nas-registry: /root/.ssh/authorized_keys"))).toBe("1\n");
        });
        test("leave: the images stay where they are, and the registry begins anew", async () => {
            expect(await registry.get("/v2/_catalog")).toEqual({ status: 200, body: '{"repositories":[]}' });
            expect(await must(nas.exec(`ls ${share}/images/docker/registry/v2/repositories/team`))).toBe(
                "app\npushed\n",
            );
        });
    });
});

test("bad values are refused together, before the NAS is contacted", async () => {
    const logins = await nas.sshLogins();
    const bad = { port: 70000, memory: "10m", cpus: 50, logLevel: "loud", image: "registry:2.8.3" };
    setting.workspace.changeArguments(stack, bad);
    await expectRefusal(
        "up",
        "port: 70000 is not allowed; it must be a whole number from 1 to 65535.",
        'memory: "10m" is not allowed; it must be a size such as 512m or 1g, from 64m to 1024g, or 0.',
        "cpus: 50 is not allowed; it must be a number of CPUs from 0.1 to 9.9, or 0.",
        'logLevel: "loud" is not allowed; it must be one of error, warn, info, debug.',
        'image: "registry:2.8.3" is older than 3.1.2',
    );
    expect(await nas.sshLogins()).toBe(logins);
});
