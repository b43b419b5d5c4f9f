import type { CheckFailure } from "../core/provider";
import { given, plainProps, Props, text } from "../core/values";

export type Endpoint =
    | { kind: "ssh"; host: string; command: string[] }
    | { kind: "unix"; host: string; path: string }
    | { kind: "tcp"; host: string; hostname: string; port: number };

const DEFAULT_HOST = "unix:///var/run/docker.sock";
const SETTINGS = ["host", "sshOpts", "version", "pluginDownloadURL"];

export function checkSettings(news: Props): CheckFailure[] {
    return Object.keys(news)
        .filter((name) => !SETTINGS.includes(name) && given(news[name]))
        .map((name) => ({
            property: name,
            reason: `${name} is not implemented by the lab's substitute of the docker provider (host and sshOpts are)`,
        }));
}

export function endpointOf(args: Props): Endpoint {
    // A setting made from a secret arrives wrapped, whatever a provider says it accepts.
    const settings = plainProps(args);
    const host = text(settings, "host") ?? process.env.DOCKER_HOST ?? DEFAULT_HOST;
    const url = parseUrl(host);
    switch (url.protocol) {
        case "ssh:":
            return { kind: "ssh", host, command: sshCommand(url, sshOptions(settings)) };
        case "unix:":
            return { kind: "unix", host, path: url.pathname };
        case "tcp:":
        case "http:":
            return { kind: "tcp", host, hostname: url.hostname, port: Number(url.port || 2375) };
        default:
            throw new Error(`the Docker host ${JSON.stringify(host)} must begin with ssh://, unix:// or tcp://`);
    }
}

function parseUrl(host: string): URL {
    try {
        return new URL(host);
    } catch {
        throw new Error(`the Docker host ${JSON.stringify(host)} is not a URL such as ssh://user@nas:22`);
    }
}

/** Provider settings that are not text travel as JSON. */
function sshOptions(settings: Props): string[] {
    const value = settings.sshOpts;
    const parsed: unknown = typeof value === "string" ? JSON.parse(value) : (value ?? []);
    if (!Array.isArray(parsed) || !parsed.every((item) => typeof item === "string")) {
        throw new Error("sshOpts must be a list of arguments for ssh");
    }
    return parsed;
}

/** The command of docker's own connection helper (docker/cli, cli/connhelper), argument for argument. */
function sshCommand(url: URL, options: string[]): string[] {
    if (url.password) {
        throw new Error("plain-text password is not supported");
    }
    if (!url.hostname) {
        throw new Error("no host specified");
    }
    if (url.search || url.hash) {
        throw new Error(`extra query or fragment after the host: ${JSON.stringify(url.search || url.hash)}`);
    }
    const timeout = options.join("").includes("ConnectTimeout") ? [] : ["-o ConnectTimeout=30"];
    const socket = url.pathname.length > 1 ? [`--host=unix://${url.pathname}`] : [];
    return [
        "ssh",
        ...(url.username ? ["-l", decodeURIComponent(url.username)] : []),
        ...(url.port ? ["-p", url.port] : []),
        ...options,
        ...timeout,
        "-T",
        "--",
        url.hostname.replace(/^\[|\]$/g, ""),
        "docker",
        ...socket,
        "system",
        "dial-stdio",
    ];
}
