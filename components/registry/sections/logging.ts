import type * as pulumi from "@pulumi/pulumi";

import { checkReaches, filled, type Networked, section } from "./section";

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
    /** URL of the collector. @example "http://192.168.1.2:4318" @is webUrl */
    endpoint: pulumi.Input<string>;
    /** Protocol of the collector. @default "http/protobuf" */
    protocol?: pulumi.Input<TracingProtocol>;
    /** Service name in the traces. @default the container's name @is like /^[\w.-]+$/ letters, digits and . _ - */
    serviceName?: pulumi.Input<string>;
}

/** What the registry tells of itself. */
export interface LoggingArgs {
    /** What the registry logs. @default "info" */
    logLevel?: pulumi.Input<LogLevel>;
    /** Form of the registry's log. @default "json" */
    logFormat?: pulumi.Input<LogFormat>;
    /** Logs every request in the form of web servers, too. @default true */
    accessLog?: pulumi.Input<boolean>;
    /** Fields of each log line. @default { service: "registry" } @example { service: "registry", site: "berlin" } */
    logFields?: pulumi.Input<Record<string, pulumi.Input<string>>>;
    /** Sends OpenTelemetry traces. @default none @example { endpoint: "http://collector.lan:4318" } */
    tracing?: pulumi.Input<TracingArgs>;
}

export const logging = section<LoggingArgs & Networked, { containerName: string }>()({
    check: (problems, { tracing, ...args }) => checkReaches(problems, "tracing.endpoint", tracing?.endpoint, args),
    settings: (args) =>
        filled(args, {
            logLevel: LogLevel.Info,
            logFormat: LogFormat.Json,
            accessLog: true,
            logFields: { service: "registry" },
            tracing: undefined,
        }),
    keys: {
        "log.level": ["logLevel", ({ logLevel }) => logLevel],
        "log.formatter": ["logFormat", ({ logFormat }) => logFormat],
        "log.accesslog": ["accessLog", ({ accessLog }) => ({ disabled: !accessLog })],
        "log.fields": ["logFields", ({ logFields }) => logFields],
        loglevel: ["logLevel"],
    },
    environment: ({ tracing, containerName }) => {
        if (!tracing) {
            // The program's own default sends to localhost and fills the log with failures.
            return ["OTEL_TRACES_EXPORTER=none"];
        }
        const { endpoint, protocol = TracingProtocol.Http, serviceName = containerName } = tracing;
        return [
            "OTEL_TRACES_EXPORTER=otlp",
            `OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}`,
            `OTEL_EXPORTER_OTLP_PROTOCOL=${protocol}`,
            `OTEL_SERVICE_NAME=${serviceName}`,
        ];
    },
});
