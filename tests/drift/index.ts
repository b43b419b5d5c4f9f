import * as pulumi from "@pulumi/pulumi";
import { NasDaemonConfig, NasRegistry, type NasVendor, type SshConnectionArgs } from "nas-registry";

const config = new pulumi.Config();
const nas = {
    reapply: config.get("reapply"),
    vendor: config.require<NasVendor>("vendor"),
    connection: {
        ...config.requireObject<SshConnectionArgs>("connection"),
        privateKey: config.requireSecret("privateKey"),
    },
};
const daemon = new NasDaemonConfig("daemon", { ...nas, insecureRegistries: ["nas.example:5000"] });
const images = { image: config.get("image"), redisImage: config.get("redisImage") };
const registry = new NasRegistry("registry", { ...nas, ...images }, { dependsOn: [daemon] });
export const { password, url } = registry;
