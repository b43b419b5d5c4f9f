import { flag, given, isProps, objects, Props, text, Value } from "../core/values";
import { formatDuration } from "./duration";

/** The parts of Docker's answer to "inspect" that are looked at. */
export interface ContainerInspect {
    Id: string;
    Name: string;
    Image: string;
    Platform?: string;
    State: { Running: boolean; ExitCode: number };
    Config: {
        Image: string;
        Hostname: string;
        Domainname: string;
        User: string;
        WorkingDir: string;
        Cmd?: string[] | null;
        Entrypoint?: string[] | null;
        Tty: boolean;
        OpenStdin: boolean;
        StopSignal?: string;
        StopTimeout?: number;
        Healthcheck?: Healthcheck;
    };
    HostConfig: HostConfig;
    NetworkSettings: {
        Bridge?: string;
        Ports?: Record<string, { HostIp: string; HostPort: string }[] | null> | null;
        Networks?: Record<string, Endpoint> | null;
    };
}

interface Healthcheck {
    Test?: string[] | null;
    Interval?: number;
    Timeout?: number;
    StartPeriod?: number;
    StartInterval?: number;
    Retries?: number;
}

interface HostConfig {
    AutoRemove: boolean;
    ReadonlyRootfs: boolean;
    Privileged: boolean;
    PublishAllPorts: boolean;
    Dns?: string[] | null;
    DnsOptions?: string[] | null;
    DnsSearch?: string[] | null;
    SecurityOpt?: string[] | null;
    RestartPolicy: { Name: string; MaximumRetryCount: number };
    Init?: boolean | null;
    CapAdd?: string[] | null;
    CapDrop?: string[] | null;
    Runtime: string;
    Mounts?: Mount[] | null;
    Tmpfs?: Record<string, string> | null;
    Memory: number;
    MemoryReservation: number;
    MemorySwap: number;
    ShmSize: number;
    NanoCpus: number;
    CpuShares: number;
    CpusetCpus: string;
    LogConfig: { Type: string; Config?: Record<string, string> | null };
    StorageOpt?: Record<string, string> | null;
    NetworkMode: string;
    UsernsMode: string;
    Sysctls?: Record<string, string> | null;
    IpcMode: string;
    GroupAdd?: string[] | null;
}

interface Mount {
    Type: string;
    Source: string;
    Target: string;
    ReadOnly?: boolean;
    BindOptions?: { Propagation?: string };
}

interface Endpoint {
    IPAddress: string;
    IPPrefixLen: number;
    Gateway: string;
    GlobalIPv6Address: string;
    GlobalIPv6PrefixLen: number;
    IPv6Gateway: string;
    MacAddress: string;
}

/**
 * What the real provider reads back of a container. Environment, labels, volumes, uploads and networks are not among
 * it; some things only when they were asked for.
 */
export function seenOf(found: ContainerInspect, state: Props): Props {
    const { Config: config, HostConfig: host } = found;
    return {
        name: found.Name.replace(/^\/+/, ""),
        image: text(state, "image")?.startsWith("sha256:") ? found.Image : config.Image,
        platform: found.Platform ?? "linux",
        ...runningState(found, state),
        ...networkState(found, state),
        hostname: config.Hostname,
        domainname: config.Domainname,
        user: config.User,
        workingDir: config.WorkingDir,
        command: config.Cmd ?? [],
        entrypoints: config.Entrypoint ?? [],
        tty: config.Tty,
        stdinOpen: config.OpenStdin,
        stopSignal: config.StopSignal ?? "",
        stopTimeout: config.StopTimeout ?? 0,
        ...(config.Healthcheck && { healthcheck: healthcheck(config.Healthcheck) }),
        ...hostState(host, state),
        ...limits(host),
    };
}

function runningState(found: ContainerInspect, state: Props): Props {
    if (found.State.Running) {
        return {};
    }
    // A container that should run and does not shows as a change, which an update mends.
    return { exitCode: found.State.ExitCode, ...(flag(state, "mustRun") && { mustRun: false }) };
}

function networkState({ NetworkSettings: settings, State }: ContainerInspect, state: Props): Props {
    const networks = Object.entries(settings.Networks ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
    const readPorts = (State.Running || flag(state, "mustRun")) && objects(state, "ports").length > 0;
    return {
        bridge: settings.Bridge ?? "",
        ...(readPorts && { ports: ports(settings.Ports ?? {}) }),
        networkDatas: networks.map(([name, endpoint]) => ({
            networkName: name,
            ipAddress: endpoint.IPAddress,
            ipPrefixLength: endpoint.IPPrefixLen,
            gateway: endpoint.Gateway,
            globalIpv6Address: endpoint.GlobalIPv6Address,
            globalIpv6PrefixLength: endpoint.GlobalIPv6PrefixLen,
            ipv6Gateway: endpoint.IPv6Gateway,
            macAddress: endpoint.MacAddress,
        })),
    };
}

function ports(published: Record<string, { HostIp: string; HostPort: string }[] | null>): Props[] {
    return Object.entries(published)
        .map(([key, bindings]) => ({
            internal: Number(key.split("/")[0]),
            protocol: key.split("/")[1] ?? "tcp",
            bindings,
        }))
        .sort((a, b) => a.internal - b.internal)
        .flatMap(({ internal, protocol, bindings }) =>
            (bindings ?? []).map((one) => ({ internal, external: Number(one.HostPort), ip: one.HostIp, protocol })),
        );
}

function hostState(host: HostConfig, state: Props): Props {
    const capabilities = (host.CapAdd ?? []).length > 0 || (host.CapDrop ?? []).length > 0;
    return {
        rm: host.AutoRemove,
        readOnly: host.ReadonlyRootfs,
        privileged: host.Privileged,
        publishAllPorts: host.PublishAllPorts,
        dns: host.Dns ?? [],
        dnsOpts: host.DnsOptions ?? [],
        dnsSearches: host.DnsSearch ?? [],
        securityOpts: host.SecurityOpt ?? [],
        restart: host.RestartPolicy.Name,
        maxRetryCount: host.RestartPolicy.MaximumRetryCount,
        init: host.Init ?? false,
        ...(capabilities && { capabilities: { adds: host.CapAdd ?? [], drops: host.CapDrop ?? [] } }),
        runtime: host.Runtime,
        mounts: (host.Mounts ?? []).map(mount),
        tmpfs: host.Tmpfs ?? {},
        logDriver: host.LogConfig.Type,
        logOpts: logOptions(host, state),
        storageOpts: host.StorageOpt ?? {},
        networkMode: host.NetworkMode,
        usernsMode: host.UsernsMode,
        sysctls: host.Sysctls ?? {},
        ipcMode: host.IpcMode,
        groupAdds: host.GroupAdd ?? [],
    };
}

function logOptions(host: HostConfig, state: Props): Value {
    const asked = isProps(state.logOpts) && Object.keys(state.logOpts).length > 0;
    return asked ? (host.LogConfig.Config ?? {}) : {};
}

function limits(host: HostConfig): Props {
    return {
        memory: mebibytes(host.Memory),
        memoryReservation: mebibytes(host.MemoryReservation),
        memorySwap: mebibytes(host.MemorySwap),
        shmSize: mebibytes(host.ShmSize),
        ...(host.NanoCpus > 0 && { cpus: decimal(host.NanoCpus) }),
        cpuShares: host.CpuShares,
        cpuSet: host.CpusetCpus,
    };
}

/** -1 stays -1: unlimited. */
function mebibytes(bytes: number): number {
    return bytes > 0 ? Math.floor(bytes / 1024 / 1024) : bytes;
}

/** The real provider's form, with its quirks: "2.0" for 2, "10." for 10, "0.1" for 0.05. */
export function decimal(nanoCpus: number): string {
    const digits = (nanoCpus / 1e9).toFixed(9);
    const zeros = digits.split("0").length - 1;
    return zeros === 9 ? (nanoCpus / 1e9).toFixed(1) : digits.replace(/0+$/, "");
}

function mount(one: Mount): Props {
    const propagation = one.BindOptions?.Propagation;
    return {
        bindOptions: given(propagation) ? { propagation } : null,
        readOnly: one.ReadOnly ?? false,
        source: one.Source,
        target: one.Target,
        tmpfsOptions: null,
        type: one.Type,
        volumeOptions: null,
    };
}

function healthcheck(check: Healthcheck): Props {
    return {
        interval: formatDuration(check.Interval ?? 0),
        retries: check.Retries ?? 0,
        startInterval: formatDuration(check.StartInterval ?? 0),
        startPeriod: formatDuration(check.StartPeriod ?? 0),
        tests: check.Test ?? [],
        timeout: formatDuration(check.Timeout ?? 0),
    };
}
