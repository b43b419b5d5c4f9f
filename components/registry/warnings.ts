import * as pulumi from "@pulumi/pulumi";

import { certificateProblems } from "../certificates/givenCertificate";
import type { NasFacts } from "../nas/facts";
import type { Deployment } from "./deployment";
import { cacheInEffect } from "./sections/cache";
import type { DeploymentArgs } from "./validation";

type Given = Pick<DeploymentArgs, "upstream" | "storage" | "httpSecret">;

/** Says at every update what was asked for and is worth a second thought all the same, and what the NAS cannot do. */
export function giveWarnings(deployment: Deployment, given: Given): void {
    warnOfOpenDoors(deployment, given);
    warnOfEnd(deployment);
    warnOfSharedStorage(deployment, given);
    warnOfPublicObjects(deployment);
    const { nas, structure, dataDirectory } = deployment;
    nas.facts.apply((facts) =>
        missingAbilities(facts, structure.cache === "redis").forEach((missing) => deployment.warn(missing)),
    );
    pulumi.all([nas.facts, dataDirectory]).apply(([facts, directory]) => {
        const problem = directory === undefined ? undefined : shareProblem(facts);
        if (problem) {
            deployment.warn(problem);
        }
    });
}

function warnOfOpenDoors(deployment: Deployment, { upstream }: Given): void {
    const isMirror = upstream !== undefined;
    deployment.settings.apply(({ auth, tls, deletes, readOnly, bindAddress, hostName, port }) => {
        const where = tls === "reverse-proxy" ? `https://${hostName}` : `port ${port} on ${bindAddress}`;
        if (auth === "none") {
            const changes = deletes ? "read, overwrite and delete" : "read and overwrite";
            const rights = readOnly || isMirror ? "read" : changes;
            deployment.warn(`auth is none: whoever reaches ${where} may ${rights} every image without a password.`);
        }
        if (tls === "none") {
            deployment.warn(
                "tls is none: passwords and images cross the network readable, and every client must be told that this registry is insecure.",
            );
        }
    });
}

/** A certificate of the user's is not renewed by `up`. */
function warnOfEnd(deployment: Deployment): void {
    const { settings, confidential } = deployment;
    pulumi.all([settings.certificateNames, confidential]).apply(([names, { certificate }]) => {
        const findings = certificate && certificateProblems(certificate, names, new Date());
        findings?.warnings.forEach((warning) => deployment.warn(`certificate.${warning}`));
    });
}

/** A storage and a secret of the user's own are what several registries need to serve the same images. */
function warnOfSharedStorage(deployment: Deployment, { storage, httpSecret }: Given): void {
    const { cache } = deployment.structure;
    if (storage && httpSecret && ["redis", "inmemory"].includes(cache)) {
        deployment.warn(
            `cache is ${cache}: with a storage that other registries share, what they delete stays in this cache; set cache to external, with one Redis for all, or to none.`,
        );
    }
}

/** The bucket's own rights go past the registry's users. */
function warnOfPublicObjects(deployment: Deployment): void {
    deployment.confidential.apply(({ storage }) => {
        const acl = storage?.s3?.objectAcl;
        if (acl && /^(public|authenticated)-/.test(acl)) {
            deployment.warn(
                `storage.s3.objectAcl is ${acl}: whoever reaches the bucket reads every image without a user of this registry.`,
            );
        }
    });
}

/** What they can do to the images is in SECURITY.md; they reach nothing else of the registry's. */
export function shareProblem({ sharedFolder, shareWriters, dataDirectory }: NasFacts): string | undefined {
    return shareWriters.length > 0 && dataDirectory.startsWith(`${sharedFolder}/`)
        ? `sharedFolder: ${shareWriters.join(", ")} may write in '${sharedFolder}', and so delete the registry's images, or put others in their place; take that right away, or set dataDirectory to a directory outside of shared folders.`
        : undefined;
}

/** What the NAS cannot do and is therefore left out, one sentence each. */
export function missingAbilities(facts: NasFacts, wantsRedis: boolean): string[] {
    const sentences: [isMissing: boolean, sentence: string][] = [
        [!facts.cpuQuota, "the NAS's kernel has no CPU quota (CFS), so the containers run without a CPU limit"],
        [!facts.memoryLimit, "the NAS's kernel has no memory limits, so the containers run without them"],
        [
            !facts.pidsLimit,
            "the NAS's kernel or engine cannot limit processes, so the containers run without such a limit",
        ],
        [
            wantsRedis && cacheInEffect("redis", facts) !== "redis",
            `Redis does not run on this NAS's memory pages of ${facts.pageSize} bytes, so its container stays stopped and the registry caches in its own memory`,
        ],
    ];
    return sentences.filter(([isMissing]) => isMissing).map(([, sentence]) => sentence);
}
