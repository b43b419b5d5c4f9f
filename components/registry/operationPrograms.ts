import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import type { ScriptValues } from "../nas/script";
import type { OperationName, PlainOperations } from "../operations/operations";
import { regctlConfig } from "../operations/regclient";
import { regsyncValues, targetHost } from "../operations/replication/replication";
import type { dockerEngine } from "./containers/containers";
import type { Deployment } from "./deployment";
import { ownClient, ownHost } from "./ownClient";
import { DEFAULT_RESTIC_IMAGE, REGCTL_TAG, REGSYNC_TAG } from "./sections/images";

/** What the programs in the operations' own containers need: their images, which are not pulled at night, and their files. */
export function operationPrograms(
    { name, structure, settings, confidential, contents }: Deployment,
    engine: ReturnType<typeof dockerEngine>,
    serving: pulumi.Resource,
) {
    const asked = confidential.apply(({ operations = {} }) => operations as PlainOperations);
    const images = {
        restic: asked.apply(({ backup }) => backup?.image ?? DEFAULT_RESTIC_IMAGE),
        regctl: asked.apply(({ retention }) => retention?.image ?? REGCTL_TAG),
        regsync: asked.apply(({ replication }) => replication?.image ?? REGSYNC_TAG),
    };
    const users: Record<keyof typeof images, OperationName[]> = {
        restic: ["backup"],
        regctl: ["retention", "replication"],
        regsync: ["replication"],
    };
    const pulled = Object.entries(images)
        .filter(([program]) =>
            users[program as keyof typeof images].some((each) => structure.operations?.includes(each)),
        )
        .map(([program, image]) => {
            const args = { name: pulumi.unsecret(image), keepLocally: true };
            const opts = pulumi.mergeOptions(engine.opts, { dependsOn: [serving] });
            return new docker.RemoteImage(`${name}-${program}`, args, opts);
        });
    const drawn = pulumi.output({ ...contents, ...images });
    const values = pulumi.all([settings, asked, drawn]).apply(([open, { replication }, made]): ScriptValues => {
        const own = ownHost(open, { ...made.user, caCertificate: made.certificates.caCertificate });
        const target = replication && targetHost(replication.target);
        return {
            ...ownClient(open),
            restic_image: made.restic,
            regctl_image: made.regctl,
            regsync_image: made.regsync,
            backup_password: made.backupPassword,
            regctl_config: regctlConfig(own, ...(target ? [target] : [])),
            ...(replication && target && regsyncValues(own, target, replication)),
        };
    });
    return { values, images: pulled };
}
