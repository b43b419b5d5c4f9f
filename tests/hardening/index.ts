import * as pulumi from "@pulumi/pulumi";
import { NasMirror, NasRegistry, NetworkMode, RegistryTier, type SshConnectionArgs } from "nas-registry";

const config = new pulumi.Config();
const image = config.get("image");
const redisImage = config.get("redisImage");

for (const vendor of ["synology", "qnap"] as const) {
    const { connection, lanAddress } = config.requireObject<{ connection: SshConnectionArgs; lanAddress: string }>(
        vendor,
    );
    const nas = { vendor, connection, image };
    // Not all at once: an sshd admits few.
    let before: pulumi.Resource[] = [];
    let port = 6000;
    for (const tier of Object.values(RegistryTier)) {
        before = Object.values(NetworkMode).map((networkMode) => {
            port += 1;
            const containerName = `${tier}-${networkMode}`;
            const args = { ...nas, redisImage, tier, networkMode, containerName, port };
            return new NasRegistry(`${vendor}-${containerName}`, args, { dependsOn: before });
        });
    }
    // Of the first of them in the network of the NAS, which a container in another one reaches.
    const upstream = { url: `http://${lanAddress}:6002` };
    new NasMirror(`${vendor}-mirror`, { ...nas, upstream, containerName: "mirror", port: 6000 }, { dependsOn: before });
}
