/** A web server that can stand in front of a registry, and a list of registries on the NAS's screens. */
export type Offer = "reverse proxy" | "registry list";

/** What differs between vendors and is needed before the NAS is asked. */
export interface Vendor {
    /** As `vendor` of the arguments has it; `name/name.sh` has its answers to what `vendor.sh` asks. */
    name: string;
    /** The product's name, for messages. */
    label: string;
    /** Host port of the registry when none is given. */
    defaultPort: number;
    /** The same of a mirror, beside a registry. */
    defaultMirrorPort: number;
    /** Shared folder that holds the data when none is given; undefined where there are no shared folders. */
    defaultSharedFolder?: string;
    /** Matches an absolute path inside a shared folder, or another directory that is not the system's, on a data volume. */
    dataPath: RegExp;
    /** Matches a path on an external disk, where that is known by its form and refused. */
    externalPath?: RegExp;
    /** A path that may hold data, for messages. */
    dataPathExample: string;
    /**
     * Matches where a registry's configuration is: a directory that nobody but root can change, outside of shared folders; in
     * the home of an SSH user without root, nobody but that user.
     */
    controlPath: RegExp;
    /** Where SSH is switched on, for messages. */
    sshSetting: string;
    /** Where addresses are blocked after failed logins, for messages. */
    blockSetting: string;
    /** What its own software does for a registry. */
    offers?: readonly Offer[];
    /** Scripts below `components/` that know the NAS's own scheduler. */
    schedulerScripts: readonly string[];
    /** The same for its own snapshots. */
    snapshotScripts: readonly string[];
    /** Paths that every NAS of this vendor has, and none of another. */
    signs: readonly string[];
}
