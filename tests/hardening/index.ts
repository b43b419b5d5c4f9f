import * as pulumi from "@pulumi/pulumi";
import {
    NasMirror,
    NasRegistry,
    NetworkMode,
    RegistryTier,
    type NasVendor,
    type SshConnectionArgs,
} from "nas-registry";

interface Wanted {
    vendor: NasVendor;
    connection: SshConnectionArgs;
    hostName?: string;
    /** Its registries' tiers; all with a mirror when it has none. */
    tiers?: RegistryTier[];
    lanAddress: string;
}

const config = new pulumi.Config();
const image = config.get("image");
const redisImage = config.get("redisImage");

for (const [name, wanted] of Object.entries(config.requireObject<Record<string, Wanted>>("nases"))) {
    const { tiers, lanAddress, ...given } = wanted;
    const nas = { ...given, image };
    // Not all at once: an sshd admits few.
    let before: pulumi.Resource[] = [];
    let port = 6000;
    for (const tier of tiers ?? Object.values(RegistryTier)) {
        before = Object.values(NetworkMode).map((networkMode) => {
            port += 1;
            const containerName = `${tier}-${networkMode}`;
            const args = { ...nas, redisImage, tier, networkMode, containerName, port };
            return new NasRegistry(`${name}-${containerName}`, args, { dependsOn: before });
        });
    }
    if (!tiers) {
        // Of the first of them in the network of the NAS, which a container in another one reaches.
        const upstream = { url: `http://${lanAddress}:6002` };
        const mirror = { ...nas, upstream, containerName: "mirror", port: 6000 };
        new NasMirror(`${name}-mirror`, mirror, { dependsOn: before });
    }
}
