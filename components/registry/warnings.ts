import * as pulumi from "@pulumi/pulumi";

import type { NasFacts } from "../nas/probe";
import type { AllSettings } from "./settings";
import { certificateProblems } from "../certificates/givenCertificate";
import type { DeploymentArgs } from "./validation";

type Given = Pick<DeploymentArgs, "upstream" | "storage" | "httpSecret">;
type Warn = (text: string) => void;

/** Says at every update what was asked for and is worth a second thought all the same. */
export function giveWarnings(component: pulumi.Resource, given: Given, all: AllSettings): void {
    const warn = (text: string) => void pulumi.log.warn(text, component);
    warnOfOpenDoors(warn, given, all);
    warnOfEnd(warn, all);
    warnOfSharedStorage(warn, given, all);
    warnOfPublicObjects(warn, all);
}

function warnOfOpenDoors(warn: Warn, { upstream }: Given, { settings }: AllSettings): void {
    const isMirror = upstream !== undefined;
    settings.apply(({ auth, tls, deletes, readOnly, bindAddress, hostName, port }) => {
        const where = tls === "reverse-proxy" ? `https://${hostName}` : `port ${port} on ${bindAddress}`;
        if (auth === "none") {
            const changes = deletes ? "read, overwrite and delete" : "read and overwrite";
            const rights = readOnly || isMirror ? "read" : changes;
            warn(`auth is none: whoever reaches ${where} may ${rights} every image without a password.`);
        }
        if (tls === "none") {
            warn(
                "tls is none: passwords and images cross the network readable, and every client must be told that this registry is insecure.",
            );
        }
    });
}

/** A certificate of the user's is not renewed by `up`. */
function warnOfEnd(warn: Warn, { settings, confidential }: AllSettings): void {
    pulumi.all([settings, confidential]).apply(([{ certificateNames }, { certificate }]) => {
        const findings = certificate && certificateProblems(certificate, certificateNames, new Date());
        findings?.warnings.forEach((warning) => warn(`certificate.${warning}`));
    });
}

/** What they can do to the images is in SECURITY.md; they reach nothing else of the registry's. */
export function shareProblem({ sharedFolder, shareWriters, dataDirectory }: NasFacts): string | undefined {
    return shareWriters.length > 0 && dataDirectory.startsWith(`${sharedFolder}/`)
        ? `sharedFolder: ${shareWriters.join(", ")} may write in '${sharedFolder}', and so delete the registry's images, or put others in their place; take that right away, or set dataDirectory to a directory outside of shared folders.`
        : undefined;
}

/** A storage and a secret of the user's own are what several registries need to serve the same images. */
function warnOfSharedStorage(warn: Warn, { storage, httpSecret }: Given, { structure }: AllSettings): void {
    if (storage && httpSecret && ["redis", "inmemory"].includes(structure.cache)) {
        warn(
            `cache is ${structure.cache}: with a storage that other registries share, what they delete stays in this cache; set cache to external, with one Redis for all, or to none.`,
        );
    }
}

/** The bucket's own rights go past the registry's users. */
function warnOfPublicObjects(warn: Warn, { confidential }: AllSettings): void {
    confidential.apply(({ storage }) => {
        const acl = storage?.s3?.objectAcl;
        if (acl && /^(public|authenticated)-/.test(acl)) {
            warn(
                `storage.s3.objectAcl is ${acl}: whoever reaches the bucket reads every image without a user of this registry.`,
            );
        }
    });
}
