import { freeAddress } from "./addresses";
import { Client } from "./client";
import { ensureEngine, findEngine, stopEngine, type Engine } from "./engine";
import type { EngineGeneration } from "./engines";
import { operationsContent } from "./content";
import {
    ensureHostImage,
    ensureHostImages,
    ensureImages,
    ensureProgramImage,
    type Images,
    type ProgramImage,
} from "./images";
import { forgetKeys, keyPair } from "./keys";
import { withLock } from "./lock";
import { ensureMirror, serveImages } from "./mirror";
import { checkName, label, objectName, optionsLabel } from "./names";
import { Nas, publishedPorts, sshPort, type Surroundings } from "./nas";
import { createNetwork, qnapAddressPool, removeNetwork } from "./network";
import { nature, type NasOptions, type Nature } from "./nasOptions";
import { ObjectStore, type ObjectStoreOptions } from "./objectStore";
import { Redis, type RedisOptions } from "./redis";
import {
    startRedisCluster,
    startRedisSentinel,
    type RedisSentinelOptions,
    type RedisTopologyOptions,
    type RedisWithSentinel,
} from "./redisTopologies";
import { RestServer, type RestServerOptions } from "./restServer";
import type { Report } from "../toolchain/steps";

export interface LabOptions {
    /** The static registry binary that goes into the registry image. */
    readonly registryBinary: string;
    /** Keeps labs apart that exist at the same time, such as "demo" and "test". @default "lab" */
    readonly namespace?: string;
    /** Whether NASes and clients of an earlier run stay; by default they are removed. @default false */
    readonly keep?: boolean;
    /** Told about each step that takes time. @default nobody */
    readonly progress?: Report;
}

export interface ClientOptions {
    readonly name: string;
    /** Whether it has an address for logins. @default false */
    readonly ssh?: boolean;
    /** The generation of its Docker Engine. @default "28.5" */
    readonly engine?: EngineGeneration;
}

/** Paths of the programs that operations run in containers of their own. */
export type OperationsPrograms = Readonly<Record<"restic" | "regctl" | "regsync", string>>;

export interface DownOptions {
    /** Also stop the lab's own engine, if no other namespace uses it. Built images stay in its store. @default false */
    readonly engine?: boolean;
}

/**
 * Engine, images, network and mirror: what simulated NASes and clients need.
 * @throws with one sentence when something is missing on this machine
 */
export async function ensureLab(options: LabOptions): Promise<Lab> {
    const namespace = options.namespace ?? "lab";
    checkName("namespace", namespace);
    const progress = options.progress ?? (() => undefined);
    const engine = await ensureEngine();
    progress(`lab: ${engine.description}`);
    const images = await ensureImages(engine, options.registryBinary, progress);
    const { docker } = engine;
    const network = objectName(namespace);
    const mirror = objectName(namespace, "mirror");
    if (options.keep !== true) await removeContainers(engine, namespace, mirror);
    if ((await docker.try(["network", "inspect", network])).code !== 0) {
        await withLock("networks", () => createNetwork(docker, namespace, network, qnapAddressPool));
    }
    await ensureMirror(docker, namespace, network, images);
    const { privateKeyFile, publicKey } = await keyPair(namespace, "client");
    const hostImage: Surroundings["hostImage"] = (host, suite) => ensureHostImage(engine, host, suite, progress);
    return new Lab(engine, images, { docker, namespace, network, hostImage, privateKeyFile }, publicKey);
}

/** Builds what is missing of all images, from the static binaries, so that labs come up at once. */
export async function buildImages(
    registry: string,
    programs: Readonly<Record<ProgramImage, string>>,
    progress: Report,
): Promise<void> {
    const engine = await ensureEngine();
    await ensureImages(engine, registry, progress);
    await ensureHostImages(engine, progress);
    for (const [name, program] of Object.entries(programs)) {
        await ensureProgramImage(engine, name as ProgramImage, program, progress);
    }
}

/** A lab that runs. */
export class Lab {
    constructor(
        readonly engine: Engine,
        readonly images: Images,
        private readonly surroundings: Surroundings,
        private readonly publicKey: string,
    ) {}

    get namespace(): string {
        return this.surroundings.namespace;
    }

    /** A new NAS, ready; one of the same name is removed first. Several can start at once. */
    async startNas(options: NasOptions): Promise<Nas> {
        checkName("name", options.name ?? options.vendor);
        const draft = nature(options, "127.0.0.1", this.publicKey);
        await (await Nas.of(this.surroundings, draft)).remove();
        // Two that start at once must not choose the same free address.
        const nas = await withLock("addresses", async () => {
            const address = options.address ?? (await this.unusedAddress());
            const made = await Nas.of(this.surroundings, { ...draft, address });
            await made.create();
            return made;
        });
        await nas.ready();
        return nas;
    }

    /** A NAS that is turned off keeps its address, though nothing answers there. */
    private async unusedAddress(): Promise<string> {
        const all = await natures(this.engine);
        return freeAddress([sshPort, ...publishedPorts], new Set(all.map((nature) => nature.address)));
    }

    /** The NASes of this lab, also those that an earlier process started. */
    async nases(): Promise<Nas[]> {
        const all = await natures(this.engine, this.namespace);
        return Promise.all(all.map((nature) => Nas.of(this.surroundings, nature)));
    }

    /** The NAS of that name, if there is one. */
    async nas(name: string): Promise<Nas | undefined> {
        return (await this.nases()).find((nas) => nas.name === name);
    }

    /** A new client, its engine ready; one of the same name is removed first. */
    async startClient(options: ClientOptions): Promise<Client> {
        await this.client(options.name).remove();
        if (!options.ssh) {
            const client = this.client(options.name);
            await client.start(options.engine);
            return client;
        }
        return withLock("addresses", async () => {
            const ssh = { address: await this.unusedAddress(), authorizedKey: this.publicKey };
            const client = new Client({ ...this.surroundings, images: this.images }, options.name, ssh);
            await client.start(options.engine);
            return client;
        });
    }

    /** The object for a client that an earlier process started. */
    client(name: string): Client {
        checkName("name", name);
        return new Client({ ...this.surroundings, images: this.images }, name);
    }

    /**
     * A new S3 server, ready; one of the same name is removed first.
     *
     * @param program The static versitygw binary.
     */
    async startObjectStore(program: string, options: ObjectStoreOptions): Promise<ObjectStore> {
        const image = await ensureProgramImage(this.engine, "object-store", program, () => undefined);
        return ObjectStore.start(this.surroundings, image, options);
    }

    /**
     * A new server for restic's backups, ready; one of the same name is removed first.
     *
     * @param program The static rest-server binary.
     */
    async startRestServer(program: string, options: RestServerOptions): Promise<RestServer> {
        const image = await ensureProgramImage(this.engine, "rest-server", program, () => undefined);
        return RestServer.start(this.surroundings, image, options);
    }

    /**
     * Puts the images of the programs that operations run into the mirror, so that NASes can pull them.
     *
     * @param programs The static binaries.
     */
    async serveOperationsImages(programs: OperationsPrograms): Promise<void> {
        const served = new Map<string, string>();
        for (const [name, program] of Object.entries(operationsContent)) {
            served.set(name, await ensureProgramImage(this.engine, program, programs[program], () => undefined));
        }
        await serveImages(this.surroundings.docker, this.namespace, served);
    }

    /** A new Redis outside the NASes, ready; one of the same name is removed first. */
    startRedis(options: RedisOptions): Promise<Redis> {
        return Redis.start(this.surroundings, this.images.redis, options);
    }

    /** A new Redis Cluster of three servers, ready. */
    startRedisCluster(options: RedisTopologyOptions): Promise<Redis[]> {
        return startRedisCluster(this.surroundings, this.images.redis, options);
    }

    /** A new Redis with a replica and a Sentinel, ready. */
    startRedisSentinel(options: RedisSentinelOptions): Promise<RedisWithSentinel> {
        return startRedisSentinel(this.surroundings, this.images.redis, options);
    }

    /** Removes everything of this lab's namespace. */
    down(options: DownOptions = {}): Promise<void> {
        return downLab(this.namespace, options);
    }
}

/** Removes containers, volumes, network and keys of a namespace, and nothing else; needs nothing to be built. */
export async function downLab(namespace: string, options: DownOptions = {}): Promise<void> {
    checkName("namespace", namespace);
    const engine = await findEngine();
    if (engine) {
        const { docker } = engine;
        await removeContainers(engine, namespace);
        for (const network of await docker.lines([
            "network",
            "ls",
            "--quiet",
            "--filter",
            `label=${label}=${namespace}`,
        ])) {
            await removeNetwork(docker, network);
        }
    }
    if (options.engine === true) await stopIdleEngine();
    forgetKeys(namespace);
}

/** Ends the lab's own engine, unless a namespace uses it. */
export async function stopIdleEngine(): Promise<void> {
    const engine = await findEngine();
    if (engine?.own && (await namespaces(engine)).length === 0) await stopEngine();
}

/** What the NASes of a namespace, or of all, are, from the labels of their containers; turned off ones too. */
export async function natures(engine: Engine, namespace?: string): Promise<Nature[]> {
    const owner = namespace === undefined ? label : `${label}=${namespace}`;
    const filter = ["--filter", `label=${owner}`, "--filter", `label=${optionsLabel}`];
    const format = ["--format", `{{.Label "${optionsLabel}"}}`];
    const texts = await engine.docker.lines(["ps", "--all", ...filter, ...format]);
    return texts.map((text) => JSON.parse(text) as Nature);
}

/** Namespaces that have a container. */
export async function namespaces(engine: Engine): Promise<string[]> {
    const format = ["--format", `{{.Label "${label}"}}`];
    return [...new Set(await engine.docker.lines(["ps", "--all", "--filter", `label=${label}`, ...format]))];
}

/** Removes the containers of a namespace with their volumes, all but the one named. */
async function removeContainers(engine: Engine, namespace: string, except?: string): Promise<void> {
    const { docker } = engine;
    const filter = ["--filter", `label=${label}=${namespace}`];
    const containers = await docker.lines(["ps", "--all", ...filter, "--format", "{{.ID}} {{.Names}}"]);
    const doomed = containers.filter((line) => line.split(" ")[1] !== except).map((line) => line.split(" ")[0] ?? "");
    if (doomed.length > 0) await docker.run(["rm", "--force", "--volumes", ...doomed]);
    const volumes = await docker.lines(["volume", "ls", "--quiet", ...filter]);
    if (volumes.length > 0) await docker.run(["volume", "rm", "--force", ...volumes]);
}
