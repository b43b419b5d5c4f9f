import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";

import type { NasFacts, Ownership } from "../../nas/probe";
import type { Settings, Structure } from "../settings";
import type { RegistryContents } from "../contents";
import type { Limits } from "./limits";
import type { RegistryNetworks } from "./networks";

export interface RegistryContainersArgs {
    settings: pulumi.Output<Settings>;
    structure: Structure;
    facts: pulumi.Output<NasFacts>;
    /** Nothing when images are kept elsewhere. */
    dataDirectory: pulumi.Output<string | undefined>;
    contents: RegistryContents;
    ownership: Ownership;
}

/** What both containers are made of. */
export interface ContainerArgs extends RegistryContainersArgs {
    labels: docker.types.input.ContainerLabel[];
    limits: pulumi.Output<Limits>;
    networks: RegistryNetworks;
    /** Where the registry reaches Redis without a network of their own. */
    socket: docker.types.input.ContainerMount;
}
