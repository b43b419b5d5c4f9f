import type * as pulumi from "@pulumi/pulumi";

import type { Section } from "../settings/section";
import { connection, endpointOf, type Keyless, type SshConnectionArgs } from "./connection";
import type { NasVendor } from "./vendors";

/** Arguments of {@link NasProbe}. */
export interface NasProbeArgs {
    /** Make of the NAS. */
    vendor: pulumi.Input<NasVendor>;
    /** How the NAS is reached over SSH. */
    connection: pulumi.Input<SshConnectionArgs>;
}

export interface ReapplyArgs {
    /**
     * Any text; another one makes the next `up` look at the NAS again, and put back what is not as it was: an upgrade of the
     * firmware or of Docker's package may have rewritten a file. @default none @example "after DSM 7.3"
     */
    reapply?: pulumi.Input<string>;
}

/** Arguments that say which NAS is meant. */
export interface NasArgs extends NasProbeArgs, ReapplyArgs {}

export const nas = {
    check: connection.check,
    settings: ({ vendor, connection }) => ({ vendor, endpoint: endpointOf(connection) }),
} satisfies Section<Keyless<NasArgs>>;
