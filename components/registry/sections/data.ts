import type * as pulumi from "@pulumi/pulumi";

import { RUN_AS_USER, type NasArgs } from "../../nas/nas";
import { vendors } from "../../nas/vendors";
import { filled, section } from "./section";
import type { ObjectStorageArgs } from "./storage";

/** What happens to the images when the data directory becomes another one. */
export const DataDirectoryChange = {
    /** Nothing: the update is refused, unless there are no images or somebody has put some into the new directory. */
    Refuse: "refuse",
    /** They are moved, in one step and while the registry serves; both directories must be on one volume. */
    Move: "move",
    /** They stay in the old directory, and the registry goes on with what is in the new one. */
    Leave: "leave",
} as const;
export type DataDirectoryChange = (typeof DataDirectoryChange)[keyof typeof DataDirectoryChange];

/** The directory with the images. */
export interface DataArgs {
    /**
     * Shared folder that holds the images; it must exist. The configuration is on the same volume, outside of it.
     * @default the vendor's (docs/reference/vendors.md) @example "images"
     * @is share
     */
    sharedFolder?: pulumi.Input<string>;
    /**
     * Absolute path of the directory with the images, inside a shared folder or in another directory of a data volume; external
     * disks are none on Synology and QNAP. It is made when it does not exist, belongs to `runAsUser` alone, and nothing here ever deletes it. It bears a mark: a folder
     * that is not mounted, or another one in its place, is refused before anything is changed.
     * @default `<containerName>-data` in the shared folder @example "/volume2/docker/registry-data" @is directory
     */
    dataDirectory?: pulumi.Input<string>;
    /**
     * Name of a data directory that is not coming back, as the refusal of its absence gives it. What is in its place then is
     * used, or a new, empty one is made; it stands for that one directory only, so it may stay.
     * @default none @example "3f2a9c01" @is like /^[0-9a-f]{8}$/ the name that the refusal of 'up' gives
     */
    lostDataDirectory?: pulumi.Input<string>;
    /**
     * Owner, as `uid:gid`, of a data directory that exists already and is to be given to `runAsUser`, with all that is in it.
     * One of another owner is refused, since its files may be somebody else's. Needs root on the NAS. It must be known
     * when the program runs.
     * @default none @example "0:0" @is like /^\d{1,10}:\d{1,10}$/ uid:gid, two numbers, for instance 0:0
     */
    takeOverDataFrom?: string;
    /** What happens to the images when `dataDirectory` becomes another one. @default "refuse" */
    dataDirectoryChange?: pulumi.Input<DataDirectoryChange>;
    /**
     * Number of the user and of the group that the containers run as and that the images belong to: never 0, nor that of a
     * person. Where the SSH user has no root it is that user's own.
     * @default 91600, which no NAS gives to anybody @example 91601 @is userId
     */
    runAsUser?: pulumi.Input<number>;
}

/** What the images' directory is and becomes. */
const OF_DIRECTORY = ["dataDirectory", "lostDataDirectory", "takeOverDataFrom", "dataDirectoryChange"];

export const data = section<DataArgs & NasArgs & ObjectStorageArgs>()({
    check: (problems, args) => {
        const { sharedFolder, dataDirectory, vendor } = args;
        for (const name of OF_DIRECTORY.filter((each) => "storage" in args && each in args)) {
            problems.add(
                `${name}: it is not allowed with storage, where the images are then; leave one of the two out.`,
            );
        }
        if (vendor && vendor in vendors) {
            const { defaultSharedFolder, label, dataPath, externalPath, dataPathExample } = vendors[vendor];
            if (defaultSharedFolder === undefined) {
                problems.check("sharedFolder", sharedFolder, {
                    isRight: () => false,
                    allowed: `left out, since ${label} has no shared folders: dataDirectory says where images are`,
                });
            }
            const isExternal = dataDirectory !== undefined && externalPath?.test(dataDirectory);
            const unplugged = isExternal ? " and of no external disk, which can be unplugged" : "";
            problems.check("dataDirectory", dataDirectory, {
                isRight: (path) => dataPath.test(path) && !/(^|\/)\.\.?(\/|$)/.test(path),
                allowed: `an absolute path of a directory inside a shared folder, or another directory, of a data volume of the NAS${unplugged}, for instance ${dataPathExample}`,
            });
        }
    },
    settings: (args) =>
        filled(args, {
            sharedFolder: vendors[args.vendor].defaultSharedFolder,
            dataDirectory: undefined,
            lostDataDirectory: undefined,
            dataDirectoryChange: DataDirectoryChange.Refuse,
            runAsUser: RUN_AS_USER,
        }),
    structure: ({ takeOverDataFrom }) => ({ takeOverDataFrom }),
});
