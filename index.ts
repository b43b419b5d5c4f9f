import * as pulumi from "@pulumi/pulumi";

import { NasRegistry, type NasRegistryArgs } from "./components";

// The component checks it like any other program's arguments, and makes a secret of every part that may be one.
const args = new pulumi.Config().getObject<NasRegistryArgs>("registry");
if (!(args instanceof Object)) {
    throw new pulumi.RunError(
        "nas-registry:registry: it must be an object with the arguments of NasRegistry, of which 'vendor' and 'connection' are required; begin with 'pulumi config set --path registry.vendor synology', or copy Pulumi.synology.yaml.",
    );
}
const registry = new NasRegistry("registry", args);

export const { url, catalogUrl, username, password, passwords, backupPassword, caCertificate, dockerLogin } = registry;
