import type * as pulumi from "@pulumi/pulumi";

import { probeNas, RUN_AS_USER, type NasFacts } from "./probe";
import type { ChosenNas } from "./target";

/** Looks at a NAS without asking whether a registry may be put there. */
export function probeAlone(
    name: string,
    { vendor, target }: ChosenNas,
    opts: pulumi.CustomResourceOptions,
): pulumi.Output<NasFacts> {
    const nothing = { sharedFolder: undefined, dataDirectory: undefined, containerName: "", runAsUser: RUN_AS_USER };
    return probeNas(
        name,
        target,
        vendor.apply((given) => ({ vendor: given, ...nothing })),
        opts,
    );
}
