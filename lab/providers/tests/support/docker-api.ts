import { mkdtempSync, rmSync } from "node:fs";
import { createServer, IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** A small Docker Engine that remembers what it was told, and runs nothing. */
export interface DockerApi {
    /** For the provider's `host`. */
    host: string;
    /** Every call but pings and inspections: method, path without version, and body. */
    calls: { method: string; path: string; body: Json }[];
    containers: Map<string, Json>;
    /** By name; whoever needs one puts it there. */
    networks: Map<string, Json>;
    /** Answers with an error to calls whose "METHOD path" begins so. */
    failures: Map<string, { status: number; message: string }>;
    version: string;
    stop(): Promise<void>;
}

export type Json = Record<string, unknown>;

export async function startDockerApi(images: string[] = []): Promise<DockerApi> {
    const folder = mkdtempSync(join(tmpdir(), "docker-api-"));
    const socket = join(folder, "docker.sock");
    const api: DockerApi = {
        host: `unix://${socket}`,
        calls: [],
        containers: new Map(),
        networks: new Map(),
        failures: new Map(),
        version: "1.41",
        stop: () =>
            new Promise((resolve) => {
                server.closeAllConnections();
                server.close(() => {
                    rmSync(folder, { recursive: true });
                    resolve();
                });
            }),
    };
    const server = createServer((request, response) => {
        void readBody(request).then((body) => {
            const path = (request.url ?? "").replace(/^\/v[0-9.]+/, "");
            const method = request.method ?? "";
            response.setHeader("Api-Version", api.version);
            const failed = [...api.failures].find(([prefix]) => `${method} ${path}`.startsWith(prefix))?.[1];
            if (failed) {
                send(response, failed.status, { message: failed.message });
                return;
            }
            if (method !== "HEAD" && !(method === "GET" && path.includes("/json"))) {
                api.calls.push({ method, path, body });
            }
            answer(api, images, method, path, body, response);
        });
    });
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    return api;
}

function answer(
    api: DockerApi,
    images: string[],
    method: string,
    path: string,
    body: Json,
    response: ServerResponse,
): void {
    const [route = "", query = ""] = path.split("?");
    const { kind, id, verb } = partsOf(route);
    const parameters = new URLSearchParams(query);
    switch (`${method} ${kind} ${verb}`) {
        case "HEAD _ping ":
            // Without a length Node.js would close the connection, which Docker does not.
            response.setHeader("Content-Length", 0);
            response.end();
            return;
        case "GET images json":
            send(
                response,
                images.includes(reference(id)) ? 200 : 404,
                images.includes(reference(id)) ? image(reference(id)) : { message: `No such image: ${id}` },
            );
            return;
        case "POST images create":
            images.push(pulled(parameters.get("fromImage") ?? "", parameters.get("tag") ?? ""));
            send(response, 200, { status: "pulled" });
            return;
        case "POST containers create":
            remember(api.containers, container(parameters.get("name") ?? "", body, api.containers.size), response);
            return;
        case "GET containers json":
            if (id === "") {
                send(
                    response,
                    200,
                    [...api.containers.values()].map(({ Id }) => ({ Id })),
                );
                return;
            }
    }
    const things = kind === "networks" ? api.networks : api.containers;
    const thing = things.get(id) ?? [...things.values()].find(({ Name }) => Name === id || Name === `/${id}`);
    if (!thing && id !== "bridge") {
        send(response, 404, { message: `No such ${kind.slice(0, -1)}: ${id}` });
        return;
    }
    act(api, method, verb, thing ?? {}, body);
    const silent = method === "DELETE" || verb === "start" || verb === "stop";
    send(response, silent ? 204 : 200, method === "GET" ? (thing ?? {}) : {});
}

/** As an engine reads it: of a tag with a digest, the digest is looked for, and the tag ignored. */
function reference(name: string): string {
    return name.replace(/:[^:/@]+@/, "@");
}

/** The name that an image has after a pull; one by digest has no tag. */
function pulled(repository: string, tagOrDigest: string): string {
    return `${repository}${tagOrDigest.startsWith("sha256:") ? "@" : ":"}${tagOrDigest}`;
}

function remember(things: Map<string, Json>, made: Json, response: ServerResponse): void {
    things.set(made.Id as string, made);
    send(response, 201, { Id: made.Id });
}

/** "/containers/ID/start", "/containers/create", "/images/some/name:tag/json", "/networks/NAME/connect" */
function partsOf(route: string): { kind: string; id: string; verb: string } {
    const [kind = "", ...rest] = route.slice(1).split("/").map(decodeURIComponent);
    const last = rest[rest.length - 1] ?? "";
    const isVerb = rest.length > 1 || ["create", "json"].includes(last);
    return { kind, id: (isVerb ? rest.slice(0, -1) : rest).join("/"), verb: isVerb ? last : "" };
}

/** What a call changes about a thing. */
function act(api: DockerApi, method: string, verb: string, thing: Json, body: Json): void {
    if (method === "DELETE") {
        api.containers.delete(String(thing.Id));
    } else if (verb === "start") {
        thing.State = { Running: true, ExitCode: 0, Health: { Status: "healthy" } };
    } else if (verb === "stop") {
        thing.State = { Running: false, ExitCode: 137 };
    } else if (verb === "update") {
        const { RestartPolicy, ...resources } = body;
        Object.assign(thing.HostConfig as Json, resources, { RestartPolicy });
    } else if (verb === "connect") {
        const one = api.containers.get(String(body.Container));
        const settings = one?.NetworkSettings as Json;
        (settings.Networks as Json)[String(thing.Name)] = endpoint(one?.number as number);
    } else if (verb === "disconnect") {
        const settings = api.containers.get(String(body.Container))?.NetworkSettings as Json;
        settings.Networks = {};
    }
}

/** What Docker Engine 20.10 says of a new container, as far as the provider looks. */
function container(name: string, body: Json, number: number): Json {
    const { HostConfig: asked, ...config } = body;
    const host = { ...(asked as Json) };
    const id = `${number}`.repeat(64).slice(0, 64);
    const memory = Number(host.Memory ?? 0);
    const bindings = (host.PortBindings ?? {}) as Json;
    return {
        Id: id,
        number,
        Name: `/${name}`,
        Image: "sha256:1",
        Platform: "linux",
        State: { Running: false, ExitCode: 0 },
        Config: {
            Domainname: "",
            Tty: false,
            OpenStdin: false,
            Entrypoint: ["/entrypoint.sh"],
            Cmd: ["/etc/distribution/config.yml"],
            ...config,
            Hostname: config.Hostname === "" ? id.slice(0, 12) : config.Hostname,
        },
        HostConfig: {
            AutoRemove: false,
            Privileged: false,
            PublishAllPorts: false,
            Runtime: "runc",
            ShmSize: 64 * 1024 * 1024,
            MemoryReservation: 0,
            NanoCpus: 0,
            CpusetCpus: "",
            UsernsMode: "",
            IpcMode: "private",
            ...host,
            MemorySwap: host.MemorySwap ?? 2 * memory,
        },
        NetworkSettings: { Bridge: "", Ports: bindings, Networks: { bridge: endpoint(number) } },
    };
}

function endpoint(number: number): Json {
    return {
        IPAddress: `172.20.0.${number + 2}`,
        IPPrefixLen: 16,
        Gateway: "172.20.0.1",
        GlobalIPv6Address: "",
        GlobalIPv6PrefixLen: 0,
        IPv6Gateway: "",
        MacAddress: `02:42:ac:14:00:0${number + 2}`,
    };
}

function image(name: string): Json {
    const id = Buffer.from(name).toString("hex").padEnd(64, "0").slice(0, 64);
    return { Id: `sha256:${id}`, RepoDigests: name.includes("@") ? [name] : [] };
}

async function readBody(request: IncomingMessage): Promise<Json> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
        chunks.push(chunk as Buffer);
    }
    const raw = Buffer.concat(chunks);
    const bytes = raw[0] === 0x1f ? gunzipSync(raw) : raw;
    const text = bytes.toString();
    return text.startsWith("{") ? (JSON.parse(text) as Json) : { raw: text };
}

function send(response: ServerResponse, status: number, body: unknown): void {
    response.statusCode = status;
    response.setHeader("Content-Type", "application/json");
    response.end(status === 204 ? "" : JSON.stringify(body));
}
