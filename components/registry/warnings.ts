import * as pulumi from "@pulumi/pulumi";

import { certificateProblems } from "../certificates/givenCertificate";
import type { NasFacts } from "../nas/facts";
import type { Deployment } from "./deployment";
import { cacheInEffect } from "./sections/cache";
import type { Settings } from "./settings";

/** What to warn of, one sentence each. */
type Warnings = (string | false | undefined)[];

/** Says at every update what was asked for and is worth a second thought all the same, and what the NAS cannot do. */
export function giveWarnings(deployment: Deployment): void {
    const { args, component, idle, nas, settings, structure, confidential, dataDirectory } = deployment;
    const say = (warning: Warnings[number]) => warning && void pulumi.log.warn(warning, component);
    const warn = <T>(known: pulumi.Output<T>, warningsOf: (value: T) => Warnings) =>
        void known.apply((value) => warningsOf(value).forEach(say));
    warn(idle, (sentences) => sentences);
    say(
        component.getProvider("docker:index/container:Container") &&
            args.transportKeyFrom &&
            "transportKeyFrom: it does nothing with a docker provider of your own; leave it out.",
    );
    warn(settings, (open) => openDoors(open, args.upstream !== undefined));
    // A certificate of the user's is not renewed by `up`.
    warn(pulumi.all([settings.certificateNames, confidential]), ([names, { certificate }]) =>
        certificate
            ? certificateProblems(certificate, names, new Date()).warnings.map((each) => `certificate.${each}`)
            : [],
    );
    // A storage and a secret of the user's own are what several registries need to serve the same images.
    const mayShareStorage = args.storage !== undefined && args.httpSecret !== undefined;
    warn(pulumi.output(structure.cache), (cache) => [
        mayShareStorage &&
            ["redis", "inmemory"].includes(cache) &&
            `cache is ${cache}: with a storage that other registries share, what they delete stays in this cache; set cache to external, with one Redis for all, or to none.`,
    ]);
    // The bucket's own rights go past the registry's users.
    warn(confidential, ({ storage: { s3: { objectAcl = "" } = {} } = {} }) => [
        /^(public|authenticated)-/.test(objectAcl) &&
            `storage.s3.objectAcl is ${objectAcl}: whoever reaches the bucket reads every image without a user of this registry.`,
    ]);
    warn(nas.facts, (facts) => missingAbilities(facts, structure.cache === "redis"));
    warn(pulumi.all([nas.facts, dataDirectory]), ([facts, directory]) => [directory && shareProblem(facts)]);
}

function openDoors(
    { auth, tls, deletes, readOnly, bindAddress, hostName, port }: Settings,
    isMirror: boolean,
): Warnings {
    const where = tls === "reverse-proxy" ? `https://${hostName}` : `port ${port} on ${bindAddress}`;
    const changes = deletes ? "read, overwrite and delete" : "read and overwrite";
    const rights = readOnly || isMirror ? "read" : changes;
    return [
        auth === "none" && `auth is none: whoever reaches ${where} may ${rights} every image without a password.`,
        tls === "none" &&
            "tls is none: passwords and images cross the network readable, and every client must be told that this registry is insecure.",
    ];
}

/** What they can do to the images is in SECURITY.md; they reach nothing else of the registry's. */
export function shareProblem({ sharedFolder, shareWriters, dataDirectory }: NasFacts): string | undefined {
    return shareWriters.length > 0 && dataDirectory.startsWith(`${sharedFolder}/`)
        ? `dataDirectory: ${shareWriters.join(", ")} may write in '${sharedFolder}', and so delete the registry's images, or put others in their place; take that right away, or set it to a directory where nobody else may write.`
        : undefined;
}

/** What the NAS cannot do and is therefore left out. */
export function missingAbilities(facts: NasFacts, wantsRedis: boolean): Warnings {
    return [
        !facts.cpuQuota && "the NAS's kernel has no CPU quota (CFS), so the containers run without a CPU limit",
        !facts.memoryLimit && "the NAS's kernel has no memory limits, so the containers run without them",
        !facts.pidsLimit &&
            "the NAS's kernel or engine cannot limit processes, so the containers run without such a limit",
        wantsRedis &&
            cacheInEffect("redis", facts) !== "redis" &&
            `Redis does not run on this NAS's memory pages of ${facts.pageSize} bytes, so its container stays stopped and the registry caches in its own memory`,
    ].filter(Boolean);
}
