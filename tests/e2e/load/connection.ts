import * as http from "node:http";
import * as https from "node:https";
import { isIP, type LookupFunction } from "node:net";

import { request, type RequestOptions } from "../../request";
import { digestOf, type Blob, type Manifest } from "./images";

export interface ConnectionOptions {
    /** The registry's. */
    readonly url: string;
    /** Where it answers, when the name in its URL is not known here. */
    readonly address?: string;
    /** PEM of what signed its certificate. */
    readonly ca?: string;
    readonly username: string;
    readonly password: string;
}

/** No answer, or one that asks to come again: refused, broken off, 502, 503. */
export class Unavailable extends Error {}
/** The registry takes no pushes and no deletes for now: 405. */
export class Blocked extends Error {}
/** The registry does not have all that the manifest names. */
export class BlobUnknown extends Error {}

/** Milliseconds without a byte after which nobody waits any more. */
const PATIENCE = 10_000;

/** A registry's API over connections that are kept, in the steps that can be repeated. */
export class Connection {
    private readonly agent: http.Agent | https.Agent;
    private readonly lookup: LookupFunction | undefined;

    constructor(private readonly options: ConnectionOptions) {
        const { url, address } = options;
        this.agent = new (url.startsWith("https:") ? https : http).Agent({ keepAlive: true });
        const family = isIP(address ?? "");
        this.lookup =
            address === undefined
                ? undefined
                : (_, { all }, found) => {
                      if (all) found(null, [{ address, family }]);
                      else found(null, address, family);
                  };
    }

    /** Puts the blob where it is missing. */
    async putBlob(repository: string, blob: Blob): Promise<void> {
        const place = `/v2/${repository}/blobs`;
        const { status } = await this.send("HEAD", `${place}/${blob.digest}`, [200, 404]);
        if (status === 200) return;
        const { headers } = await this.send("POST", `${place}/uploads/`, [202]);
        const upload = new URL(headers.get("location") ?? "", this.options.url);
        upload.searchParams.set("digest", blob.digest);
        await this.send("PUT", upload.pathname + upload.search, [201], {
            headers: { "content-type": "application/octet-stream" },
            body: blob.content(),
        });
    }

    /** Puts the manifest, and holds the registry to its digest. */
    async putManifest(repository: string, reference: string, manifest: Manifest): Promise<void> {
        const { headers } = await this.send("PUT", `/v2/${repository}/manifests/${reference}`, [201], {
            headers: { "content-type": manifest.mediaType },
            body: manifest.body,
        });
        const digest = headers.get("docker-content-digest");
        if (digest !== manifest.digest) throw new Error(`${manifest.digest} was acknowledged as ${digest}`);
    }

    /** Deletes the manifest with all its tags; it may be gone only when the request was sent before. */
    async deleteManifest(repository: string, digest: string, isRepeated: boolean): Promise<void> {
        await this.send("DELETE", `/v2/${repository}/manifests/${digest}`, isRepeated ? [202, 404] : [202]);
    }

    /** Gets a blob or a manifest by tag or digest. @throws when its content has another digest than expected */
    async get(repository: string, kind: "blobs" | "manifests", digest: string, reference = digest): Promise<void> {
        const answer = await this.send("GET", `/v2/${repository}/${kind}/${reference}`, [200]);
        const got = digestOf(Buffer.from(await answer.arrayBuffer()));
        if (got !== digest) throw new Error(`GET ${kind}/${reference}: ${got} instead of ${digest}`);
    }

    private async send(
        method: string,
        path: string,
        expected: number[],
        options: RequestOptions = {},
    ): Promise<Response> {
        const { url, ca, username, password } = this.options;
        const { agent, lookup } = this;
        const sent = { method, ca, agent, lookup, user: `${username}:${password}`, timeout: PATIENCE, ...options };
        const answer = await request(new URL(path, url), sent).catch((error: unknown) => {
            throw new Unavailable(`${method} ${path}: ${error instanceof Error ? error.message : String(error)}`);
        });
        if (expected.includes(answer.status)) return answer;
        const text = await answer.text();
        const said = `${method} ${path}: ${answer.status} ${text.slice(0, 500)}`;
        if ([502, 503].includes(answer.status)) throw new Unavailable(said);
        if (answer.status === 405) throw new Blocked(said);
        if (answer.status === 400 && text.includes("MANIFEST_BLOB_UNKNOWN")) throw new BlobUnknown(said);
        throw new Error(said);
    }
}
