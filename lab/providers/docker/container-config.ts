import type { ContainerCreateOptions, MountSettings } from "dockerode";
import { flag, given, isProps, number, objects, Props, text, textMap, texts } from "../core/values";
import { older } from "./client";
import { parseDuration } from "./duration";

const MEBIBYTE = 1024 * 1024;

/** What Docker's API is asked to create for these inputs. */
export function containerConfig(inputs: Props, apiVersion: string): ContainerCreateOptions {
    const ports = objects(inputs, "ports");
    const volumes = objects(inputs, "volumes");
    return {
        name: text(inputs, "name"),
        Image: text(inputs, "image"),
        Hostname: text(inputs, "hostname") ?? "",
        User: text(inputs, "user") ?? "",
        WorkingDir: text(inputs, "workingDir") ?? "",
        Env: texts(inputs, "envs"),
        Labels: fromLabels(objects(inputs, "labels")),
        ...(given(inputs.stopSignal) && { StopSignal: text(inputs, "stopSignal") }),
        ...(given(inputs.stopTimeout) && { StopTimeout: number(inputs, "stopTimeout") }),
        ...(texts(inputs, "command").length > 0 && { Cmd: command(inputs) }),
        ...(texts(inputs, "entrypoints").length > 0 && { Entrypoint: texts(inputs, "entrypoints") }),
        ...(isProps(inputs.healthcheck) && { Healthcheck: healthcheck(inputs.healthcheck, apiVersion) }),
        ...(ports.length > 0 && { ExposedPorts: Object.fromEntries(ports.map((port) => [portKey(port), {}])) }),
        ...(volumes.length > 0 && {
            Volumes: Object.fromEntries(volumes.map((volume) => [text(volume, "containerPath") ?? "", {}])),
        }),
        HostConfig: hostConfig(inputs, ports),
    };
}

function command(inputs: Props): string[] {
    const words = texts(inputs, "command");
    if (words.includes("")) {
        throw new Error("values for command may not be empty");
    }
    return words;
}

function hostConfig(inputs: Props, ports: Props[]): ContainerCreateOptions["HostConfig"] {
    const capabilities = isProps(inputs.capabilities) ? inputs.capabilities : {};
    const swap = number(inputs, "memorySwap") ?? 0;
    const cpus = text(inputs, "cpus");
    const volumes = objects(inputs, "volumes").filter((volume) => sourceOf(volume) !== "");
    return {
        RestartPolicy: { Name: text(inputs, "restart") ?? "no", MaximumRetryCount: 0 },
        ReadonlyRootfs: flag(inputs, "readOnly"),
        LogConfig: { Type: text(inputs, "logDriver") ?? "", Config: textMap(inputs, "logOpts") },
        NetworkMode: text(inputs, "networkMode") ?? "bridge",
        Init: flag(inputs, "init"),
        Tmpfs: textMap(inputs, "tmpfs"),
        CapAdd: texts(capabilities, "adds"),
        CapDrop: texts(capabilities, "drops"),
        SecurityOpt: texts(inputs, "securityOpts"),
        Memory: (number(inputs, "memory") ?? 0) * MEBIBYTE,
        ...(swap !== 0 && { MemorySwap: swap > 0 ? swap * MEBIBYTE : swap }),
        CpuShares: number(inputs, "cpuShares") ?? 0,
        ...(cpus && { NanoCpus: nanoCpus(cpus) }),
        ...(ports.length > 0 && { PortBindings: bindings(ports) }),
        ...(volumes.length > 0 && { Binds: volumes.map(bind) }),
        Mounts: objects(inputs, "mounts").map(mount),
    };
}

function nanoCpus(cpus: string): number {
    if (!/^\d+(\.\d{0,9})?$|^\.\d{1,9}$/.test(cpus)) {
        throw new Error(`Error setting cpus: failed to parse ${cpus} as a rational number`);
    }
    return Math.round(Number(cpus) * 1e9);
}

function portKey(port: Props): string {
    return `${number(port, "internal") ?? 0}/${text(port, "protocol") ?? "tcp"}`;
}

function bindings(ports: Props[]): Record<string, { HostIp: string; HostPort: string }[]> {
    const all: Record<string, { HostIp: string; HostPort: string }[]> = {};
    for (const port of ports) {
        const key = portKey(port);
        const binding = { HostIp: text(port, "ip") ?? "0.0.0.0", HostPort: String(number(port, "external") ?? 0) };
        all[key] = [...(all[key] ?? []), binding];
    }
    return all;
}

function bind(volume: Props): string {
    const path = text(volume, "containerPath");
    if (!path) {
        throw new Error("Unable to parse volumes: volume entry without container path or source container");
    }
    return `${sourceOf(volume)}:${path}:${flag(volume, "readOnly") ? "ro" : "rw"}`;
}

function sourceOf(volume: Props): string {
    return [text(volume, "hostPath"), text(volume, "volumeName")].find((source) => source) ?? "";
}

function mount(one: Props): MountSettings {
    const options = isProps(one.bindOptions) ? one.bindOptions : undefined;
    return {
        Type: "bind",
        Source: text(one, "source") ?? "",
        Target: text(one, "target") ?? "",
        ReadOnly: flag(one, "readOnly"),
        ...(options && { BindOptions: { Propagation: (text(options, "propagation") ?? "") as "rprivate" } }),
    };
}

function healthcheck(check: Props, apiVersion: string) {
    const nanoseconds = (name: string) => parseDuration(text(check, name) ?? "0s") ?? 0;
    const startInterval = nanoseconds("startInterval");
    if (startInterval > 0 && older(apiVersion, "1.44")) {
        throw new Error(
            'Unable to create container: "specify health-check start interval" requires API version 1.44, ' +
                `but the Docker daemon API version is ${apiVersion}`,
        );
    }
    return {
        Test: texts(check, "tests"),
        Interval: nanoseconds("interval"),
        Timeout: nanoseconds("timeout"),
        StartPeriod: nanoseconds("startPeriod"),
        Retries: number(check, "retries") ?? 0,
        ...(startInterval > 0 && { StartInterval: startInterval }),
    };
}

function fromLabels(labels: Props[]): Record<string, string> {
    return Object.fromEntries(labels.map((label) => [text(label, "label") ?? "", text(label, "value") ?? ""]));
}
