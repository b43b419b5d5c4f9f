import { boolean, list, map, number, object, Property, Schema, set, string } from "../core/schema";
import { absolutePath, atLeast, duration, matches, oneOf } from "./rules";

const R = { replaces: true };
const RC = { replaces: true, computed: true };
/** Left out, it is the image's own: the state has that, and it is no difference. */
const IMAGES_OWN = { replaces: true, keptWhenAbsent: true };
/** Inputs of the real provider that nothing in this project uses. */
const X = { unsupported: true };
const RX = { replaces: true, unsupported: true };

const time = (): Property => string({ default: "0s", validate: duration });

const throttle = (): Property => set(object({ path: string(), rate: number() }), X);

/** One label of a container. */
const LABEL = object({ label: string({ required: true }), value: string({ required: true }) });

/** docker.Container of the docker provider 5.x: every property of its state, what replaces, what is filled in. */
export const CONTAINER: Schema = {
    attach: boolean({ default: false, ...X }),
    bridge: string({ output: true }),
    capabilities: object({ adds: set(string()), drops: set(string()) }, R),
    cgroupParent: string(RX),
    cgroupnsMode: string(RX),
    command: list(string(), RC),
    containerLogs: string({ output: true }),
    containerReadRefreshTimeoutMilliseconds: number({ default: 15000 }),
    cpuPeriod: number(X),
    cpuQuota: number(X),
    cpuSet: string(X),
    cpuShares: number({ validate: atLeast(0) }),
    cpus: string(R),
    destroyGraceSeconds: number(),
    deviceReadBps: throttle(),
    deviceReadIops: throttle(),
    deviceRequests: set(object({}), RX),
    deviceWriteBps: throttle(),
    deviceWriteIops: throttle(),
    devices: set(object({}), RX),
    dns: set(string(), RX),
    dnsOpts: set(string(), RX),
    dnsSearches: set(string(), RX),
    domainname: string(RX),
    entrypoints: list(string(), RC),
    envs: set(string(), RC),
    exitCode: number({ output: true }),
    gpus: string(RX),
    groupAdds: set(string(), RX),
    healthcheck: object(
        {
            interval: time(),
            retries: number({ default: 0, validate: atLeast(0) }),
            startInterval: time(),
            startPeriod: time(),
            tests: list(string()),
            timeout: time(),
        },
        { computed: true },
    ),
    hostname: string(RC),
    hosts: set(object({}), RX),
    image: string({ required: true, ...R }),
    init: boolean({ computed: true }),
    ipcMode: string({ ...RC, ...X }),
    labels: set(LABEL, RC),
    logDriver: string(RC),
    logOpts: map(R),
    logs: boolean({ default: false, ...X }),
    maxRetryCount: number(X),
    memory: number({ validate: atLeast(0) }),
    memoryReservation: number({ default: 0, ...X }),
    memorySwap: number({ validate: atLeast(-1) }),
    mounts: set(
        object({
            bindOptions: object({
                propagation: string({ validate: oneOf("private", "rprivate", "shared", "rshared", "slave", "rslave") }),
            }),
            readOnly: boolean(),
            source: string(),
            target: string({ required: true }),
            tmpfsOptions: object({}, X),
            type: string({ required: true, validate: oneOf("bind") }),
            volumeOptions: object({}, X),
        }),
        R,
    ),
    mustRun: boolean({ default: true }),
    name: string(R),
    networkDatas: list(object({}), { output: true }),
    networkMode: string({ default: "bridge", ...R }),
    networksAdvanced: set(
        object({
            aliases: set(string()),
            driverOpts: set(string(), X),
            gwPriority: number(X),
            ipv4Address: string(),
            ipv6Address: string(X),
            linkLocalIps: set(string(), X),
            macAddress: string(X),
            name: string({ required: true }),
        }),
        R,
    ),
    pidMode: string(RX),
    platform: string({ ...RC, ...X }),
    ports: list(
        object({
            external: number({ computed: true }),
            internal: number({ required: true }),
            ip: string({ default: "0.0.0.0" }),
            protocol: string({ default: "tcp" }),
        }),
        { ...R, unordered: true },
    ),
    privileged: boolean(RX),
    publishAllPorts: boolean(RX),
    readOnly: boolean({ default: false, ...R }),
    removeVolumes: boolean({ default: true }),
    restart: string({ default: "no", validate: oneOf("no", "on-failure", "always", "unless-stopped") }),
    rm: boolean({ default: false, ...X }),
    runtime: string({ ...RC, ...X }),
    securityOpts: set(string(), RC),
    shmSize: number({ ...RC, ...X }),
    start: boolean({ default: true }),
    stdinOpen: boolean({ default: false, ...RX }),
    stopSignal: string(RC),
    stopTimeout: number(RC),
    storageOpts: map(RX),
    sysctls: map(RX),
    tmpfs: map(),
    tty: boolean({ default: false, ...RX }),
    ulimits: set(object({}), RX),
    uploads: set(
        object({
            content: string(),
            contentBase64: string(),
            executable: boolean({ default: false }),
            file: string({ required: true }),
            permissions: string({ validate: matches(/^0[0-7]{3}$/) }),
            source: string(X),
            sourceHash: string(X),
        }),
        R,
    ),
    user: string(IMAGES_OWN),
    usernsMode: string(RX),
    volumes: set(
        object({
            containerPath: string(),
            fromContainer: string(X),
            hostPath: string({ validate: absolutePath }),
            readOnly: boolean(),
            selinuxRelabel: string(X),
            volumeName: string(),
        }),
        R,
    ),
    wait: boolean({ default: false }),
    waitTimeout: number({ default: 60 }),
    workingDir: string(IMAGES_OWN),
};
