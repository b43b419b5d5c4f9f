import type * as pulumi from "@pulumi/pulumi";

import {
    checkFreePort,
    isAnyAddress,
    knownPort,
    listenAddress,
    type AddressArgs,
    type AddressSettings,
} from "./address";
import { filled, section } from "./section";

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

/** Numbers about the registry. */
export interface MonitoringArgs {
    /** Serves Prometheus metrics. @default none @example { address: "192.168.1.20" } */
    metrics?: pulumi.Input<MetricsArgs>;
}

const PORT = 5001;

export const metrics = section<MonitoringArgs & AddressArgs, AddressSettings>()({
    check: (problems, { metrics, ...args }) => {
        if (!metrics) {
            return;
        }
        const port = "port" in metrics ? metrics.port : PORT;
        checkFreePort(problems, "metrics.port", port, args);
        const { bindAddress = "0.0.0.0" } = args;
        const meet = isAnyAddress(bindAddress) || bindAddress === metrics.address;
        if (port !== undefined && port === knownPort(args) && meet) {
            problems.add(`metrics.port: ${port} is the registry's own port; give another one.`);
        }
    },
    settings: ({ metrics }) => ({
        metrics: metrics && { address: metrics.address, ...filled(metrics, { port: PORT, path: "/metrics" }) },
    }),
    keys: {
        "http.debug": [
            "metrics",
            ({ metrics, ...open }) =>
                metrics && {
                    addr: listenAddress(open, { ...metrics, inside: PORT }),
                    prometheus: { enabled: true, path: metrics.path },
                },
        ],
    },
    ports: ({ metrics }) => (metrics ? [{ ...metrics, inside: PORT }] : []),
});
