import * as pulumi from "@pulumi/pulumi";
import { CacheKind, NasRegistry, NasVendor, TlsMode, type SshConnectionArgs } from "nas-registry";

const config = new pulumi.Config();
// Of the authority that signed the certificates of all three: the service, the object store, the Redis.
const caCertificate = config.require("caCertificate");

/** What makes two registries one: the same for both, in everything. */
const service = {
    // One name and port, and one certificate for that name. The name's addresses are those of both NASes.
    hostName: config.require("hostName"),
    port: 9160,
    tls: TlsMode.Given,
    certificate: {
        certificate: config.require("certificate"),
        privateKey: config.requireSecret("privateKey"),
        caCertificate,
    },
    trustedCertificates: caCertificate,
    storage: {
        s3: {
            bucket: config.require("bucket"),
            regionEndpoint: config.require("objectStore"),
            accessKey: config.require("accessKey"),
            secretKey: config.requireSecret("secretKey"),
        },
    },
    cache: CacheKind.External,
    externalRedis: {
        addresses: config.requireObject<string[]>("redis"),
        username: config.get("redisUser"),
        password: config.requireSecret("redisPassword"),
        tls: { caCertificate },
    },
    // An upload that began at one goes on at the other.
    httpSecret: config.requireSecret("httpSecret"),
    // On for the time of a garbage collection.
    readOnly: config.getBoolean("readOnly"),
    users: [{ name: "ci", password: config.requireSecret("password") }],
    // The package's own unless the stack names another, as from a mirror.
    image: config.get("image"),
};

const synology = new NasRegistry("synology", {
    ...service,
    vendor: NasVendor.Synology,
    connection: config.requireObject<SshConnectionArgs>("synology"),
});
const qnap = new NasRegistry("qnap", {
    ...service,
    vendor: NasVendor.Qnap,
    connection: config.requireObject<SshConnectionArgs>("qnap"),
});

export const urls = [synology.url, qnap.url]; // the same
export const { url, username, password, dockerLogin } = synology;
export { caCertificate };
