import type * as pulumi from "@pulumi/pulumi";

import { filled, type Known, type Problems, secondsIn, section } from "./section";
import type { TlsArgs } from "./tls";

/** How requests are answered. */
export interface HttpArgs {
    /**
     * Time that running uploads and downloads have to end when the registry is stopped, at most `1h`; `0` cuts them off.
     * @default "60s" @example "5m" @is duration 0..1h
     */
    drainTimeout?: pulumi.Input<string>;
    /**
     * Headers of every answer of the registry's interface, for instance for a user interface on another host.
     * @default { "X-Content-Type-Options": ["nosniff"] }
     * @example { "Access-Control-Allow-Origin": ["https://ui.example.com"] } @names header
     */
    headers?: pulumi.Input<Record<string, pulumi.Input<pulumi.Input<string>[]>>>;
}

/** What only a registry has that is pushed to. */
export interface UploadArgs {
    /**
     * Secret that signs the state of uploads, at least 32 characters; the same for all registries that share a storage.
     * @default 64 hexadecimal digits, generated once @example "what openssl rand -hex 32 prints"
     * @is secret like /^[\x20-\x7e]{32,}$/ at least 32 characters of ASCII
     */
    httpSecret?: pulumi.Input<string>;
    /**
     * URL by which clients reach a proxy in front of the registry; it is in the registry's answers.
     * @default none @example "https://registry.example.com" @is serverUrl
     */
    externalUrl?: pulumi.Input<string>;
    /** Names no host in its answers, so that a proxy in front may be called anything. @default true */
    relativeUrls?: pulumi.Input<boolean>;
}

export const http = section<HttpArgs & UploadArgs & TlsArgs>()({
    confidential: ["httpSecret"],
    check: (problems, args) => {
        checkStaysEncrypted(problems, "externalUrl", args.externalUrl, args);
    },
    idle: ({ externalUrl, relativeUrls }) => ({ relativeUrls: relativeUrls && externalUrl && "externalUrl" }),
    settings: ({ drainTimeout = "60s", ...args }) => ({
        /** Seconds. */
        drainTimeout: secondsIn(drainTimeout),
        ...filled(args, {
            headers: { "X-Content-Type-Options": ["nosniff"] },
            externalUrl: undefined,
            relativeUrls: true,
        }),
    }),
    keys: {
        "http.secret": ["httpSecret", (_, { httpSecret }) => httpSecret],
        "http.host": ["externalUrl", ({ externalUrl }) => externalUrl],
        "http.relativeurls": ["relativeUrls", ({ relativeUrls }) => relativeUrls],
        "http.draintimeout": ["drainTimeout", ({ drainTimeout }) => `${drainTimeout}s`],
        "http.headers": ["headers", ({ headers }) => headers],
    },
});

/** Seconds until the engine kills a container that is stopped: somewhat more than it has for its drain. */
export function stopSeconds({ drainTimeout }: { drainTimeout: number }): number {
    return Math.ceil(drainTimeout) + 10;
}

/** Where the registry sends clients with their passwords. */
export function checkStaysEncrypted(
    problems: Problems,
    property: string,
    url: string | undefined,
    { tls = "none" }: Known<TlsArgs>,
): void {
    if (tls !== "none" && url !== undefined && /^http:/i.test(url)) {
        problems.add(
            `${property}: an http URL is not allowed with tls ${tls}, since clients would send passwords there in the clear; give an https URL, or set tls to none.`,
        );
    }
}
