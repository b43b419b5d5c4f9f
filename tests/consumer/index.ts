import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { NasDaemonConfig, NasMirror, NasRegistry, NasVendor, NetworkMode, type SshConnectionArgs } from "nas-registry";

const config = new pulumi.Config();
const synology = config.requireObject<SshConnectionArgs>("synology");
const qnap = config.requireObject<SshConnectionArgs>("qnap");
const image = config.get("image");
const images = { image, redisImage: config.get("redisImage") };

// Two on one NAS: one with the transport that the component makes, one with a provider of this program's own.
const onSynology = { vendor: NasVendor.Synology, connection: synology, hostName: "diskstation.local" };
const team = new NasRegistry("team", { ...onSynology, ...images });
const own = new docker.Provider("own", {
    host: config.require("dockerHost"),
    sshOpts: config.requireObject<string[]>("sshOpts"),
});
const builds = new NasRegistry(
    "builds",
    { ...onSynology, ...images, containerName: "build-cache", port: 9161, memory: "256m" },
    { providers: [own] },
);
// In the NAS's own network, with metrics; and on the other NAS a mirror of it.
const lanAddress = config.require("lanAddress");
const office = new NasRegistry("office", {
    ...images,
    vendor: NasVendor.Qnap,
    connection: qnap,
    hostName: "qnap.local",
    certificateNames: [lanAddress],
    networkMode: NetworkMode.Host,
    metrics: { address: lanAddress },
    users: [{ name: "anna", password: config.requireSecret("annasPassword") }, { name: "otto" }],
});
const mirror = new NasMirror(
    "mirror",
    {
        ...onSynology,
        image,
        port: 5050,
        upstream: {
            url: `https://${lanAddress}:5000`,
            username: "otto",
            password: office.passwords.apply(({ otto = "" }) => otto),
        },
        trustedCertificates: office.caCertificate,
    },
    { dependsOn: [office] },
);
// Restarts the Synology's Docker daemon, so everything else on it comes before and goes after.
new NasDaemonConfig(
    "daemon",
    {
        vendor: NasVendor.Synology,
        connection: synology,
        registryMirrors: [mirror.url],
    },
    { dependsOn: [team, builds, mirror] },
);

export const registries = pulumi.all(
    Object.fromEntries(
        Object.entries({ team, builds, office }).map(
            ([name, { url, username, password, caCertificate, clientSetup, dockerLogin }]) => [
                name,
                { url, username, password, caCertificate, clientSetup, dockerLogin },
            ],
        ),
    ),
);
export const { url: mirrorUrl, caCertificate: mirrorCaCertificate, clientSetup: mirrorSetup } = mirror;
