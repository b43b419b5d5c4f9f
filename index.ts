import * as pulumi from "@pulumi/pulumi";

import { NasRegistry, type NasVendor } from "./components";

const config = new pulumi.Config();

const registry = new NasRegistry("registry", {
    vendor: config.require<NasVendor>("vendor"),
    connection: {
        host: config.require("host"),
        port: config.getNumber("sshPort"),
        user: config.get("user"),
        hostKey: config.get("hostKey") ?? "",
        privateKey: config.getSecret("privateKey"),
    },
    hostName: config.get("hostName"),
    certificateNames: config.getObject<string[]>("certificateNames"),
    port: config.getNumber("port"),
    sharedFolder: config.get("sharedFolder"),
    dataDirectory: config.get("dataDirectory"),
    username: config.get("username"),
    image: config.get("image"),
    redisImage: config.get("redisImage"),
    memory: config.getNumber("memory"),
    cpus: config.getNumber("cpus"),
    redisMemory: config.getNumber("redisMemory"),
});

export const { url, catalogUrl, username, password, caCertificate, dockerLogin, clientSetup } = registry;
