import { describe, expect, test } from "vitest";

import { certificatePem, configOf, privateKeyPem, problemsOf } from "../arguments";

const certificate = { certificate: certificatePem, privateKey: privateKeyPem };
const metrics = { address: "192.168.1.20" };
const debug = (addr: string, path = "/metrics") => ({ addr, prometheus: { enabled: true, path } });

describe("config.yml", () => {
    test.each<[object, string, unknown]>([
        [{}, "addr", ":5000"],
        [{ port: 5005, bindAddress: "192.168.1.20" }, "addr", ":5000"],
        [{ networkMode: "host" }, "addr", "0.0.0.0:9160"],
        [{ networkMode: "host", port: 5005, bindAddress: "192.168.1.20" }, "addr", "192.168.1.20:5005"],
        [{ networkMode: "host", bindAddress: "fd00::20" }, "addr", "[fd00::20]:9160"],
        [{ externalUrl: "https://registry.example.com" }, "host", "https://registry.example.com"],
        [{}, "relativeurls", true],
        [{ relativeUrls: false }, "relativeurls", false],
        [{ drainTimeout: "0" }, "draintimeout", "0s"],
        [{}, "headers", { "X-Content-Type-Options": ["nosniff"] }],
        [{ headers: { "X-A": ["b", "c"] } }, "headers", { "X-A": ["b", "c"] }],
        [{ metrics }, "debug", debug(":5001")],
        [{ metrics: { ...metrics, port: 9100, path: "/m" } }, "debug", debug(":5001", "/m")],
        [{ metrics, networkMode: "host" }, "debug", debug("192.168.1.20:5001")],
        [{ metrics: { ...metrics, port: 9100 }, networkMode: "host" }, "debug", debug("192.168.1.20:9100")],
        [{ minimumTls: "tls1.3" }, "tls.minimumtls", "tls1.3"],
        [{ tls: "given", certificate }, "tls.certificate", "/etc/distribution/certificate.pem"],
        [{ tls: "given", certificate }, "tls.key", "/etc/distribution/private-key.pem"],
    ])("with %j has http.%s", (args, key, value) => expect(configOf(args)).toHaveProperty(`http.${key}`, value));

    test.each<[string, object, string]>([
        ["no TLS", { tls: "none" }, "tls"],
        ["no metrics", {}, "debug"],
        ["no external URL", {}, "host"],
    ])("%s", (_, args, key) => expect(configOf(args)).not.toHaveProperty(`http.${key}`));
});

describe("what is refused", () => {
    const url = "an http or https URL without user name and password, and without path";
    const host = "a DNS name or an IP address, without scheme and port";
    const privateAddress = "one private address of the NAS";
    test.each<[object, string]>([
        [
            { tls: "letsencrypt" },
            `tls: "letsencrypt" is not allowed; it must be one of own-authority, given, reverse-proxy, none.`,
        ],
        [{ tls: "given" }, "certificate: it is missing; tls given needs it."],
        [{ certificate }, "certificate: it is used with tls given only; set that, or leave certificate out."],
        [
            { tls: "given", certificate: { ...certificate, certificate: privateKeyPem } },
            "certificate.certificate: the value given is a private key; it must be PEM of certificates.",
        ],
        [
            { tls: "given", certificate: { ...certificate, privateKey: "s3cret" } },
            "certificate.privateKey: the value given is not allowed; it must be PEM of a private key.",
        ],
        [
            { tls: "given", certificate: { ...certificate, caCertificate: privateKeyPem } },
            "certificate.caCertificate: the value given is a private key; it must be PEM of certificates.",
        ],
        [{ minimumTls: "tls1.0" }, `minimumTls: "tls1.0" is not allowed; it must be one of tls1.2, tls1.3.`],
        [{ networkMode: "macvlan" }, `networkMode: "macvlan" is not allowed; it must be one of bridge, host.`],
        [{ port: 65536 }, "port: 65536 is not allowed; it must be a whole number from 1 to 65535."],
        [{ bindAddress: "nas" }, `bindAddress: "nas" is not allowed; it must be an IP address of the NAS.`],
        [{ hostName: "https://nas/a" }, `hostName: "https://nas/a" is not allowed; it must be ${host}.`],
        [{ certificateNames: ["nas:5000"] }, `certificateNames[0]: "nas:5000" is not allowed; it must be ${host}.`],
        [
            { externalUrl: "registry.example.com" },
            `externalUrl: "registry.example.com" is not allowed; it must be ${url}.`,
        ],
        [{ externalUrl: "https://a/b" }, `externalUrl: "https://a/b" is not allowed; it must be ${url}.`],
        [{ externalUrl: "https://nas:s3cret@a" }, `externalUrl: the value given is not allowed; it must be ${url}.`],
        ...["https://a?b", "https://a#b", "https://a b", "https:\\\\a", 'https://a"'].map(
            (externalUrl): [object, string] => [
                { externalUrl },
                `externalUrl: ${JSON.stringify(externalUrl)} is not allowed; it must be ${url}.`,
            ],
        ),
        [
            { externalUrl: "http://a" },
            "externalUrl: an http URL is not allowed with tls own-authority, since clients would send passwords there in the clear; give an https URL, or set tls to none.",
        ],
        [{ externalUrl: "http://a", tls: "none" }, ""],
        [
            { networkMode: "host", port: 443 },
            "port: 443 is not allowed with networkMode host, where the registry opens it without rights; give 1024 or higher, or set networkMode to bridge.",
        ],
        [{ port: 443 }, ""],
        [
            { networkMode: "host", metrics: { ...metrics, port: 99 } },
            "metrics.port: 99 is not allowed with networkMode host, where the registry opens it without rights; give 1024 or higher, or set networkMode to bridge.",
        ],
        [{ port: 5001, metrics }, "metrics.port: 5001 is the registry's own port; give another one."],
        [{ metrics: { ...metrics, port: 9160 } }, "metrics.port: 9160 is the registry's own port; give another one."],
        [{ port: 5001, bindAddress: "192.168.1.21", metrics }, ""],
        [{ relativeUrls: "yes" }, `relativeUrls: "yes" is not allowed; it must be true or false.`],
        [
            { drainTimeout: "61m" },
            'drainTimeout: "61m" is not allowed; it must be a duration such as 90s or 24h, from 0 to 1h.',
        ],
        [{ headers: { "X A": ["b"] } }, `headers: "X A" is not allowed; it must be the name of a header.`],
        [
            { headers: { "X-A": ["b\r\nX-B: c"] } },
            "headers.X-A[0]: the value given is not allowed; it must be text without line breaks and other control characters.",
        ],
        [
            { metrics: { address: "0.0.0.0" } },
            `metrics.address: "0.0.0.0" is not allowed; it must be ${privateAddress}.`,
        ],
        [{ metrics: { address: "::" } }, `metrics.address: "::" is not allowed; it must be ${privateAddress}.`],
        [
            { metrics: { address: "203.0.113.5" } },
            `metrics.address: "203.0.113.5" is not allowed; it must be ${privateAddress}.`,
        ],
        [
            { metrics: { address: "2001:db8::5" } },
            `metrics.address: "2001:db8::5" is not allowed; it must be ${privateAddress}.`,
        ],
        [
            { metrics: { ...metrics, port: 0 } },
            "metrics.port: 0 is not allowed; it must be a whole number from 1 to 65535.",
        ],
        [
            { metrics: { ...metrics, path: "metrics" } },
            `metrics.path: "metrics" is not allowed; it must be a path such as /metrics, and not below /debug.`,
        ],
        [
            { metrics: { ...metrics, path: "/debug/vars" } },
            `metrics.path: "/debug/vars" is not allowed; it must be a path such as /metrics, and not below /debug.`,
        ],
        [
            { httpSecret: "s3cret" },
            "httpSecret: the value given is not allowed; it must be at least 32 characters of ASCII.",
        ],
    ])("%j", (args, sentence) => expect(problemsOf(args)).toBe(sentence));
});
