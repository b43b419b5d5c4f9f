/** When the engine starts a container again. */
export const RestartPolicy = {
    /** Whenever it ends, and with the NAS. */
    Always: "always",
    /** The same unless somebody stopped it. */
    UnlessStopped: "unless-stopped",
    /** When it failed. */
    OnFailure: "on-failure",
    /** Never. */
    No: "no",
} as const;
export type RestartPolicy = (typeof RestartPolicy)[keyof typeof RestartPolicy];

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
