import type { Agent } from "node:http";
import type Dockerode from "dockerode";
import type { Endpoint } from "./config";
import { agentFor, ping } from "./transport";

/** What the newest client library would speak; a daemon that knows less is spoken to in its own version. */
const NEWEST = "1.51";
/** Docker 18.09, the first that has `docker system dial-stdio`. */
const OLDEST = "1.39";

export interface Docker {
    api: Dockerode;
    /** The negotiated API version. */
    version: string;
}

/** The Docker API of one provider: connected to at the first use, once, whoever asks first. */
export class DockerClient {
    private connected?: Promise<Docker>;

    constructor(private readonly endpoint: Endpoint) {}

    connect(): Promise<Docker> {
        // One connection first: several at once would each log in instead of sharing one login.
        this.connected ??= this.open().catch((error: unknown) => {
            this.connected = undefined;
            throw new Error(
                `failed to create Docker client: Error pinging Docker server, please make sure that ${this.endpoint.host} ` +
                    `is reachable and has a  '_ping' endpoint. Error: ${messageOf(error)}`,
            );
        });
        return this.connected;
    }

    private async open(): Promise<Docker> {
        const agent = agentFor(this.endpoint);
        const offered = (await ping(agent)) ?? OLDEST;
        const version = older(offered, NEWEST) ? offered : NEWEST;
        if (older(version, OLDEST)) {
            throw new Error(`the daemon's API version ${version} is older than ${OLDEST} (Docker 18.09)`);
        }
        // Loaded here: a plugin that is only asked for differences never talks to Docker.
        const { default: Client } = await import("dockerode");
        // The types leave `agent` out; docker-modem hands it to http.request.
        const options: Dockerode.DockerOptions & { agent: Agent } = {
            protocol: "http",
            host: "docker.example.com",
            port: 80,
            version: `v${version}`,
            agent,
        };
        const api = new Client(options);
        return { api, version };
    }
}

export function older(version: string, than: string): boolean {
    const [major = 0, minor = 0] = version.split(".").map(Number);
    const [otherMajor = 0, otherMinor = 0] = than.split(".").map(Number);
    return major < otherMajor || (major === otherMajor && minor < otherMinor);
}

/** The daemon's own words, as Docker's client shows them. */
export function messageOf(error: unknown): string {
    const message = error instanceof Error ? error.message : String(error);
    const answer = /^\(HTTP code \d+\) .*? - ([^]*)$/.exec(message)?.[1]?.trim();
    return answer === undefined ? message : `Error response from daemon: ${unwrapped(answer)}`;
}

/** Where the answer to a call is a stream, dockerode leaves an error as the JSON it came in. */
function unwrapped(answer: string): string {
    try {
        const body = JSON.parse(answer) as { message?: string };
        return body.message ?? answer;
    } catch {
        return answer;
    }
}

export function isNotFound(error: unknown): boolean {
    return error instanceof Error && "statusCode" in error && error.statusCode === 404;
}

/** Runs one call and puts the daemon's words behind `what`. */
export async function attempt<T>(what: string, call: Promise<T>): Promise<T> {
    try {
        return await call;
    } catch (error) {
        throw new Error(`${what}: ${messageOf(error)}`);
    }
}
