import * as pulumi from "@pulumi/pulumi";
import { NasRegistry, type NasRegistryArgs, type SshConnectionArgs } from "nas-registry";

/** What an SDK that `pulumi package add` generates has for the component. */
class RemoteNasRegistry extends pulumi.ComponentResource {
    public readonly url!: pulumi.Output<string>;
    public readonly username!: pulumi.Output<string>;
    public readonly password!: pulumi.Output<string>;
    public readonly caCertificate!: pulumi.Output<string>;

    constructor(name: string, args: NasRegistryArgs) {
        const outputs = { url: undefined, username: undefined, password: undefined, caCertificate: undefined };
        super("nas-registry:index:NasRegistry", name, { ...args, ...outputs }, {}, true);
    }
}

const config = new pulumi.Config();
const connection = {
    ...config.requireObject<SshConnectionArgs>("connection"),
    privateKey: config.getSecret("privateKey"),
};
const Component = config.requireBoolean("remote") ? RemoteNasRegistry : NasRegistry;
export const { url, username, password, caCertificate } = new Component("registry", {
    vendor: "synology",
    connection,
    hostName: "diskstation.local",
    image: config.get("image"),
    redisImage: config.get("redisImage"),
});
