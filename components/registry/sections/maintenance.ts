import type * as pulumi from "@pulumi/pulumi";

import { filled, section } from "./section";

/** When uploads that nobody ended are removed. */
export interface UploadPurgingArgs {
    /** Removes them. @default true */
    enabled?: pulumi.Input<boolean>;
    /** Time that an upload may take. @default "168h" @is duration 1m..87600h */
    age?: pulumi.Input<string>;
    /** Time between two looks. @default "24h" @is duration 1m..87600h */
    interval?: pulumi.Input<string>;
    /** Logs what would be removed, and removes nothing. @default false */
    dryRun?: pulumi.Input<boolean>;
}

/** What may be done to images, and what is done to them. */
export interface MaintenanceArgs {
    /** Lets clients delete tags, manifests and blobs. @default true, and false in the tier `basic` */
    deletes?: pulumi.Input<boolean>;
    /** Refuses every push and delete; pulls go on. @default false */
    readOnly?: pulumi.Input<boolean>;
    /** When unfinished uploads are removed. @default every 24h those older than 168h @example { age: "24h" } */
    uploadPurging?: pulumi.Input<UploadPurgingArgs>;
    /** Tags that are looked at at once when an image is deleted. @default 8 @example 4 @is whole 1..1000 */
    tagConcurrency?: pulumi.Input<number>;
}

export const maintenance = section<MaintenanceArgs>()({
    // Whoever reaches a registry without users could empty it.
    preset: ({ tier }) => ({ deletes: tier !== "basic" }),
    settings: (args) => ({
        ...filled(args, { deletes: args.deletes, readOnly: false, tagConcurrency: 8 }),
        uploadPurging: filled(args.uploadPurging, { enabled: true, age: "168h", interval: "24h", dryRun: false }),
    }),
    idle: ({ deletes, readOnly, uploadPurging: { enabled } = {} }) => ({
        deletes: deletes && readOnly && "readOnly true",
        tagConcurrency: !deletes && "deletes false",
        ...Object.fromEntries(
            ["age", "interval", "dryRun"].map((name) => [
                `uploadPurging.${name}`,
                enabled === false && "enabled false",
            ]),
        ),
    }),
    keys: {
        "storage.delete": ["deletes", ({ deletes }) => ({ enabled: deletes })],
        "storage.tag": ["tagConcurrency", ({ tagConcurrency }) => ({ concurrencylimit: tagConcurrency })],
        // Must stay: without a mapping in a mapping here, the debug server's /debug/vars shows the whole configuration with its
        // secrets. All of age, interval and dryrun are required once the block is there.
        "storage.maintenance.uploadpurging": [
            "uploadPurging",
            ({ uploadPurging: { dryRun, ...others } }) => ({ ...others, dryrun: dryRun }),
        ],
        "storage.maintenance.readonly": ["readOnly", ({ readOnly }) => ({ enabled: readOnly })],
    },
});
