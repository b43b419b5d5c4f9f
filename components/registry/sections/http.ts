import { isIP } from "node:net";

import type * as pulumi from "@pulumi/pulumi";

import { isPrivateAddress } from "../../settings/addresses";
import { isPem, isWebUrl, matches, PRIVATE_KEY, URL_RULE, type Problems } from "../../settings/checks";
import type { Known } from "../../settings/known";
import { authority } from "../../nas/connection";
import { certificateProblems } from "../../certificates/givenCertificate";
import { CONFIG_MOUNT } from "./mounts";

/** Where the registry's certificate comes from. */
export const TlsMode = {
    /** An authority of the registry's own, which clients must trust (`clientSetup`). Renewed by `up`. */
    OwnAuthority: "own-authority",
    /** A certificate of yours, in `certificate`. */
    Given: "given",
    /**
     * The NAS's own web server, on port 443, for Synology: a reverse proxy rule of DSM for `hostName`, and a certificate
     * that is imported into DSM for it: yours if you give one, else one of an authority of the registry's own.
     */
    ReverseProxy: "reverse-proxy",
    /** No TLS: passwords and images are readable on the network, and clients must be told that this is meant. */
    None: "none",
} as const;
export type TlsMode = (typeof TlsMode)[keyof typeof TlsMode];

/** A certificate of yours. */
export interface CertificateArgs {
    /** PEM of the server certificate, followed by the intermediate ones. */
    certificate: pulumi.Input<string>;
    /** PEM of its private key; always kept as a secret. */
    privateKey: pulumi.Input<string>;
    /**
     * PEM of the authority, where clients do not know it, with intermediate ones if they shall trust those, too.
     * @default a public authority
     */
    caCertificate?: pulumi.Input<string>;
}

/** Lowest version of TLS. */
export const TlsVersion = {
    /** TLS 1.2. */
    Tls12: "tls1.2",
    /** TLS 1.3. */
    Tls13: "tls1.3",
} as const;
export type TlsVersion = (typeof TlsVersion)[keyof typeof TlsVersion];

/** Which network the registry's container is in. */
export const NetworkMode = {
    /** A network of its own; the port is published. */
    Bridge: "bridge",
    /** The NAS's own network, without address translation. */
    Host: "host",
} as const;
export type NetworkMode = (typeof NetworkMode)[keyof typeof NetworkMode];

/**
 * Prometheus metrics, on a private address of the NAS. The same port serves profiles of the process and asks for no
 * password, so only machines that you trust may reach it.
 */
export interface MetricsArgs {
    /**
     * Private address of the NAS; not 0.0.0.0.
     * @example "192.168.1.20"
     */
    address: pulumi.Input<string>;
    /** TCP port. @default 5001 */
    port?: pulumi.Input<number>;
    /** Path of the metrics. @default "/metrics" */
    path?: pulumi.Input<string>;
}

/** Whether the registry itself speaks TLS. */
export function speaksTls(tls: TlsMode): boolean {
    return tls === "own-authority" || tls === "given";
}

/** `host:port` by which clients reach the registry; with nothing but the host when that is a web server's usual port. */
export function clientAuthority({ tls, hostName, port }: { tls: TlsMode; hostName: string; port: number }): string {
    return tls === "reverse-proxy" ? hostName : authority(hostName, port);
}

export const SERVER_CERTIFICATE_FILE = "certificate.pem";
export const SERVER_KEY_FILE = "private-key.pem";

/** Seconds beyond the drain that the engine waits before it kills. */
export const STOP_MARGIN = 10;

/** @param names By which clients reach the registry; nothing while one of them is not known. */
export function checkCertificate(
    problems: Problems,
    given: Known<CertificateArgs> | undefined,
    names: string[] | undefined,
): void {
    const { certificate, privateKey, caCertificate } = given ?? {};
    const before = problems.sentences.length;
    problems.checkSecret("certificate.certificate", certificate, isPem("CERTIFICATE"), "PEM of certificates");
    problems.checkSecret("certificate.privateKey", privateKey, isPem(PRIVATE_KEY), "PEM of a private key");
    problems.checkSecret("certificate.caCertificate", caCertificate, isPem("CERTIFICATE"), "PEM of certificates");
    if (certificate === undefined || privateKey === undefined || !names || problems.sentences.length > before) {
        return;
    }
    const { errors } = certificateProblems({ certificate, privateKey, caCertificate }, names, new Date());
    errors.forEach((error) => problems.add(`certificate.${error}`));
}

export function checkMetrics(problems: Problems, metrics: Known<MetricsArgs> = {}): void {
    problems.check("metrics.address", metrics.address, isPrivateAddress, "one private address of the NAS");
    problems.whole("metrics.port", metrics.port, 1, 65535);
    // What is below /debug is there already, and the registry would not start.
    const isFree = matches(/^\/(?!debug(\/|$))[\w./-]*$/);
    problems.check("metrics.path", metrics.path, isFree, "a path such as /metrics, and not below /debug");
}

export function checkHeaders(
    problems: Problems,
    headers: Known<Record<string, string[]>> = {},
    property = "headers",
): void {
    for (const name of Object.keys(headers)) {
        // RFC 9110 section 5.6.2.
        if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) {
            problems.add(`${property}: "${name}" is not allowed; it must be the name of a header.`);
        }
    }
}

export function checkExternalUrl(problems: Problems, url: string | undefined): void {
    const isBare = (text: string) => isWebUrl(text) && /^[^/]+\/\/[^/?#]+\/?$/.test(text);
    problems.address("externalUrl", url, isBare, `${URL_RULE}, and without path`);
}

/** Where the registry sends clients with their passwords. */
export function checkStaysEncrypted(problems: Problems, property: string, url: string | undefined, tls: TlsMode): void {
    if (tls !== "none" && url !== undefined && /^http:/i.test(url)) {
        problems.add(
            `${property}: an http URL is not allowed with tls ${tls}, since clients would send passwords there in the clear; give an https URL, or set tls to none.`,
        );
    }
}

export const DEFAULT_METRICS_PORT = 5001;

/** Ports below need a right that the containers do not have; in a network of its own the engine opens them. */
const FIRST_FREE_PORT = 1024;

/** @param ports Of the registry and of its metrics; nothing for one that is not known. */
export function checkPorts(
    problems: Problems,
    ports: { port: number | undefined; metrics: number | undefined },
    args: { networkMode?: NetworkMode; bindAddress?: string; metrics?: Known<MetricsArgs> },
): void {
    const { port, metrics } = ports;
    for (const [property, each] of [["port", port] as const, ["metrics.port", metrics] as const]) {
        if (args.networkMode === "host" && each !== undefined && each >= 1 && each < FIRST_FREE_PORT) {
            problems.add(
                `${property}: ${each} is not allowed with networkMode host, where the registry opens it without rights; give ${FIRST_FREE_PORT} or higher, or set networkMode to bridge.`,
            );
        }
    }
    const meet =
        args.bindAddress === undefined ||
        /^[0.:]+$/.test(args.bindAddress) ||
        args.bindAddress === args.metrics?.address;
    if (metrics !== undefined && metrics === port && meet) {
        problems.add(`metrics.port: ${metrics} is the registry's own port; give another one.`);
    }
}

/** What the section `http` of config.yml is made of. */
export interface HttpSettings {
    tls: TlsMode;
    minimumTls: TlsVersion;
    networkMode: NetworkMode;
    bindAddress: string;
    port: number;
    externalUrl: string | undefined;
    relativeUrls: boolean;
    headers: Record<string, string[]>;
    /** Seconds; 0 cuts running uploads off. */
    drainTimeout: number;
    metrics: { address: string; port: number; path: string } | undefined;
}

/** Ports inside a container of its own network. */
export const REGISTRY_PORT = 5000;
export const METRICS_PORT = 5001;

/** Where the registry's process listens: in the NAS's own network just where it is reached. */
export function listenPort({ networkMode, port }: Pick<HttpSettings, "networkMode" | "port">): number {
    return networkMode === "host" ? port : REGISTRY_PORT;
}

/** @param secret Signs the state of uploads, so that they survive a restart. */
export function renderHttp(http: HttpSettings, secret: string) {
    const { metrics, networkMode } = http;
    const isHost = networkMode === "host";
    const listen = (address: string, port: number) =>
        isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
    return {
        addr: isHost ? listen(http.bindAddress, http.port) : `:${REGISTRY_PORT}`,
        secret,
        ...(http.externalUrl && { host: http.externalUrl }),
        relativeurls: http.relativeUrls,
        draintimeout: `${http.drainTimeout}s`,
        headers: http.headers,
        ...(metrics && {
            debug: {
                addr: isHost ? listen(metrics.address, metrics.port) : `:${METRICS_PORT}`,
                prometheus: { enabled: true, path: metrics.path },
            },
        }),
        ...(speaksTls(http.tls) && {
            tls: {
                certificate: `${CONFIG_MOUNT}/${SERVER_CERTIFICATE_FILE}`,
                key: `${CONFIG_MOUNT}/${SERVER_KEY_FILE}`,
                minimumtls: http.minimumTls,
            },
        }),
    };
}
