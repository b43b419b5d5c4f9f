import { describe, expect, test } from "vitest";

import { environment } from "../../../components/registry/sections/rendered";
import { withDefaults } from "../../../components/registry/settings";
import { configOf, problemsOf, required } from "../arguments";

const endpoint = "http://192.168.1.2:4318";

describe("config.yml", () => {
    test.each<[object, string, unknown]>([
        [{}, "level", "info"],
        [{ logLevel: "warn" }, "level", "warn"],
        [{}, "formatter", "json"],
        [{ logFormat: "logstash" }, "formatter", "logstash"],
        [{}, "accesslog.disabled", false],
        [{ accessLog: false }, "accesslog.disabled", true],
        [{}, "fields", { service: "registry" }],
        [{ logFields: { rack: "4" } }, "fields", { rack: "4" }],
    ])("with %j has log.%s", (args, key, value) => expect(configOf(args)).toHaveProperty(`log.${key}`, value));
});

describe("tracing", () => {
    test("is off, and not sent to localhost as is the library's default", () =>
        expect(environment(withDefaults("registry", required))).toEqual(["OTEL_TRACES_EXPORTER=none"]));

    test.each<[object, string, string]>([
        [{}, "http/protobuf", "registry"],
        [{ protocol: "grpc", serviceName: "nas" }, "grpc", "nas"],
    ])("goes to its endpoint, with %j", (more, protocol, service) =>
        expect(environment(withDefaults("registry", { ...required, tracing: { endpoint, ...more } }))).toEqual([
            "OTEL_TRACES_EXPORTER=otlp",
            `OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}`,
            `OTEL_EXPORTER_OTLP_PROTOCOL=${protocol}`,
            `OTEL_SERVICE_NAME=${service}`,
        ]),
    );
});

describe("what is refused", () => {
    const url = "an http or https URL without user name and password";
    test.each<[object, string]>([
        [{ logLevel: "trace" }, `logLevel: "trace" is not allowed; it must be one of error, warn, info, debug.`],
        [{ logFormat: "xml" }, `logFormat: "xml" is not allowed; it must be one of json, text, logstash.`],
        [{ accessLog: 0 }, "accessLog: 0 is not allowed; it must be true or false."],
        [{ logFields: { rack: 4 } }, "logFields.rack: 4 is not allowed; it must be text."],
        [{ tracing: { endpoint: "otel:4318" } }, `tracing.endpoint: "otel:4318" is not allowed; it must be ${url}.`],
        [
            { tracing: { endpoint: "http://nas:s3cret@otel:4318" } },
            `tracing.endpoint: the value given is not allowed; it must be ${url}.`,
        ],
        [
            { tracing: { endpoint, protocol: "udp" } },
            `tracing.protocol: "udp" is not allowed; it must be one of http/protobuf, grpc.`,
        ],
        [
            { tracing: { endpoint, serviceName: "a b" } },
            `tracing.serviceName: "a b" is not allowed; it must be letters, digits and . _ -.`,
        ],
    ])("%j", (args, sentence) => expect(problemsOf(args)).toBe(sentence));
});
