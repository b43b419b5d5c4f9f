import type * as pulumi from "@pulumi/pulumi";

import { isWebUrl, matches, URL_RULE, type Problems } from "../../settings/checks";
import type { Known } from "../../settings/known";

/** What the registry logs. */
export const LogLevel = {
    /** Errors only. */
    Error: "error",
    /** Errors and warnings. */
    Warn: "warn",
    /** Requests, too. */
    Info: "info",
    /** Everything, every traced step included. */
    Debug: "debug",
} as const;
export type LogLevel = (typeof LogLevel)[keyof typeof LogLevel];

/** Form of the registry's log. */
export const LogFormat = {
    /** One JSON object a line. */
    Json: "json",
    /** Text for people. */
    Text: "text",
    /** JSON as Logstash reads it. */
    Logstash: "logstash",
} as const;
export type LogFormat = (typeof LogFormat)[keyof typeof LogFormat];

/** Protocol of OpenTelemetry. */
export const TracingProtocol = {
    /** Protocol Buffers over HTTP, by default on port 4318. */
    Http: "http/protobuf",
    /** gRPC, by default on port 4317. */
    Grpc: "grpc",
} as const;
export type TracingProtocol = (typeof TracingProtocol)[keyof typeof TracingProtocol];

/** Where the registry sends OpenTelemetry traces; without a password, since the engine shows environment variables. */
export interface TracingArgs {
    /**
     * URL of the collector.
     * @example "http://192.168.1.2:4318"
     */
    endpoint: pulumi.Input<string>;
    /** Protocol of the collector. @default "http/protobuf" */
    protocol?: pulumi.Input<TracingProtocol>;
    /** Name of the service in the traces. @default the container's name */
    serviceName?: pulumi.Input<string>;
}

export function checkTracing(problems: Problems, tracing: Known<TracingArgs> = {}): void {
    problems.address("tracing.endpoint", tracing.endpoint, isWebUrl, URL_RULE);
    problems.oneOf("tracing.protocol", tracing.protocol, TracingProtocol);
    problems.check("tracing.serviceName", tracing.serviceName, matches(/^[\w.-]+$/), "letters, digits and . _ -");
}

/** Environment variables, since config.yml cannot express tracing. */
export function tracingEnvironment(tracing: pulumi.Unwrap<TracingArgs> | undefined, containerName: string): string[] {
    if (!tracing) {
        // The program's own default sends to localhost and fills the log with failures.
        return ["OTEL_TRACES_EXPORTER=none"];
    }
    const { endpoint, protocol = "http/protobuf", serviceName = containerName } = tracing;
    return [
        "OTEL_TRACES_EXPORTER=otlp",
        `OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}`,
        `OTEL_EXPORTER_OTLP_PROTOCOL=${protocol}`,
        `OTEL_SERVICE_NAME=${serviceName}`,
    ];
}

export interface LogSettings {
    logLevel: LogLevel;
    logFormat: LogFormat;
    accessLog: boolean;
    logFields: Record<string, string>;
}

export function renderLog({ logLevel, logFormat, accessLog, logFields }: LogSettings) {
    return { level: logLevel, formatter: logFormat, accesslog: { disabled: !accessLog }, fields: logFields };
}
