import * as pulumi from "@pulumi/pulumi";

import { NasRegistry, type NasVendor } from "./components";

// Pulumi.yaml has every setting's type, default and description; an empty text there is a setting left out.
const config = new pulumi.Config();
const text = (name: string) => (config.get(name) === "" ? undefined : config.get(name));

const registry = new NasRegistry("registry", {
    vendor: config.require<NasVendor>("vendor"),
    connection: {
        host: config.require("host"),
        port: config.getNumber("sshPort"),
        user: text("user"),
        hostKey: config.get("hostKey") ?? "",
        privateKey: config.getSecret("privateKey"),
    },
    hostName: text("hostName"),
    certificateNames: config.getObject<string[]>("certificateNames"),
    port: config.getNumber("port"),
    sharedFolder: text("sharedFolder"),
    dataDirectory: text("dataDirectory"),
    containerName: text("containerName"),
    username: text("username"),
    image: text("image"),
    redisImage: text("redisImage"),
    memory: config.getNumber("memory"),
    // Strictly: the SDK's getNumber takes "2,5" for 2.
    cpus: Number(text("cpus") ?? 2),
    redisMemory: config.getNumber("redisMemory"),
});

export const { url, catalogUrl, username, password, caCertificate, dockerLogin, clientSetup } = registry;
