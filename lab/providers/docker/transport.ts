import { Agent, ClientRequestArgs, IncomingMessage, request as startRequest } from "node:http";
import { createConnection } from "node:net";
import type { Duplex } from "node:stream";
import type { Endpoint } from "./config";
import { SshStream } from "./ssh-stream";

/** Opens connections to the Docker API, whichever way it is reached, and keeps them for the next call. */
class DockerAgent extends Agent {
    constructor(private readonly endpoint: Endpoint) {
        super({ keepAlive: true, maxSockets: 6, maxFreeSockets: 6 });
    }

    override createConnection(_options: ClientRequestArgs): Duplex {
        switch (this.endpoint.kind) {
            case "ssh":
                return new SshStream(this.endpoint.command);
            case "unix":
                return createConnection(this.endpoint.path);
            case "tcp":
                return createConnection(this.endpoint.port, this.endpoint.hostname);
        }
    }
}

export function agentFor(endpoint: Endpoint): Agent {
    return new DockerAgent(endpoint);
}

/** The daemon's API version, from the header that `/_ping` has. */
export function ping(agent: Agent): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
        const finish = ({ statusCode, statusMessage }: IncomingMessage, version?: string | string[]): void => {
            // Docker before 19.03 does not know HEAD here, and names its version all the same.
            if (statusCode === 200 || typeof version === "string") {
                resolve(typeof version === "string" ? version : undefined);
            } else {
                reject(new Error(`Error response from daemon: ${statusMessage ?? ""}`));
            }
        };
        const request = startRequest(
            { agent, method: "HEAD", host: "docker.example.com", path: "/_ping" },
            (response) => {
                const version = response.headers["api-version"];
                response.resume();
                // A turn later: only then is the connection back in the pool, and the next call takes it.
                response.on("end", () => setImmediate(() => finish(response, version)));
            },
        );
        request.on("error", (error) =>
            reject(new Error(`error during connect: Head "http://docker.example.com/_ping": ${error.message}`)),
        );
        request.end();
    });
}
