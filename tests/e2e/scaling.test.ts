import { createHash, randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Client, Nas, ObjectStore, Redis } from "../../lab";
import { ensureObjectStore } from "../../toolchain/goPrograms";
import { Authority } from "../authority";
import { programWithPackage } from "../installedPackage";
import { shown } from "../pages";
import { eventually, identity, must, RegistryView, Setting } from "./setting";

const HOST = "images.lan";
const secret = () => randomBytes(24).toString("hex");
const secrets = { secretKey: secret(), redisPassword: secret(), httpSecret: secret(), password: secret() };

let setting: Setting;
let authority: Authority;
let serverKey: string;
let objects: ObjectStore;
let redis: Redis;
let synology: Nas;
let qnap: Nas;
/** The service as a machine sees it for which the name is one of the NASes. */
let atSynology: RegistryView;
let atQnap: RegistryView;
let clients: { synology: Client; qnap: Client };
let printed: string;

beforeAll(async () => {
    setting = await Setting.open("scaling", programWithPackage("examples/two-nases"));
    authority = await Authority.create();
    const { certificate, privateKey } = await authority.certify(HOST);
    serverKey = privateKey;
    const bucket = { bucket: "images", accessKey: "nases", secretKey: secrets.secretKey };
    const tls = authority.certify;
    objects = await setting.lab.startObjectStore(await ensureObjectStore(), { name: "objects", tls, ...bucket });
    const access = { user: "registry", password: secrets.redisPassword };
    redis = await setting.lab.startRedis({ name: "cache", tls, ...access });
    [synology, qnap] = await Promise.all([
        setting.lab.startNas({ vendor: "synology" }),
        setting.lab.startNas({ vendor: "qnap" }),
    ]);
    const config = {
        hostName: HOST,
        certificate,
        caCertificate: authority.certificate,
        bucket: bucket.bucket,
        objectStore: objects.endpoint,
        accessKey: bucket.accessKey,
        redis: [redis.address],
        redisUser: access.user,
        synology: connectionOf(synology),
        qnap: connectionOf(qnap),
    };
    await setting.workspace.initStack("lan", named(config), [synology, qnap]);
    for (const [name, value] of Object.entries({ ...secrets, privateKey })) {
        await setting.workspace.configureSecret("lan", name, value);
    }
    const { stdout, stderr } = await setting.workspace.operate("lan", "up");
    printed = stdout + stderr;
    const outputs = await setting.workspace.outputs("lan");
    // Docker Engine 28.5 with its older image store does not try the second address before it gives up (docs/how-to/two-nases.md).
    clients = { synology: await setting.client("left", "20.10"), qnap: await setting.client("right", "20.10") };
    await resolve(clients.synology, synology);
    await resolve(clients.qnap, qnap);
    atSynology = new RegistryView(clients.synology, outputs);
    atQnap = new RegistryView(clients.qnap, outputs);
    await Promise.all([atSynology.logIn(), atQnap.logIn()]);
});
afterAll(() => setting.close());

const connectionOf = (nas: Nas) => ({ host: nas.address, port: nas.sshPort, user: nas.user, hostKey: nas.hostKey });
const named = (config: object) =>
    Object.fromEntries(Object.entries(config).map(([name, value]): [string, unknown] => [`two-nases:${name}`, value]));

/** Gives the service's name the addresses of these NASes, in this order, on a client. */
async function resolve(client: Client, ...nases: Nas[]): Promise<void> {
    const names = nases.map((nas) => nas.hostNames[0]).join(" ");
    await must(
        client.exec(`grep -v ${HOST} /etc/hosts >/tmp/hosts
            for name in ${names}; do
                address=$(getent ahostsv4 "$name" | awk '{ print $1; exit }')
                echo "$address ${HOST}" >>/tmp/hosts
            done
            cat /tmp/hosts >/etc/hosts
            sleep 6 # the engine looks at the file again after five seconds`),
    );
}

/** Builds an image of busybox' layer and one of its own; its id. */
async function build(view: RegistryView, repository: string): Promise<string> {
    const { name, client } = view;
    const script = `cd "$(mktemp -d)" && head -c 100000 /dev/urandom >content
        printf 'FROM busybox:lab\\nCOPY content /content\\n' >Dockerfile
        DOCKER_BUILDKIT=0 docker build -q -t ${name}/${repository} .`;
    return (await must(client.exec(script))).trim();
}

const push = ({ client, name }: RegistryView, repository: string) =>
    must(client.exec(`docker push -q ${name}/${repository}`));

/** The id of the image that is pulled. */
async function pull({ client, name }: RegistryView, repository: string): Promise<string> {
    const reference = `${name}/${repository}`;
    const script = `docker pull -q ${reference} >/dev/null && docker inspect --format '{{.Id}}' ${reference}`;
    return (await must(client.exec(script))).trim();
}

const tagsOf = async (view: RegistryView, repository: string) => {
    const { tags } = JSON.parse((await view.get(`/v2/${repository}/tags/list`)).body) as { tags: string[] };
    return tags.sort();
};

describe("two registries on one object store and one Redis", () => {
    test("what is pushed to one is pulled from the other", async () => {
        const there = await build(atSynology, "team/app:1");
        await push(atSynology, "team/app:1");
        expect(await pull(atQnap, "team/app:1")).toBe(there);
        const back = await build(atQnap, "team/app:2");
        await push(atQnap, "team/app:2");
        expect(await pull(atSynology, "team/app:2")).toBe(back);
    });

    test("pushes to both at once lose nothing", async () => {
        const tags = ["a", "b", "c", "d", "e", "f"];
        const ids = new Map<string, string>();
        for (const view of [atSynology, atQnap]) {
            for (const tag of tags) {
                const name = view === atSynology ? `left-${tag}` : `right-${tag}`;
                ids.set(name, await build(view, `team/many:${name}`));
            }
        }
        const side = (name: string) => (name.startsWith("left") ? [atSynology, atQnap] : [atQnap, atSynology]);
        await Promise.all([...ids.keys()].map((name) => push(side(name)[0] ?? atQnap, `team/many:${name}`)));
        expect(await tagsOf(atSynology, "team/many")).toEqual([...ids.keys()].sort());
        expect(await tagsOf(atQnap, "team/many")).toEqual([...ids.keys()].sort());
        for (const [name, id] of ids) {
            expect(await pull(side(name)[1] ?? atQnap, `team/many:${name}`)).toBe(id);
        }
    });

    test("an upload that began at one goes on, and ends, at the other", async () => {
        const content = randomBytes(300_000).toString("hex");
        const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`;
        const size = content.length / 3;
        const { location } = (await atSynology.send("POST", "/v2/team/upload/blobs/uploads/")).headers;
        let next = location ?? "";
        for (const [part, view] of [atQnap, atSynology, atQnap].entries()) {
            const body = content.slice(part * size, (part + 1) * size);
            const sent = await view.send("PATCH", next, body);
            expect(sent.status).toBe(202);
            next = sent.headers.location ?? "";
        }
        expect((await atSynology.send("PUT", `${next}&digest=${digest}`)).status).toBe(201);
        const kept = await atQnap.send("GET", `/v2/team/upload/blobs/${digest}`);
        expect(kept.body === content).toBe(true);
    });

    test("what is deleted at one is gone at the other at once", async () => {
        await build(atSynology, "team/gone:1");
        await push(atSynology, "team/gone:1");
        const { headers } = await atQnap.manifest("team/gone", "1");
        const address = `/v2/team/gone/manifests/${headers["docker-content-digest"]}`;
        expect((await atSynology.send("DELETE", address)).status).toBe(202);
        expect((await atQnap.send("HEAD", address)).status).toBe(404);
    });

    test("both look up in the given Redis, over TLS, as the user they were given", async () => {
        expect(await redis.keys()).toContainEqual(expect.stringMatching(/^repository::team\/app::blobs::sha256:/));
        const users = (await redis.cli("client", "list")).split("\n").filter((line) => line.includes("user=registry"));
        const addresses = new Set(users.map((line) => / addr=([\d.]+):/.exec(line)?.[1]));
        expect(addresses.size).toBe(2);
    });

    test("without Redis, pushes and pulls go on", async () => {
        await redis.service.pause();
        try {
            const id = await build(atSynology, "team/slow:1");
            await push(atSynology, "team/slow:1");
            expect(await pull(atQnap, "team/slow:1")).toBe(id);
        } finally {
            await redis.service.unpause();
        }
    });

    test("the images are in the bucket, and on no NAS", async () => {
        expect(await objects.keys("docker/registry/v2/repositories/team/app/")).not.toEqual([]);
        expect(await must(synology.exec("ls /volume1/docker"))).toBe("");
        // The other one is Container Station's own.
        expect(await must(qnap.exec("ls /share/Container"))).toBe("container-station-data\n");
    });
});

test("when one NAS goes, a client that knows both addresses goes on at the other, and nothing is lost", async () => {
    const client = clients.synology;
    await resolve(client, synology, qnap);
    await push(atSynology, "team/app:1");
    await synology.stop();
    try {
        const alone = await build(atSynology, "team/app:alone");
        await push(atSynology, "team/app:alone");
        expect(await pull(atQnap, "team/app:alone")).toBe(alone);
        expect(await tagsOf(atQnap, "team/app")).toEqual(["1", "2", "alone"]);
    } finally {
        await synology.start();
    }
    await resolve(client, synology);
    await eventually(60, async () => (await atSynology.get("/v2/")).status === 200);
    expect(await tagsOf(atSynology, "team/app")).toEqual(["1", "2", "alone"]);
});

test("garbage is collected while both are read-only, and Redis forgets it before they take pushes again", async () => {
    await build(atSynology, "team/garbage:1");
    await push(atSynology, "team/garbage:1");
    const { headers, body } = await atQnap.manifest("team/garbage", "1");
    const layer = (JSON.parse(body) as { layers: { digest: string }[] }).layers.at(-1)?.digest ?? "";
    const heads = async () => {
        const address = `/v2/team/garbage/blobs/${layer}`;
        return [(await atSynology.send("HEAD", address)).status, (await atQnap.send("HEAD", address)).status];
    };
    await atSynology.send("DELETE", `/v2/team/garbage/manifests/${headers["docker-content-digest"]}`);

    const up = { "pulumi up": "pulumi up --yes --skip-preview" };
    await must(setting.shown("pulumi config set readOnly true && pulumi up", "lan", up));
    for (const view of [atSynology, atQnap]) {
        expect((await view.send("POST", "/v2/team/garbage/blobs/uploads/")).status).toBe(405);
    }
    const words = (command: string) => command.split(" ").slice(1);
    const collected = await synology.docker(
        ...words(shown("docker exec synology registry garbage-collect /etc/distribution/config.yml")),
    );
    expect(collected).toContain(`blob eligible for deletion: ${layer}`);
    // Why the next step is needed.
    expect(await heads()).toEqual([200, 200]);
    await redis.cli(...words(shown("redis-cli -n 0 FLUSHDB")));
    expect(await heads()).toEqual([404, 404]);

    await must(setting.shown("pulumi config set readOnly false && pulumi up", "lan", up));
    const again = await build(atQnap, "team/garbage:1");
    await push(atQnap, "team/garbage:1");
    expect(await pull(atSynology, "team/garbage:1")).toBe(again);
});

test("secrets are in no output, no inspection, no log and no file of the state", async () => {
    const state = path.join(setting.workspace.directory, "state");
    const files = fs.readdirSync(state, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const places = {
        output: printed,
        export: await setting.workspace.export("lan"),
        state: files.map((file) => fs.readFileSync(path.join(file.parentPath, file.name), "latin1")).join(),
        synology: (await synology.docker("inspect", "synology")) + (await synology.docker("logs", "synology")),
        qnap: (await qnap.docker("inspect", "qnap")) + (await qnap.docker("logs", "qnap")),
    };
    const found = Object.entries({ ...secrets, serverKey: serverKey.split("\n")[1] ?? "" }).flatMap(([name, value]) =>
        Object.entries(places).flatMap(([place, text]) => (text.includes(value) ? [`${name} in ${place}`] : [])),
    );
    expect(found).toEqual([]);
    // What is searched is what it should be.
    for (const text of Object.values(places)) {
        expect(text).toMatch(/nas-registry/);
    }
});

test("a second up changes nothing and restarts nothing", async () => {
    const before = [await identity(synology, "synology"), await identity(qnap, "qnap")];
    expect(Object.keys((await setting.workspace.operate("lan", "up")).changes)).toEqual(["same"]);
    expect([await identity(synology, "synology"), await identity(qnap, "qnap")]).toEqual(before);
});

test("an up with a wrong secret key fails, and says what the object store said", async () => {
    await setting.workspace.configureSecret("lan", "secretKey", secret());
    const { code, stdout, stderr } = await setting.workspace.attempt("lan", "up");
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain("SignatureDoesNotMatch");
    await setting.workspace.configureSecret("lan", "secretKey", secrets.secretKey);
    await setting.workspace.operate("lan", "up");
    expect((await atQnap.get("/v2/_catalog")).status).toBe(200);
});

test("destroy leaves the bucket as it was", async () => {
    const before = await objects.keys();
    await setting.workspace.operate("lan", "destroy", "--run-program");
    expect(await objects.keys()).toEqual(before);
});
