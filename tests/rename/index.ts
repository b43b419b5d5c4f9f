import * as pulumi from "@pulumi/pulumi";
import { NasRegistry, type SshConnectionArgs } from "nas-registry";

const config = new pulumi.Config();
const earlier = config.get("earlierName");

export const { url, username, password, caCertificate, clientSetup, dockerLogin } = new NasRegistry(
    config.require("name"),
    {
        vendor: "synology",
        connection: config.requireObject<SshConnectionArgs>("connection"),
        hostName: "diskstation.local",
        containerName: "registry",
        image: config.get("image"),
        redisImage: config.get("redisImage"),
    },
    { aliases: earlier === undefined ? [] : [{ name: earlier }] },
);
