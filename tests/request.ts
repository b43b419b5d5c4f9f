import * as http from "node:http";
import * as https from "node:https";
import type { LookupFunction } from "node:net";

export interface RequestOptions {
    method?: string;
    headers?: Record<string, string>;
    body?: string | Buffer;
    /** `name:password` */
    user?: string;
    /** What signed the server's certificate, PEM; nothing else is trusted. */
    ca?: string;
    /** Keeps connections. @default each request has one of its own */
    agent?: http.Agent | https.Agent;
    /** Finds the address of the URL's host. */
    lookup?: LookupFunction;
    /** Milliseconds without a byte after which the request fails. @default never */
    timeout?: number;
}

/** As clients send it: to one that does not name OCI's types, a registry says that it has no such image. */
const ACCEPT = ["manifest", "index"].map((kind) => `application/vnd.oci.image.${kind}.v1+json`).join(", ");

/** As fetch, which cannot be told what to trust. */
export function request(url: URL, options: RequestOptions = {}): Promise<Response> {
    const { method = "GET", headers, body, user, ca, agent = false, lookup, timeout } = options;
    const sent: https.RequestOptions = { method, headers: { accept: ACCEPT, ...headers }, agent, lookup, timeout };
    return new Promise((resolve, reject) => {
        const send = url.protocol === "https:" ? https.request : http.request;
        const outgoing = send(url, { ...sent, ...(ca && { ca }), ...(user && { auth: user }) });
        outgoing.on("error", reject);
        outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer for ${timeout} ms`)));
        outgoing.on("response", (incoming) => {
            const chunks: Buffer[] = [];
            incoming.on("error", reject);
            incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
            incoming.on("end", () => {
                const status = incoming.statusCode ?? 0;
                const answered = new Headers();
                for (const [name, values] of Object.entries(incoming.headersDistinct)) {
                    values?.forEach((value) => answered.append(name, value));
                }
                const isEmpty = [204, 205, 304].includes(status);
                resolve(new Response(isEmpty ? null : Buffer.concat(chunks), { status, headers: answered }));
            });
        });
        outgoing.end(body);
    });
}
