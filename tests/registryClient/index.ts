import * as pulumi from "@pulumi/pulumi";
import { NasRegistry, NasVendor, RegistryClient, type SshConnectionArgs } from "nas-registry";

const config = new pulumi.Config();
const connection = (name: string) => config.requireObject<SshConnectionArgs>(name);

const registry = new NasRegistry("registry", {
    vendor: NasVendor.Synology,
    connection: connection("nas"),
    hostName: "diskstation.local",
    image: config.get("image"),
    redisImage: config.get("redisImage"),
});
const wrongCertificate = config.get("wrongCertificate");
const { registry: address, caCertificate, username, password } = registry;

// With everything, as a user with sudo; and without a login, as root.
const buildServer = new RegistryClient(
    "build-server",
    { connection: connection("buildServer"), registry: address, caCertificate, containerd: true, username, password },
    { dependsOn: [registry] },
);
const webServer = new RegistryClient(
    "web-server",
    {
        connection: connection("webServer"),
        registry: address,
        caCertificate: wrongCertificate ? Buffer.from(wrongCertificate, "base64").toString() : caCertificate,
    },
    { dependsOn: [registry] },
);

export const { clientSetup, dockerLogin, url } = registry;
export { caCertificate, password, username };
export const clients = [buildServer.registry, webServer.registry];
