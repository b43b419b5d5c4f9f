import * as pulumi from "@pulumi/pulumi";
import { NasRegistry, NasVendor } from "nas-registry";

const config = new pulumi.Config();

const registry = new NasRegistry("registry", {
    vendor: NasVendor.Synology,
    connection: { host: "diskstation.local", hostKey: config.require("hostKey") },
    certificateNames: ["192.168.1.20"],
    memory: "512m",
});

export const url = registry.url;
export const password = registry.password; // a secret
