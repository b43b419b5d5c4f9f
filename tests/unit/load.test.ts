import * as https from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { Authority } from "../authority";
import { Load, type LoadOptions } from "../e2e/load";
import { Books } from "../e2e/load/books";
import { digestOf, RandomImages, seeded, type Image } from "../e2e/load/images";

interface Described {
    digest: string;
}

/** As much of a registry as the load asks for. */
class FakeRegistry {
    readonly blobs = new Map<string, Buffer>();
    readonly manifests = new Map<string, Buffer>();
    /** `repository:tag` -> digest of the manifest. */
    readonly tags = new Map<string, string>();
    /** Asked before each request; a status is the answer, 0 is none at all. */
    fault: (method: string, path: string) => number | undefined = () => undefined;
    private readonly server: https.Server;

    constructor(key: { certificate: string; privateKey: string }) {
        this.server = https.createServer({ cert: key.certificate, key: key.privateKey }, (incoming, outgoing) => {
            const { method = "", url = "" } = incoming;
            const chunks: Buffer[] = [];
            incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
            incoming.on("end", () => {
                const fault = this.fault(method, url);
                if (fault === 0) return incoming.socket.destroy();
                const [status, body = "", headers = {}] = fault
                    ? [fault]
                    : this.answer(method, new URL(url, "https://fake"), Buffer.concat(chunks));
                return outgoing.writeHead(status, headers).end(body);
            });
        });
    }

    async listen(): Promise<string> {
        await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
        return `https://localhost:${(this.server.address() as AddressInfo).port}`;
    }

    close(): void {
        this.server.closeAllConnections();
        this.server.close();
    }

    private answer(method: string, url: URL, body: Buffer): [number, (Buffer | string)?, Record<string, string>?] {
        const [, repository = "", kind, reference = ""] =
            /^\/v2\/(.+)\/(blobs|manifests)\/(.*)$/.exec(url.pathname) ?? [];
        if (method === "POST") return [202, "", { location: `/v2/${repository}/blobs/uploads/1?_state=a` }];
        if (kind === "blobs" && method === "PUT") {
            this.blobs.set(url.searchParams.get("digest") ?? "", body);
            return [201];
        }
        const name = `${repository}:${reference}`;
        const digest = this.tags.get(name) ?? reference;
        if (method === "PUT") return this.putManifest(name, body);
        if (method === "DELETE") {
            this.tags.forEach((tagged, tag) => tagged === digest && this.tags.delete(tag));
            return [this.manifests.delete(digest) ? 202 : 404];
        }
        const content = (kind === "blobs" ? this.blobs : this.manifests).get(digest);
        return content ? [200, content] : [404];
    }

    private putManifest(name: string, body: Buffer): [number, string, Record<string, string>?] {
        const { config, layers = [] } = JSON.parse(body.toString()) as { config?: Described; layers?: Described[] };
        const needed = [...(config ? [config] : []), ...layers];
        if (needed.some((blob) => !this.blobs.has(blob.digest))) {
            return [400, '{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN"}]}'];
        }
        const digest = digestOf(body);
        this.manifests.set(digest, body);
        if (!name.includes("sha256:")) this.tags.set(name, digest);
        return [201, "", { "docker-content-digest": digest }];
    }
}

async function until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await sleep(5);
}

describe("the load", () => {
    let authority: Authority;
    let registry: FakeRegistry;
    let access: LoadOptions;
    let load: Load;

    beforeAll(async () => {
        authority = await Authority.create();
    });
    beforeEach(async () => {
        registry = new FakeRegistry(await authority.certify("registry.lab"));
        const url = (await registry.listen()).replace("localhost", "registry.lab");
        access = {
            ...{ url, address: "127.0.0.1", ca: authority.certificate, username: "anna", password: "secret" },
            ...{ repositories: ["team/app", "web"], seed: 1, pause: 1, most: 20, largest: 20_000, retryFor: 5000 },
        };
        load = new Load(access);
    });
    afterEach(async () => {
        await load.stop();
        registry.close();
    });

    /** Runs so many clients until it is so. */
    const runUntil = async (isSo: () => boolean, clients = 4) => {
        load.start(clients);
        await until(isSo);
        return load.stop();
    };

    test("pushes, pulls and deletes, and expects just what was acknowledged last", async () => {
        const report = await runUntil(() => load.report().deletes > 10 && load.report().pulls > 30);
        expect(report).toMatchObject({ blocked: 0, restarted: 0, retried: 0, longestWait: 0, failures: [] });
        expect(report.pushes).toBeGreaterThan(report.deletes);
        expect(load.expected()).toEqual([...registry.tags.keys()].sort());
        expect(await load.verifyAll()).toEqual([]);
    });

    test("begins a push again while writes are blocked, and pulls go on", async () => {
        await runUntil(() => load.report().pushes > 10);
        registry.fault = (method) => (["GET", "HEAD"].includes(method) ? undefined : 405);
        const { pushes, pulls } = load.report();
        load.start(4);
        await until(() => load.report().blocked > 3 && load.report().pulls > pulls + 3);
        expect(load.report().pushes).toBe(pushes);
        registry.fault = () => undefined;
        await until(() => load.report().pushes > pushes);
        await load.stop();
        expect(load.report().failures).toEqual([]);
        expect(await load.verifyAll()).toEqual([]);
    });

    test("begins a push again when a blob of it was lost on the way", async () => {
        let lost = "";
        registry.fault = (method, path) => {
            if (method === "PUT" && path.includes("/manifests/") && lost === "") {
                lost = [...registry.blobs.keys()].at(-1) ?? "";
                registry.blobs.delete(lost);
            }
            return undefined;
        };
        const report = await runUntil(() => load.report().pushes > 0, 1);
        expect(report).toMatchObject({ restarted: 1, failures: [] });
        expect(registry.blobs.has(lost)).toBe(true);
    });

    test.each([
        ["a broken connection", 0],
        ["502", 502],
        ["503", 503],
    ])("repeats for a while after %s, and says how long a pull waited", async (_, fault) => {
        await runUntil(() => load.report().pushes > 5);
        let left = 8;
        registry.fault = (method) => (method === "GET" && left-- > 0 ? fault : undefined);
        const { pulls } = load.report();
        const report = await runUntil(() => load.report().pulls > pulls + 5);
        expect(report.failures).toEqual([]);
        expect(report.retried).toBe(8);
        expect(report.longestWait).toBeGreaterThan(0);
        expect(await load.verifyAll()).toEqual([]);
    });

    test("enters what fails for longer, when and why, and expects nothing of a push that was not acknowledged", async () => {
        load = new Load({ ...access, retryFor: 300 });
        const began = Date.now();
        registry.fault = (method) => (method === "POST" ? 503 : undefined);
        const report = await runUntil(() => load.report().failures.length > 0, 1);
        const [failure] = report.failures;
        expect(failure).toMatchObject({
            kind: "push",
            why: expect.stringMatching(/^POST .*\/blobs\/uploads\/: 503/) as string,
        });
        expect(failure?.began).toBeGreaterThanOrEqual(began);
        expect((failure?.ended ?? 0) - (failure?.began ?? 0)).toBeGreaterThan(300);
        expect([report.pushes, load.expected()]).toEqual([0, []]);
    });

    test("finds what is not what was pushed, and what is gone", async () => {
        await runUntil(() => load.report().pushes > 10);
        const [tag = "", digest = ""] = [...registry.tags].find(([name]) => load.expected().includes(name)) ?? [];
        const { config } = JSON.parse(registry.manifests.get(digest)?.toString() ?? "") as {
            config?: { digest: string };
        };
        if (config) registry.blobs.set(config.digest, Buffer.from("something else"));
        else registry.manifests.delete(digest);
        expect(await load.verifyAll()).toEqual([expect.stringMatching(`^${tag}: GET `)]);
        registry.tags.clear();
        registry.manifests.clear();
        expect((await load.verifyAll()).map((line) => line.replace(/: GET .* 404 .*/, ""))).toEqual(load.expected());
        const report = await runUntil(() => load.report().failures.length > 0, 1);
        expect(report.failures[0]?.kind).toBe("pull");
    });

    test("trusts nobody but the authority that it was given", async () => {
        const { certificate: ca } = await Authority.create();
        load = new Load({ ...access, ca, retryFor: 0 });
        const report = await runUntil(() => load.report().failures.length > 0, 1);
        expect(report.failures[0]?.why).toContain("certificate");
    });
});

describe("its images", () => {
    const made = (name: string) => {
        const images = new RandomImages(name, seeded(7), []);
        return Array.from({ length: 50 }, () => images.next());
    };

    test("are the same for the same seed, others for another name", () => {
        expect(made("a").map(({ body }) => body)).toEqual(made("a").map(({ body }) => body));
        expect(made("a").map(({ digest }) => digest)).not.toContain(made("b")[0]?.digest);
    });

    test("have two to four layers of 1 KB to 1 MB, some of them shared, and are indexes at times", () => {
        const all = made("a").flatMap((image) => [image, ...image.children]);
        const layers = all.flatMap(({ blobs }) => blobs.slice(1));
        expect(layers.every(({ size }) => size >= 1000 && size <= 1e6)).toBe(true);
        expect(new Set(layers.map(({ digest }) => digest)).size).toBeLessThan(layers.length);
        const single = all.filter(({ children }) => children.length === 0);
        expect(new Set(single.map(({ blobs }) => blobs.length))).toEqual(new Set([3, 4, 5]));
        expect(all.filter(({ children }) => children.length === 2).length).toBeGreaterThan(0);
        expect(layers.every((layer) => digestOf(layer.content()) === layer.digest)).toBe(true);
    });
});

describe("its books", () => {
    const random = seeded(1);
    const [first, second] = [0, 1].map((at) => new RandomImages(`books/${at}`, seeded(at), []).next());
    const image = (manifest = first, tag = "1") => ({ repository: "app", tag, manifest }) as Image;
    const nothing = () => Promise.resolve();
    const failing = () => Promise.reject(new Error("no answer"));

    test("expect the image that was acknowledged last under a name", async () => {
        const books = new Books();
        await books.writing(image(), "push", nothing);
        await books.writing(image(second), "push", nothing);
        expect(books.images()).toEqual([image(second)]);
        expect(books.anyFormer(random)).toEqual(image());
    });

    test("expect nothing of a name that was deleted, nor of one whose push or deletion failed", async () => {
        const books = new Books();
        for (const kind of ["push", "delete"] as const) {
            await books.writing(image(), "push", nothing);
            await expect(books.writing(image(second), kind, failing)).rejects.toThrow("no answer");
            expect(books.images()).toEqual([]);
        }
        await books.writing(image(), "push", nothing);
        await books.writing(image(), "delete", nothing);
        expect(books.images()).toEqual([]);
    });

    test("let nobody write what another one reads or writes, nor read what another one writes", async () => {
        const books = new Books();
        await books.writing(image(), "push", nothing);
        await books.reading(image(), async () => {
            expect(await books.writing(image(second), "push", nothing)).toBe(false);
            expect(await books.writing(image(second, "2"), "push", nothing)).toBe(true);
        });
        await books.writing(image(), "push", async () => {
            expect(await books.writing(image(), "delete", nothing)).toBe(false);
            expect(books.any(random)).toEqual(image(second, "2"));
        });
        expect(books.size).toBe(2);
    });
});
