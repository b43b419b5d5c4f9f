import * as pulumi from "@pulumi/pulumi";
import { NasRegistry, NasVendor, type SshConnectionArgs } from "nas-registry";

const config = new pulumi.Config();
const [image, redisImage] = [config.get("image"), config.get("redisImage")];

for (const [index, connection] of config.requireObject<SshConnectionArgs[]>("nases").entries()) {
    new NasRegistry(`nas-${index}`, { vendor: NasVendor.Synology, connection, image, redisImage });
}
