import { setTimeout as sleep } from "node:timers/promises";

import { Books } from "./load/books";
import { Blocked, BlobUnknown, Connection, Unavailable, type ConnectionOptions } from "./load/connection";
import { nameOf, oneOf, RandomImages, seeded, type Blob, type Image, type Random } from "./load/images";

export interface LoadOptions extends ConnectionOptions {
    readonly repositories: readonly string[];
    /** Whose clients ask for the same in the same order, as far as the others' requests let them. */
    readonly seed: number;
    /** Milliseconds for which a request that found nobody is repeated. @default 1000 */
    readonly retryFor?: number;
    /** Milliseconds between two images of a client. @default 50 */
    readonly pause?: number;
    /** Bytes of the largest layer; the smallest has 1000. @default 1,000,000 */
    readonly largest?: number;
    /** Images that the registry has at most; beyond, clients delete one for each that they push. @default 200 */
    readonly most?: number;
}

/** Something that failed for good, with the time in which it was tried, in milliseconds since 1970. */
export interface Failure {
    readonly began: number;
    readonly ended: number;
    readonly kind: "push" | "pull" | "delete";
    readonly image: string;
    readonly why: string;
}

export interface Report {
    /** Images whose push was acknowledged. */
    pushes: number;
    /** Images that were pulled with the right digests. */
    pulls: number;
    deletes: number;
    /** Answers of 405. */
    blocked: number;
    /** Pushes that began again, since the registry lost a blob of them. */
    restarted: number;
    /** Requests that were repeated, since nobody answered. */
    retried: number;
    /** The longest time that a pull waited for one of its answers, when it had to repeat the request, in milliseconds. */
    longestWait: number;
    failures: Failure[];
}

/** Milliseconds after which a push that was not taken is tried again. */
const BLOCKED_FOR = 200;
/** Milliseconds after which a request that found nobody is repeated. */
const RETRIED_AFTER = 50;
/** How often one push may lose a blob. */
const RESTARTS = 5;

/** Clients that push, pull and delete random images, and the books of what the registry said that it has. */
export class Load {
    private readonly books = new Books();
    private connection: Connection;
    private readonly layers: Blob[] = [];
    private readonly done: Report = {
        ...{ pushes: 0, pulls: 0, deletes: 0, blocked: 0, restarted: 0, retried: 0, longestWait: 0 },
        failures: [],
    };
    private clients: Promise<void>[] = [];
    private started = 0;
    private isStopping = false;

    constructor(private readonly options: LoadOptions) {
        this.connection = new Connection(options);
    }

    /** Starts so many clients, beside those that run. */
    start(clients: number): void {
        this.isStopping = false;
        for (let client = 0; client < clients; client++) this.clients.push(this.client(this.started++));
    }

    /** From here on another registry is asked, which must have the same images. */
    moveTo(other: ConnectionOptions): void {
        this.connection = new Connection(other);
    }

    /** What happened so far. */
    report(): Report {
        return { ...this.done, failures: [...this.done.failures] };
    }

    /** Ends the clients once they have done what they are at; {@link start} goes on. */
    async stop(): Promise<Report> {
        this.isStopping = true;
        await Promise.all(this.clients);
        this.clients = [];
        return this.report();
    }

    /** Names of the images that the registry must have. */
    expected(): string[] {
        return this.books.images().map(nameOf).sort();
    }

    /** Pulls all images that the registry must have, after {@link stop}; what is wrong, a line for each of them. */
    async verifyAll(): Promise<string[]> {
        const wrong: string[] = [];
        const left = this.books.images();
        const verify = async () => {
            for (let image = left.pop(); image; image = left.pop()) {
                const name = nameOf(image);
                await this.pull(image).catch((error: unknown) => wrong.push(`${name}: ${messageOf(error)}`));
            }
        };
        await Promise.all([verify(), verify(), verify(), verify()]);
        return wrong.sort();
    }

    private async client(number: number): Promise<void> {
        const { seed, pause = 50 } = this.options;
        const random = seeded(seed * 1000 + number);
        const images = new RandomImages(`${seed}/${number}`, random, this.layers, this.options.largest);
        while (!this.isStopping) {
            await this.step(random, images);
            await sleep(pause);
        }
    }

    /** Half of all is pulls, one in ten is a delete, the rest is pushes. */
    private async step(random: Random, images: RandomImages): Promise<void> {
        const { books } = this;
        const choice = random();
        const isFull = books.size > (this.options.most ?? 200);
        const there = choice < 0.6 || isFull ? books.any(random) : undefined;
        if (there && choice < 0.5) {
            await this.attempt("pull", there, () => books.reading(there, () => this.pull(there)));
        } else if (there) {
            await this.attempt("delete", there, () => books.writing(there, "delete", () => this.delete(there)));
        } else {
            const image = this.choose(random, images);
            await this.attempt("push", image, () => books.writing(image, "push", () => this.push(image)));
        }
    }

    /** A new image, or one in six times one that is there or was there once. */
    private choose(random: Random, images: RandomImages): Image {
        const again = random() < 1 / 6 ? (this.books.anyFormer(random) ?? this.books.any(random)) : undefined;
        const repository = oneOf(random, this.options.repositories) ?? "load";
        // A quarter goes by a name that others have had.
        const tag = random() < 1 / 4 ? "latest" : String(Math.floor(random() * 1e9));
        return again ?? { repository, tag, manifest: images.next() };
    }

    /** Enters into the report what failed. */
    private async attempt(kind: Failure["kind"], image: Image, run: () => Promise<unknown>): Promise<void> {
        const began = Date.now();
        try {
            await run();
        } catch (error) {
            if (error instanceof Blocked) return; // the load ended meanwhile
            this.done.failures.push({ began, ended: Date.now(), kind, image: nameOf(image), why: messageOf(error) });
        }
    }

    private async push({ repository, tag, manifest }: Image): Promise<void> {
        const parts = [...manifest.children, manifest];
        await this.whenOpen(async () => {
            for (const part of parts) {
                for (const blob of part.blobs) {
                    await this.retrying(() => this.connection.putBlob(repository, blob));
                }
                const reference = part === manifest ? tag : part.digest;
                await this.retrying(() => this.connection.putManifest(repository, reference, part));
            }
        });
        this.done.pushes++;
    }

    private async delete({ repository, manifest }: Image): Promise<void> {
        await this.whenOpen(() =>
            this.retrying((isRepeated) => this.connection.deleteManifest(repository, manifest.digest, isRepeated)),
        );
        this.done.deletes++;
    }

    /** Gets all of the image. @throws at the first thing that is not there or not what was pushed */
    private async pull(image: Image): Promise<void> {
        const { repository, tag, manifest } = image;
        const get = async (...what: Parameters<Connection["get"]>) => {
            const began = Date.now();
            const repeated = await this.retrying(() => this.connection.get(...what));
            if (repeated > 0) this.done.longestWait = Math.max(this.done.longestWait, Date.now() - began);
        };
        await get(repository, "manifests", manifest.digest, tag);
        for (const child of manifest.children) await get(repository, "manifests", child.digest);
        for (const { blobs } of [manifest, ...manifest.children]) {
            for (const { digest } of blobs) await get(repository, "blobs", digest);
        }
        this.done.pulls++;
    }

    /** Runs it from its beginning until the registry takes it. @throws Blocked when the load is to end before */
    private async whenOpen(run: () => Promise<unknown>): Promise<void> {
        for (let restarts = 0; ;) {
            try {
                await run();
                return;
            } catch (error) {
                if (error instanceof Blocked) {
                    this.done.blocked++;
                    if (this.isStopping) throw error;
                    await sleep(BLOCKED_FOR);
                } else if (error instanceof BlobUnknown && restarts++ < RESTARTS) {
                    this.done.restarted++;
                } else {
                    throw error;
                }
            }
        }
    }

    /** Repeats while nobody answers, for a time; how often it was repeated. */
    private async retrying(run: (isRepeated: boolean) => Promise<void>): Promise<number> {
        let until = Infinity;
        for (let repeated = 0; ; repeated++) {
            try {
                await run(repeated > 0);
                return repeated;
            } catch (error) {
                until = Math.min(until, Date.now() + (this.options.retryFor ?? 1000));
                if (!(error instanceof Unavailable) || Date.now() >= until) throw error;
                this.done.retried++;
                await sleep(RETRIED_AFTER);
            }
        }
    }
}

function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}
