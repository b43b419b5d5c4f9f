import * as pulumi from "@pulumi/pulumi";

import { NasRegistry, type NasRegistryArgs, type NasVendor } from "./components";

type Name = keyof NasRegistryArgs;

// Pulumi.yaml describes the settings; an empty text there is a setting left out.
const config = new pulumi.Config();
const text = (name: string) => (config.get(name) === "" ? undefined : config.get(name));
// Strictly, and what is no number goes on as it is, for the component to refuse: the SDK takes "2,5" for 2.
const number = (name: string) => (Number.isNaN(Number(text(name))) ? text(name) : Number(text(name)));
const flag = (name: string) => (text(name) === undefined ? undefined : config.requireBoolean(name));
const group = (name: string) => config.getObject(name);
const secret = (name: string) => config.getSecret(name);
const secretGroup = (name: string) => config.getSecretObject(name);
const each = (read: (name: string) => unknown, ...names: Name[]) =>
    Object.fromEntries(names.map((name) => [name, read(name)])) as Partial<NasRegistryArgs>;

const registry = new NasRegistry("registry", {
    ...each(text, "tier", "hostName", "bindAddress", "networkMode", "sharedFolder", "dataDirectory"),
    ...each(
        text,
        "dataDirectoryChange",
        "containerName",
        "image",
        "redisImage",
        "restart",
        "tls",
        "minimumTls",
        "auth",
        "transportKeyRotation",
        "reapply",
    ),
    ...each(
        text,
        "lostDataDirectory",
        "takeOverDataFrom",
        "cache",
        "externalUrl",
        "trustedCertificates",
        "logLevel",
        "logFormat",
    ),
    ...each(number, "port", "cpus", "runAsUser", "pidsLimit", "tagConcurrency"),
    ...each(text, "memory", "memorySwap", "redisMemory", "drainTimeout"),
    ...each(flag, "deletes", "readOnly", "redirect", "relativeUrls", "accessLog", "registryList", "daemonTrust"),
    ...each(
        group,
        "certificateNames",
        "transportKeyFrom",
        "labels",
        "logs",
        "headers",
        "uploadPurging",
        "validation",
        "metrics",
        "logFields",
    ),
    ...each(group, "tracing"),
    ...each(secret, "httpSecret", "extraConfig"),
    ...each(secretGroup, "users", "token", "externalRedis", "storage", "certificate", "notifications", "daemonConfig"),
    vendor: config.require<NasVendor>("vendor"),
    connection: {
        host: config.require("host"),
        port: config.getNumber("sshPort"),
        user: text("user"),
        hostKey: config.get("hostKey") ?? "",
        privateKey: config.getSecret("privateKey"),
    },
});

export const { url, catalogUrl, username, password, passwords, caCertificate, dockerLogin } = registry;
export const { clientSetup, clientSetups } = registry;
