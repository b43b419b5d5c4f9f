import type * as pulumi from "@pulumi/pulumi";

import { probeNas, type NasFacts } from "./probe";
import type { ChosenNas } from "./target";

/** Looks at a NAS without asking whether a registry may be put there. */
export function probeAlone(
    name: string,
    { vendor, target }: ChosenNas,
    opts: pulumi.CustomResourceOptions,
): pulumi.Output<NasFacts> {
    const nothing = { sharedFolder: undefined, dataDirectory: undefined, containerName: "" };
    return probeNas(
        name,
        target,
        vendor.apply((given) => ({ vendor: given, ...nothing })),
        { ownerLabel: "", component: "" },
        opts,
    );
}
