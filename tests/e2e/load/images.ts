import { createHash } from "node:crypto";

export interface Blob {
    readonly digest: string;
    readonly size: number;
    /** Makes it anew each time, so that thousands of them need no memory. */
    readonly content: () => Buffer;
}

export interface Manifest {
    readonly digest: string;
    readonly mediaType: string;
    readonly body: string;
    /** Configuration and layers; none of an index. */
    readonly blobs: readonly Blob[];
    /** The images of an index. */
    readonly children: readonly Manifest[];
}

/** A manifest under its name in a registry. */
export interface Image {
    readonly repository: string;
    readonly tag: string;
    readonly manifest: Manifest;
}

export const nameOf = ({ repository, tag }: Image) => `${repository}:${tag}`;

/** Numbers from 0 to 1, the same for the same seed. */
export type Random = () => number;

const OCI = "application/vnd.oci.image";

export function digestOf(content: string | Buffer): string {
    return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

/** The generator mulberry32. */
export function seeded(seed: number): Random {
    let state = seed;
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
}

export function oneOf<T>(random: Random, values: readonly T[]): T | undefined {
    return values[Math.floor(random() * values.length)];
}

/** Images nobody has had before: two to four layers that nothing can compress, some of them of earlier images. */
export class RandomImages {
    private made = 0;

    /**
     * @param name Where it is the same, so are the images.
     * @param layers The latest layers, for others who make images to share.
     * @param largest Bytes of the largest layer; the smallest has 1000, and there are as many small ones as large ones.
     */
    constructor(
        private readonly name: string,
        private readonly random: Random,
        private readonly layers: Blob[],
        private readonly largest = 1_000_000,
    ) {}

    /** One in six is an index of two images. */
    next(): Manifest {
        if (this.random() >= 1 / 6) return this.image();
        const children = [this.image(), this.image()];
        const manifests = children.map(({ mediaType, digest, body }, index) => ({
            mediaType,
            digest,
            size: body.length,
            platform: { os: "linux", architecture: index === 0 ? "amd64" : "arm64" },
        }));
        return manifest(`${OCI}.index.v1+json`, { manifests }, [], children);
    }

    private image(): Manifest {
        const count = 2 + Math.floor(this.random() * 3);
        const layers = Array.from({ length: count }, () => this.layer());
        const history = `${this.name}/${this.made++}`;
        const config = JSON.stringify({ os: "linux", architecture: "amd64", history: [{ comment: history }] });
        const blobs = [blob(() => Buffer.from(config)), ...layers];
        const [described, ...rest] = blobs.map(({ digest, size }, index) => ({
            mediaType: index === 0 ? `${OCI}.config.v1+json` : `${OCI}.layer.v1.tar`,
            digest,
            size,
        }));
        return manifest(`${OCI}.manifest.v1+json`, { config: described, layers: rest }, blobs, []);
    }

    private layer(): Blob {
        const shared = this.random() < 1 / 3 ? oneOf(this.random, this.layers) : undefined;
        if (shared) return shared;
        const name = `${this.name}/${this.made++}`;
        const outputLength = Math.floor(1000 * (this.largest / 1000) ** this.random());
        const made = blob(() => createHash("shake256", { outputLength }).update(name).digest());
        this.layers.push(made);
        if (this.layers.length > 50) this.layers.shift();
        return made;
    }
}

function blob(content: () => Buffer): Blob {
    const once = content();
    return { digest: digestOf(once), size: once.length, content };
}

function manifest(mediaType: string, content: object, blobs: Blob[], children: Manifest[]): Manifest {
    const body = JSON.stringify({ schemaVersion: 2, mediaType, ...content });
    return { mediaType, body, digest: digestOf(body), blobs, children };
}
