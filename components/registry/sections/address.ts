import type * as pulumi from "@pulumi/pulumi";

import { authority, type Keyless } from "../../nas/connection";
import type { NasArgs } from "../../nas/nas";
import { behindProxyProblem, reverseProxyProblem } from "../../nas/synology/reverseProxy";
import { checkOffer, vendors } from "../../nas/vendors";
import { filled, type Known, type Plain, type Port, type Problems, section } from "./section";
import type { TlsArgs, TlsMode } from "./tls";

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
    /** Private address of the NAS; not 0.0.0.0. @example "192.168.1.20" @is privateAddress */
    address: pulumi.Input<string>;
    /** TCP port. @default 5001 @is port */
    port?: pulumi.Input<number>;
    /**
     * Path of the metrics.
     * @default "/metrics" @is like /^\/(?!debug(\/|$))[\w./-]*$/ a path such as /metrics, and not below /debug
     */
    path?: pulumi.Input<string>;
}

/** Where the registry is reached. */
export interface AddressArgs {
    /**
     * Name or address by which clients reach the registry, in `url` and in the certificate.
     * @default `connection.host` @example "diskstation.local" @is host
     */
    hostName?: pulumi.Input<string>;
    /**
     * TCP port of the registry on the NAS; from 1024 with `networkMode: host`.
     * @default the vendor's, another one for a mirror (docs/reference/vendors.md) @example 9170 @is port
     */
    port?: pulumi.Input<number>;
    /**
     * Address of the NAS on which the port is open.
     * @default "0.0.0.0", all of them; "127.0.0.1" with `tls: reverse-proxy` @example "192.168.1.20" @is ownAddress
     */
    bindAddress?: pulumi.Input<string>;
    /** Network of the registry's container. It must be known when the program runs. @default "bridge" */
    networkMode?: NetworkMode;
    /** Serves Prometheus metrics. @default none @example { address: "192.168.1.20" } */
    metrics?: pulumi.Input<MetricsArgs>;
}

/** Where a registry listens that only the NAS's web server shall reach. */
export const LOOPBACK = "127.0.0.1";
/** Inside a container of its own network. */
export const INSIDE_PORT = 5000;
const METRICS_PORT = 5001;
/** Ports below need a right that the containers do not have; in a network of its own the engine opens them. */
const FIRST_FREE_PORT = 1024;

type AddressSettings = Pick<Required<Plain<AddressArgs>>, "bindAddress" | "port" | "networkMode">;

export const address = section<AddressArgs & Keyless<NasArgs> & TlsArgs>()({
    check: (problems, args) => {
        const { tls, vendor, bindAddress, metrics } = args;
        checkFreePort(problems, "port", args.port, args);
        if (tls === "reverse-proxy") {
            checkOffer(problems, 'tls: "reverse-proxy"', "reverse proxy", vendor);
            problems.check("bindAddress", bindAddress, {
                isRight: (text) => text === LOOPBACK,
                allowed: `${LOOPBACK} with tls reverse-proxy, or left out`,
            });
            const hostName = args.hostName ?? args.connection?.host;
            for (const problem of [behindProxyProblem(args.port), hostName && reverseProxyProblem(hostName)]) {
                if (problem) {
                    problems.add(problem);
                }
            }
        }
        if (metrics) {
            const port = "port" in metrics ? metrics.port : METRICS_PORT;
            checkFreePort(problems, "metrics.port", port, args);
            const meet = bindAddress === undefined || isAnyAddress(bindAddress) || bindAddress === metrics.address;
            if (port !== undefined && port === knownPort(args) && meet) {
                problems.add(`metrics.port: ${port} is the registry's own port; give another one.`);
            }
        }
    },
    settings: ({ connection, vendor, tls, metrics, ...args }) => ({
        ...filled(args, {
            hostName: connection.host,
            port: vendors[vendor].defaultPort,
            bindAddress: tls === "reverse-proxy" ? LOOPBACK : "0.0.0.0",
            networkMode: NetworkMode.Bridge,
        }),
        metrics: metrics && { address: metrics.address, ...filled(metrics, { port: METRICS_PORT, path: "/metrics" }) },
    }),
    structure: ({ networkMode = NetworkMode.Bridge }) => ({ networkMode }),
    keys: {
        "http.addr": ["port and bindAddress", (open) => listenAddress(open, portOf(open))],
        "http.net": ["port and bindAddress"],
        "http.debug": [
            "metrics",
            ({ metrics, ...open }) =>
                metrics && {
                    addr: listenAddress(open, { ...metrics, inside: METRICS_PORT }),
                    prometheus: { enabled: true, path: metrics.path },
                },
        ],
    },
    ports: ({ metrics, ...open }) => [portOf(open), ...(metrics ? [{ ...metrics, inside: METRICS_PORT }] : [])],
});

function portOf({ bindAddress, port }: AddressSettings): Port {
    return { address: bindAddress, port, inside: INSIDE_PORT };
}

function checkFreePort(
    problems: Problems,
    property: string,
    port: number | undefined,
    { networkMode }: Known<AddressArgs>,
): void {
    if (networkMode === "host" && port !== undefined && port >= 1 && port < FIRST_FREE_PORT) {
        problems.add(
            `${property}: ${port} is not allowed with networkMode host, where the registry opens it without rights; give ${FIRST_FREE_PORT} or higher, or set networkMode to bridge.`,
        );
    }
}

/** The registry's port; undefined while it is not known. */
function knownPort({ vendor, ...args }: Known<AddressArgs & Keyless<NasArgs>>): number | undefined {
    const isKnown = vendor !== undefined && vendor in vendors && !("port" in args);
    return isKnown ? vendors[vendor].defaultPort : args.port;
}

/** Where the registry's process listens: in the NAS's own network just where it is reached. */
function listenAddress({ networkMode }: AddressSettings, { address, port, inside }: Port): string {
    return networkMode === "host" ? authority(address, port) : `:${inside}`;
}

/** Whether an address stands for all of a machine's. */
export function isAnyAddress(address: string): boolean {
    return /^[0.:]+$/.test(address);
}

/** `host:port` by which the registry's container reaches itself. */
export function ownAddress({ networkMode, bindAddress, port }: AddressSettings): string {
    return networkMode === "host"
        ? authority(isAnyAddress(bindAddress) ? LOOPBACK : bindAddress, port)
        : `${LOOPBACK}:${INSIDE_PORT}`;
}

/** `host:port` by which clients reach the registry; with nothing but the host when that is a web server's usual port. */
export function clientAuthority({ tls, hostName, port }: { tls: TlsMode; hostName: string; port: number }): string {
    return tls === "reverse-proxy" ? hostName : authority(hostName, port);
}
